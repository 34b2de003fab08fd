// The open sockets: what each may still do, when it was last heard, and how many a network has.
import type { TransportAddress } from '@knothole/traversal'
import type { Bytes, JoinFrame, PeerId, RoomId } from '@knothole/wire'
import {
  BYTE_RATE,
  FRAME_RATE,
  ICE_SERVERS_RATE,
  MAX_SOCKETS,
  MAX_SOCKETS_PER_NETWORK,
  MISTAKE_RATE,
  PING_INTERVAL_MS,
  PROBE_RATE,
  RELAY_DROP_RATE,
} from './limits.ts'
import { networkOf } from './network.ts'
import type { Room } from './room-store.ts'
import { TokenBucket } from './token-bucket.ts'

/** A socket, numbered by the shell; a number is not used twice. */
export type SocketId = number

/** A socket: `waiting` for its join, `joined`, or `closing` and not listened to any more. */
export interface Socket {
  readonly id: SocketId
  readonly roomId: RoomId
  readonly remote: TransportAddress
  /** What its join has to answer. */
  nonce: Bytes
  readonly openedAtMs: number
  readonly frames: TokenBucket
  readonly bytes: TokenBucket
  readonly mistakes: TokenBucket
  readonly drops: TokenBucket
  readonly probes: TokenBucket
  readonly iceServers: TokenBucket
  /** The relays as this peer reaches them; none where none are offered. */
  readonly turnUrls: readonly string[]
  turnUser: string | undefined
  phase: 'waiting' | 'joined' | 'closing'
  heardAtMs: number
  pingAtMs: number
  /** What the look-up found; undefined while it runs. */
  lookUp: { readonly room: Room | undefined } | undefined
  /** A join that came before the look-up was done. */
  pendingJoin: JoinFrame | undefined
  peer: PeerId | undefined
}

export interface OpenSocket {
  readonly id: SocketId
  readonly roomId: RoomId
  readonly remote: TransportAddress
  readonly nonce: Bytes
  readonly turnUrls: readonly string[]
}

export class SocketTable {
  readonly #sockets = new Map<SocketId, Socket>()
  readonly #perNetwork = new Map<string, number>()
  /** In order of arrival. */
  readonly #waiting = new Set<SocketId>()

  get size(): number {
    return this.#sockets.size
  }

  get waiting(): number {
    return this.#waiting.size
  }

  open(opened: OpenSocket, nowMs: number): Socket {
    const socket: Socket = {
      ...opened,
      openedAtMs: nowMs,
      frames: new TokenBucket(FRAME_RATE, nowMs),
      bytes: new TokenBucket(BYTE_RATE, nowMs),
      mistakes: new TokenBucket(MISTAKE_RATE, nowMs),
      drops: new TokenBucket(RELAY_DROP_RATE, nowMs),
      probes: new TokenBucket(PROBE_RATE, nowMs),
      iceServers: new TokenBucket(ICE_SERVERS_RATE, nowMs),
      turnUser: undefined,
      phase: 'waiting',
      heardAtMs: nowMs,
      pingAtMs: nowMs + PING_INTERVAL_MS,
      lookUp: undefined,
      pendingJoin: undefined,
      peer: undefined,
    }
    this.#sockets.set(socket.id, socket)
    this.#waiting.add(socket.id)
    this.#count(socket.remote, 1)
    return socket
  }

  get(id: SocketId): Socket | undefined {
    return this.#sockets.get(id)
  }

  all(): Iterable<Socket> {
    return this.#sockets.values()
  }

  /** The socket that has waited longest. */
  oldestWaiting(): Socket | undefined {
    const [first] = this.#waiting
    return first === undefined ? undefined : this.#sockets.get(first)
  }

  setPhase(socket: Socket, phase: 'joined' | 'closing'): void {
    socket.phase = phase
    socket.pendingJoin = undefined
    this.#waiting.delete(socket.id)
  }

  remove(id: SocketId): Socket | undefined {
    const socket = this.#sockets.get(id)
    if (socket === undefined) return undefined
    this.#sockets.delete(id)
    this.#waiting.delete(id)
    this.#count(socket.remote, -1)
    return socket
  }

  /** Whether there are more sockets than the server takes, this one counted. */
  isCrowded(): boolean {
    return this.#sockets.size > MAX_SOCKETS
  }

  /** Whether a network has more sockets than it may, this one counted. */
  isNetworkCrowded(remote: TransportAddress): boolean {
    return (this.#perNetwork.get(networkOf(remote)) ?? 0) > MAX_SOCKETS_PER_NETWORK
  }

  #count(remote: TransportAddress, by: 1 | -1): void {
    const network = networkOf(remote)
    const count = (this.#perNetwork.get(network) ?? 0) + by
    if (count === 0) this.#perNetwork.delete(network)
    else this.#perNetwork.set(network, count)
  }
}
