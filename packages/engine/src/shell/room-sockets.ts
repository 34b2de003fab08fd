// The sockets of a room to its rendezvous, by the numbers the session gives them, and requests that find
// out whether a rendezvous can be reached. Decides nothing.
import { encodeClientFrame } from '@knothole/wire'
import type { ClientFrame, RoomId } from '@knothole/wire'
import type { SessionInput } from '../core/index.ts'
import type { OpenSocket, Socket } from '../ports/index.ts'

/** A room at one rendezvous. */
export interface SocketPlace {
  readonly socketUrl: string
  readonly room: RoomId
}

export interface RoomSocketsOptions {
  /** The first, and others in their order. */
  readonly places: readonly [SocketPlace, ...SocketPlace[]]
  readonly openSocket: OpenSocket
  /** Answers whether the server of a socket URL can be reached. */
  readonly knock: ((socketUrl: string) => Promise<boolean>) | undefined
  readonly input: (input: SessionInput) => void
}

export class RoomSockets {
  readonly #options: RoomSocketsOptions
  readonly #open = new Map<number, { readonly socket: Socket; readonly room: RoomId }>()

  constructor(options: RoomSocketsOptions) {
    this.#options = options
  }

  open(number: number, place?: number): void {
    const { input, openSocket } = this.#options
    const { socketUrl, room } = this.#at(place)
    const socket = openSocket(socketUrl, {
      onOpen: () => input({ type: 'socket-open', socket: number }),
      onFrame: (frame) => input({ type: 'socket-frame', socket: number, frame }),
      onClose: (code) => {
        this.#open.delete(number)
        input({ type: 'socket-closed', socket: number, code })
      },
    })
    this.#open.set(number, { socket, room })
  }

  close(number: number): void {
    this.#open.get(number)?.socket.close()
    this.#open.delete(number)
  }

  send(number: number, frame: ClientFrame): void {
    this.#open.get(number)?.socket.send(encodeClientFrame(frame))
  }

  /** The id of the room at the rendezvous of a socket. */
  roomOf(number: number): RoomId | undefined {
    return this.#open.get(number)?.room
  }

  /** Asks the server at a place for a sign of life. */
  async knock(place?: number): Promise<void> {
    const { knock, input } = this.#options
    if ((await knock?.(this.#at(place).socketUrl)) === true) input({ type: 'knock-answered' })
  }

  #at(place = 0): SocketPlace {
    const { places } = this.#options
    return places[place] ?? places[0]
  }
}
