// Runs the rendezvous machine in virtual time for tests: sockets are numbers, rooms a map, and every
// output is kept.
import { decodeServerFrame, encodeClientFrame, peerIdOf, roomIdOf } from '@knothole/wire'
import type { Bytes, ClientFrame, PeerId, ServerFrame } from '@knothole/wire'
import { toTransportAddress } from '@knothole/traversal'
import { nodeCrypto } from '../shell/node-crypto.ts'
import { createTestKeys, signJoin } from '../shell/test-peer.testing.ts'
import type { TestKeys, TestRoom } from '../shell/test-peer.testing.ts'
import { Rendezvous } from './rendezvous.ts'
import type { RendezvousInput } from './rendezvous.ts'
import type { RendezvousOutput } from './outbox.ts'
import type { Room } from './room-store.ts'
import type { SocketId } from './socket-table.ts'

export const ROOM_LIFE_MS = 30 * 86_400_000

type Output<Type extends RendezvousOutput['type']> = Extract<RendezvousOutput, { type: Type }>

/** A peer of a test at its socket. */
export interface Visitor {
  readonly socket: SocketId
  readonly keys: TestKeys
  readonly peer: PeerId
}

export class RendezvousRig {
  nowMs = 1_800_000_000_000
  readonly rooms = new Map<string, Room>()
  /** By which every socket reaches the relays. */
  turnUrls: readonly string[] = ['turn:192.0.2.9:3478']
  readonly backlog = new Map<SocketId, number>()
  readonly outputs: RendezvousOutput[] = []
  /** Whether look-ups are answered as they are asked. */
  answersLookUps = true
  readonly machine: Rendezvous
  readonly #read = new Map<SocketId, number>()
  #lastSocket = 0

  constructor({
    limitNetworks = true,
    turnSecret,
    roomCapacity,
  }: {
    readonly limitNetworks?: boolean
    readonly turnSecret?: string
    readonly roomCapacity?: number
  } = {}) {
    const backlogOf = (socket: SocketId): number => this.backlog.get(socket) ?? 0
    this.machine = new Rendezvous(
      {
        crypto: nodeCrypto,
        backlogOf,
        roomLifeMs: ROOM_LIFE_MS,
        limitNetworks,
        turnSecret,
        roomCapacity,
      },
      this.nowMs,
    )
    this.#tick()
  }

  /** A stored room and its keys. */
  makeRoom(): TestRoom {
    const id = roomIdOf(nodeCrypto.randomBytes(16))
    const admission = createTestKeys()
    this.rooms.set(id, {
      id,
      admissionKey: admission.publicKey,
      createdAtMs: this.nowMs,
      lastUsedAtMs: this.nowMs,
      expiresAtMs: this.nowMs + ROOM_LIFE_MS,
    })
    return { id, admission }
  }

  open(room: Pick<TestRoom, 'id'>, address = '192.0.2.1'): SocketId {
    const remote = toTransportAddress(address, 40_000 + this.#lastSocket)
    if (remote === null) throw new Error(`${address} is no address`)
    const socket = ++this.#lastSocket
    const { turnUrls } = this
    this.input({ type: 'socket-opened', socket, room: room.id, remote, turnUrls })
    return socket
  }

  /** Opens a socket and joins with a good join, or one that `spoil` changed. */
  join(
    room: TestRoom,
    more: {
      readonly keys?: TestKeys
      readonly card?: Bytes
      readonly offer?: Bytes
      readonly address?: string
      readonly spoil?: (frame: ClientFrame & { type: 'join' }) => ClientFrame
    } = {},
  ): Visitor {
    const socket = this.open(room, more.address)
    const session = more.keys ?? createTestKeys()
    const peer = peerIdOf(nodeCrypto.sha256(session.publicKey))
    const [challenge] = this.framesOf(socket, 'challenge')
    // A socket that was refused on arrival has nothing to answer.
    if (challenge === undefined) return { socket, keys: session, peer }
    const card = more.card ?? new Uint8Array([1])
    const frame = signJoin({ room, session, nonce: challenge.nonce, card, offer: more.offer })
    this.send(socket, more.spoil?.(frame) ?? frame)
    return { socket, keys: session, peer }
  }

  send(socket: SocketId, frame: ClientFrame): void {
    this.input({ type: 'message', socket, data: encodeClientFrame(frame), isBinary: true })
  }

  input(input: RendezvousInput): void {
    this.machine.handle(input, this.nowMs)
    this.#drain()
  }

  /** Lets time pass, tick by tick. */
  advance(ms: number): void {
    const endMs = this.nowMs + ms
    for (;;) {
      const deadlineMs = this.machine.deadlineMs() ?? Infinity
      if (deadlineMs > endMs) break
      this.nowMs = Math.max(this.nowMs, deadlineMs)
      this.#tick()
    }
    this.nowMs = endMs
  }

  /** Lets time pass with the process stopped: one late tick. */
  freeze(ms: number): void {
    this.nowMs += ms
    this.#tick()
  }

  /** Everything a socket was ever sent. */
  frames(socket: SocketId): ServerFrame[] {
    return this.outputs.flatMap((output) => {
      if (output.type !== 'send' || output.socket !== socket) return []
      const decoded = decodeServerFrame(output.data)
      if (!decoded.ok) throw new Error(`a bad frame was sent: ${decoded.fault}`)
      return [decoded.value]
    })
  }

  /** Frames of one type. */
  framesOf<Type extends ServerFrame['type']>(
    socket: SocketId,
    type: Type,
  ): Extract<ServerFrame, { type: Type }>[] {
    const isType = (frame: ServerFrame): frame is Extract<ServerFrame, { type: Type }> =>
      frame.type === type
    return this.frames(socket).filter(isType)
  }

  /** Types of the frames since this was last asked. */
  news(socket: SocketId): string[] {
    const all = this.frames(socket).map((frame) => frame.type)
    const fresh = all.slice(this.#read.get(socket) ?? 0)
    this.#read.set(socket, all.length)
    return fresh
  }

  of<Type extends RendezvousOutput['type']>(type: Type): Output<Type>[] {
    const isType = (output: RendezvousOutput): output is Output<Type> => output.type === type
    return this.outputs.filter(isType)
  }

  /** The close code a socket got, if it was closed. */
  closeCode(socket: SocketId): number | undefined {
    return this.of('close').find((output) => output.socket === socket)?.code
  }

  #tick(): void {
    this.machine.tick(this.nowMs)
    this.#drain()
  }

  #drain(): void {
    for (let output = this.machine.poll(); output !== undefined; output = this.machine.poll()) {
      this.outputs.push(output)
      if (output.type === 'find-room' && this.answersLookUps) {
        const room = this.rooms.get(output.room)
        this.machine.handle({ type: 'room-found', socket: output.socket, room }, this.nowMs)
      } else if (output.type === 'renew-room') {
        const room = this.rooms.get(output.use.id)
        if (room !== undefined) this.rooms.set(room.id, { ...room, ...output.use })
      }
    }
  }
}
