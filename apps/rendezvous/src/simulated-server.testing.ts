// The real rendezvous core behind testkit's sockets, on a virtual clock. Its rooms outlive it, as a
// database does; everything else ends when it is killed.
import { parseRoomId, ROOMS_PATH } from '@knothole/wire'
import type { RoomId } from '@knothole/wire'
import type { Clock } from '@knothole/engine'
import type { AcceptSocket, FakeSockets, ServerSocket } from '@knothole/testkit'
import { Rendezvous } from './core/index.ts'
import type { CryptoPort, RendezvousInput, RendezvousOutput, Room } from './core/index.ts'

/** Longer than any simulation. */
const ROOM_LIFE_MS = 30 * 24 * 3_600_000

/** How long a look-up in the database takes. */
const LOOK_UP_MS = 1

export class SimulatedServer {
  readonly rooms: Map<RoomId, Room> = new Map<RoomId, Room>()
  readonly #clock: Clock
  readonly #crypto: CryptoPort
  readonly #sockets: FakeSockets
  readonly #turnUrls: readonly string[]
  #running: Running | undefined

  constructor(options: {
    readonly clock: Clock
    readonly crypto: CryptoPort
    readonly sockets: FakeSockets
    /** TURN servers that peers are told of. */
    readonly turnUrls?: readonly string[]
  }) {
    this.#turnUrls = options.turnUrls ?? []
    this.#clock = options.clock
    this.#crypto = options.crypto
    this.#sockets = options.sockets
  }

  get isUp(): boolean {
    return this.#running !== undefined
  }

  addRoom(id: RoomId, admissionKey: Room['admissionKey']): void {
    const createdAtMs = this.#clock.nowMs()
    const expiresAtMs = createdAtMs + ROOM_LIFE_MS
    this.rooms.set(id, { id, admissionKey, createdAtMs, lastUsedAtMs: createdAtMs, expiresAtMs })
  }

  start(): void {
    const running = new Running(this.#clock, this.#crypto, {
      rooms: this.rooms,
      turnUrls: this.#turnUrls,
    })
    this.#running = running
    this.#sockets.accept = running.accept
  }

  /** As kill -9 does it: every socket breaks, nobody is told why. */
  kill(): void {
    this.#sockets.accept = undefined
    this.#sockets.cut()
    this.#running?.stop()
    this.#running = undefined
  }
}

/** One life of the process. */
class Running {
  readonly #clock: Clock
  readonly #rooms: ReadonlyMap<RoomId, Room>
  readonly #turnUrls: readonly string[]
  readonly #machine: Rendezvous
  readonly #open = new Map<number, ServerSocket>()
  #count = 0
  #cancelTimer: (() => void) | undefined
  #isDraining = false
  #isStopped = false

  constructor(
    clock: Clock,
    crypto: CryptoPort,
    { rooms, turnUrls }: { rooms: ReadonlyMap<RoomId, Room>; turnUrls: readonly string[] },
  ) {
    this.#turnUrls = turnUrls
    this.#clock = clock
    this.#rooms = rooms
    const options = {
      crypto,
      backlogOf: () => 0,
      roomLifeMs: ROOM_LIFE_MS,
      limitNetworks: false,
      turnSecret: 'shared with the relays',
    }
    this.#machine = new Rendezvous(options, this.#nowMs())
  }

  readonly accept: AcceptSocket = (end) => {
    const socket = ++this.#count
    this.#open.set(socket, end)
    const room = roomOf(end.url)
    const remote = { family: 'IPv4', address: end.address, port: 40_000 } as const
    this.#input({ type: 'socket-opened', socket, room, remote, turnUrls: this.#turnUrls })
    return {
      onFrame: (data) => this.#input({ type: 'message', socket, data, isBinary: true }),
      onClose: () => {
        this.#open.delete(socket)
        this.#input({ type: 'socket-closed', socket })
      },
    }
  }

  stop(): void {
    this.#isStopped = true
    this.#cancelTimer?.()
  }

  /** Whole ms, as the server's own clock gives them: they go into frames. */
  #nowMs(): number {
    return Math.floor(this.#clock.nowMs())
  }

  #input(input: RendezvousInput): void {
    if (this.#isStopped) return
    this.#machine.handle(input, this.#nowMs())
    this.#settle()
  }

  #settle(): void {
    if (this.#isDraining) return
    this.#isDraining = true
    for (let out = this.#machine.poll(); out !== undefined; out = this.#machine.poll()) {
      this.#perform(out)
    }
    this.#isDraining = false
    this.#cancelTimer?.()
    const deadlineMs = this.#machine.deadlineMs()
    if (deadlineMs === undefined || deadlineMs === Infinity) return
    this.#cancelTimer = this.#clock.schedule(Math.ceil(deadlineMs), () => {
      this.#machine.tick(this.#nowMs())
      this.#settle()
    })
  }

  #perform(out: RendezvousOutput): void {
    switch (out.type) {
      case 'send':
        this.#open.get(out.socket)?.send(out.data)
        return
      case 'close':
        this.#close(out.socket, out.code)
        return
      case 'drop':
        this.#close(out.socket, 1006)
        return
      case 'find-room':
        this.#clock.schedule(this.#clock.nowMs() + LOOK_UP_MS, () => {
          this.#input({ type: 'room-found', socket: out.socket, room: this.#rooms.get(out.room) })
        })
        return
      case 'ping': {
        const { socket } = out
        this.#open.get(socket)?.ping(() => this.#input({ type: 'sign-of-life', socket }))
        return
      }
      case 'probe': {
        const { socket, place } = out
        const result = { ...place, otherAddress: 'untested', otherPort: 'untested' } as const
        this.#clock.schedule(this.#clock.nowMs(), () =>
          this.#input({ type: 'probed', socket, result }),
        )
        return
      }
      case 'renew-room':
      case 'sweep-rooms':
      case 'event':
    }
  }

  #close(socket: number, code: number): void {
    this.#open.get(socket)?.close(code)
    this.#open.delete(socket)
    this.#clock.schedule(this.#clock.nowMs(), () => this.#input({ type: 'socket-closed', socket }))
  }
}

function roomOf(url: string): RoomId {
  const text = new RegExp(`${ROOMS_PATH}/([^/]+)/socket$`).exec(url)?.[1] ?? ''
  const room = parseRoomId(text)
  if (room === undefined) throw new Error(`${url} is no socket of a room`)
  return room
}
