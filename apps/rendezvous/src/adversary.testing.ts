// A rendezvous that lies: stands between the real one and its peers, sees every frame, and may change,
// keep, repeat or invent what peers are told. Knows what a server knows and no more.
import type { AcceptSocket, ServerSocket } from '@knothole/testkit'
import { decodeServerFrame, encodeServerFrame } from '@knothole/wire'
import type { Bytes, PeerId, ServerFrame } from '@knothole/wire'

export type SignalFrame = Extract<ServerFrame, { type: 'signal' }>

/** What becomes of a frame on its way to a peer: none, one or several. */
export type Lie = (frame: ServerFrame, to: PeerId | undefined) => ServerFrame[]

/** A signal that passed, and whom it was for. */
export interface Witnessed {
  readonly to: PeerId | undefined
  readonly frame: SignalFrame
}

const honest: Lie = (frame) => [frame]

export class Adversary {
  /** Every byte that peers sent. */
  readonly fromPeers: Bytes[] = []
  /** Frames for each address, in order. */
  readonly told = new Map<string, ServerFrame[]>()
  readonly signals: Witnessed[] = []
  /** Cards, by the peer they were first shown for. */
  readonly cards = new Map<PeerId, Bytes>()
  lie: Lie = honest
  readonly #sockets = new Map<PeerId, ServerSocket>()

  /** Stands before a server. */
  readonly before = (accept: AcceptSocket): AcceptSocket => {
    return (socket) => {
      let peer: PeerId | undefined
      const tell = (data: Bytes): void => {
        const decoded = decodeServerFrame(data)
        if (!decoded.ok) throw new Error(`the server said something odd: ${decoded.fault}`)
        const frame = decoded.value
        if (frame.type === 'welcome') {
          peer = frame.peer
          this.#sockets.set(peer, socket)
        }
        this.#witness(frame, peer)
        for (const told of this.lie(frame, peer)) this.#say(socket, told)
      }
      const events = accept({ ...socket, send: tell })
      return {
        onClose: () => events.onClose(),
        onFrame: (data) => {
          this.fromPeers.push(data)
          events.onFrame(data)
        },
      }
    }
  }

  /** Tells a peer something out of thin air. */
  invent(to: PeerId, frame: ServerFrame): void {
    const socket = this.#sockets.get(to)
    if (socket === undefined) throw new Error('there is no such peer')
    this.#say(socket, frame)
  }

  stop(): void {
    this.lie = honest
  }

  #say(socket: ServerSocket, frame: ServerFrame): void {
    const told = this.told.get(socket.address) ?? []
    this.told.set(socket.address, told)
    told.push(frame)
    socket.send(encodeServerFrame(frame))
  }

  #witness(frame: ServerFrame, to: PeerId | undefined): void {
    if (frame.type === 'signal') this.signals.push({ to, frame })
    if (frame.type === 'joined') this.cards.set(frame.participant.peer, frame.participant.card)
  }
}

/** The signals among a peer's frames, changed; other frames pass as they are. */
export function onSignals(change: (frame: SignalFrame) => ServerFrame[]): Lie {
  return (frame) => (frame.type === 'signal' ? change(frame) : [frame])
}
