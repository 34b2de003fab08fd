// The room protocol (SPEC.md) as one machine: sockets open, answer a challenge, join a room, signal
// to its members and leave. Owns time and limits; who is in a room is LiveRooms', the database and
// the sockets themselves are the shell's.
import type { TransportAddress } from '@knothole/traversal'
import { createSourceRateLimit } from '@knothole/traversal'
import type { SourceRateLimit } from '@knothole/traversal'
import {
  decodeClientFrame,
  MAX_ROOM_PEERS,
  NONCE_BYTES,
  peerIdOf,
  PROTOCOL_VERSION,
  readRelay,
} from '@knothole/wire'
import type {
  Bytes,
  ClientFrame,
  JoinFrame,
  PeerId,
  ProbedFrame,
  RefusalCode,
  RelayView,
  RoomId,
} from '@knothole/wire'
import { refusalOfJoin } from './admission.ts'
import type { CryptoPort } from './crypto-port.ts'
import {
  ARRIVAL_RATE,
  JOIN_TIMEOUT_MS,
  LATE_SCAN_MS,
  LEASE_MS,
  MAX_NETWORKS,
  MAX_WAITING_SOCKETS,
  PING_INTERVAL_MS,
  SCAN_INTERVAL_MS,
  SWEEP_INTERVAL_MS,
  SWEEP_SLACK_MS,
} from './limits.ts'
import { LiveRooms } from './live-rooms.ts'
import type { Seat } from './live-rooms.ts'
import type { Machine } from './machine.ts'
import { Outbox } from './outbox.ts'
import type { BacklogOf, RendezvousOutput } from './outbox.ts'
import { PathHelp } from './path-help.ts'
import type { Room } from './room-store.ts'
import { SocketTable } from './socket-table.ts'
import type { Socket, SocketId } from './socket-table.ts'

/** What happens to the rendezvous. Word of a socket that is gone is ignored. */
export type RendezvousInput =
  | {
      readonly type: 'socket-opened'
      readonly socket: SocketId
      readonly room: RoomId
      readonly remote: TransportAddress
      /** TURN servers by names this peer can reach; none are offered when there are none. */
      readonly turnUrls?: readonly string[]
    }
  /** Its join answers another challenge of ours: one that came with the page. */
  | { readonly type: 'page-challenge'; readonly socket: SocketId; readonly nonce: Bytes }
  | { readonly type: 'room-found'; readonly socket: SocketId; readonly room: Room | undefined }
  | { readonly type: 'room-look-up-failed'; readonly socket: SocketId }
  | {
      readonly type: 'message'
      readonly socket: SocketId
      readonly data: Uint8Array
      readonly isBinary: boolean
    }
  /** A WebSocket ping or pong came. */
  | { readonly type: 'sign-of-life'; readonly socket: SocketId }
  /** What a probe gave. */
  | { readonly type: 'probed'; readonly socket: SocketId; readonly result: ProbeResult }
  | { readonly type: 'socket-closed'; readonly socket: SocketId }
  | { readonly type: 'stop' }

/** The place that was probed, as it was asked for, and what was heard. */
export type ProbeResult = Omit<ProbedFrame, 'type'>

export interface RendezvousOptions {
  readonly crypto: CryptoPort
  readonly backlogOf: BacklogOf
  /** How long an unused room lives. */
  readonly roomLifeMs: number
  /** Whether one network may open only so many sockets. */
  readonly limitNetworks: boolean
  /** Most peers in one room. */
  readonly roomCapacity?: number | undefined
  /** The secret shared with the relays; without it none are offered. */
  readonly turnSecret?: string | undefined
}

/** WebSocket close codes of RFC 6455, section 7.4.1. */
const NORMAL_CLOSURE = 1000
const INTERNAL_ERROR = 1011

export class Rendezvous implements Machine<RendezvousInput, RendezvousOutput> {
  readonly #options: RendezvousOptions
  readonly #sockets = new SocketTable()
  readonly #outbox: Outbox
  readonly #live: LiveRooms
  readonly #help: PathHelp
  readonly #arrivals: SourceRateLimit
  /** When the sockets are looked over next, while there is anything to look at. */
  #scanAtMs: number | undefined
  #sweepAtMs: number
  #isStopping = false

  constructor(options: RendezvousOptions, nowMs: number) {
    this.#options = options
    this.#outbox = new Outbox(options.backlogOf)
    this.#live = new LiveRooms(this.#outbox, options.roomCapacity ?? MAX_ROOM_PEERS)
    const { crypto, turnSecret } = options
    this.#help = new PathHelp({ crypto, turnSecret, outbox: this.#outbox, live: this.#live })
    this.#arrivals = createSourceRateLimit({ ...ARRIVAL_RATE, maxSources: MAX_NETWORKS })
    this.#sweepAtMs = nowMs
  }

  handle(input: RendezvousInput, nowMs: number): void {
    if (input.type === 'stop') this.#stop(nowMs)
    else if (input.type === 'socket-opened') this.#opened(input, nowMs)
    else {
      const socket = this.#sockets.get(input.socket)
      if (socket !== undefined) this.#socketInput(socket, input, nowMs)
    }
    this.#settle(nowMs)
  }

  tick(nowMs: number): void {
    if (this.#scanAtMs !== undefined && nowMs >= this.#scanAtMs) this.#scan(nowMs)
    if (nowMs >= this.#sweepAtMs) this.#sweep(nowMs)
    this.#settle(nowMs)
  }

  deadlineMs(): number | undefined {
    return Math.min(this.#sweepAtMs, this.#scanAtMs ?? Infinity)
  }

  poll(): RendezvousOutput | undefined {
    return this.#outbox.poll()
  }

  #socketInput(
    socket: Socket,
    input: Exclude<RendezvousInput, { type: 'stop' | 'socket-opened' }>,
    nowMs: number,
  ): void {
    switch (input.type) {
      case 'page-challenge':
        socket.nonce = input.nonce
        return
      case 'room-found':
        this.#found(socket, input.room, nowMs)
        return
      case 'room-look-up-failed':
        this.#lookUpFailed(socket)
        return
      case 'message':
        this.#message(socket, input, nowMs)
        return
      case 'sign-of-life':
        this.#signOfLife(socket, nowMs)
        return
      case 'probed':
        if (socket.phase === 'joined') {
          this.#outbox.send(socket.id, { type: 'probed', ...input.result })
        }
        return
      case 'socket-closed':
        this.#lose(socket, nowMs)
        this.#sockets.remove(socket.id)
    }
  }

  #opened(input: Extract<RendezvousInput, { type: 'socket-opened' }>, nowMs: number): void {
    const { socket: id, room: roomId, remote, turnUrls = [] } = input
    const nonce = this.#options.crypto.randomBytes(NONCE_BYTES)
    const socket = this.#sockets.open({ id, roomId, remote, nonce, turnUrls }, nowMs)
    const refusal = this.#refusalOfArrival(remote, nowMs)
    if (refusal !== undefined) {
      this.#refuse(socket, refusal, nowMs)
      return
    }
    if (this.#sockets.waiting > MAX_WAITING_SOCKETS) {
      const oldest = this.#sockets.oldestWaiting()
      if (oldest !== undefined) this.#refuse(oldest, 'rate-limited', nowMs)
    }
    this.#outbox.send(id, { type: 'challenge', version: PROTOCOL_VERSION, nonce })
    this.#outbox.push({ type: 'find-room', socket: id, room: roomId })
  }

  #refusalOfArrival(remote: TransportAddress, nowMs: number): RefusalCode | undefined {
    if (this.#isStopping) return 'going-away'
    if (this.#sockets.isCrowded()) return 'rate-limited'
    if (!this.#options.limitNetworks) return undefined
    const isTooMany = this.#sockets.isNetworkCrowded(remote) || !this.#arrivals.take(remote, nowMs)
    return isTooMany ? 'rate-limited' : undefined
  }

  #found(socket: Socket, room: Room | undefined, nowMs: number): void {
    socket.lookUp = { room }
    const join = socket.pendingJoin
    if (join !== undefined && socket.phase === 'waiting') this.#join(socket, join, nowMs)
  }

  /** The database failed: nobody's fault out there, so no refusal, and clients come back. */
  #lookUpFailed(socket: Socket): void {
    if (socket.phase !== 'waiting') return
    this.#sockets.setPhase(socket, 'closing')
    const reason = 'the server could not look up the room'
    this.#outbox.push({ type: 'close', socket: socket.id, code: INTERNAL_ERROR, reason })
  }

  #message(
    socket: Socket,
    { data, isBinary }: { readonly data: Uint8Array; readonly isBinary: boolean },
    nowMs: number,
  ): void {
    if (socket.phase === 'closing') return
    socket.heardAtMs = nowMs
    const relay = isBinary && socket.phase === 'joined' ? readRelay(data) : undefined
    if (relay === undefined) this.#decode(socket, isBinary ? data : undefined, nowMs)
    else this.#relay(socket, relay, nowMs)
  }

  #decode(socket: Socket, data: Uint8Array | undefined, nowMs: number): void {
    if (!socket.frames.take(1, nowMs) || !socket.bytes.take(data?.length ?? 0, nowMs)) {
      this.#refuse(socket, 'rate-limited', nowMs)
      return
    }
    const decoded = data === undefined ? undefined : decodeClientFrame(data)
    if (decoded?.ok === true) {
      if (socket.phase === 'waiting') this.#firstFrame(socket, decoded.value, nowMs)
      else this.#frame(socket, decoded.value, nowMs)
      return
    }
    const isTooLarge = decoded?.fault === 'too-large'
    this.#refuse(socket, isTooLarge ? 'too-large' : 'bad-frame', nowMs)
  }

  #signOfLife(socket: Socket, nowMs: number): void {
    if (socket.phase === 'closing') return
    socket.heardAtMs = nowMs
    if (!socket.frames.take(1, nowMs)) this.#refuse(socket, 'rate-limited', nowMs)
  }

  #firstFrame(socket: Socket, frame: ClientFrame, nowMs: number): void {
    if (frame.type !== 'join' || socket.pendingJoin !== undefined) {
      this.#refuse(socket, 'bad-frame', nowMs)
    } else if (socket.lookUp === undefined) socket.pendingJoin = frame
    else this.#join(socket, frame, nowMs)
  }

  #join(socket: Socket, join: JoinFrame, nowMs: number): void {
    const { crypto, roomLifeMs } = this.#options
    const { roomId, nonce } = socket
    const room = socket.lookUp?.room
    const refusal = refusalOfJoin(join, { roomId, room, nonce, nowMs, crypto })
    const peer = peerIdOf(crypto.sha256(join.session))
    if (refusal !== undefined || this.#live.isFull(roomId, peer)) {
      this.#refuse(socket, refusal ?? 'room-full', nowMs)
      return
    }
    this.#endOldSocket(roomId, peer)
    this.#sockets.setPhase(socket, 'joined')
    socket.peer = peer
    const expiresAtMs = nowMs + roomLifeMs
    const { address, port } = socket.remote
    const returned = this.#live.enter({
      room: roomId,
      peer,
      socket: socket.id,
      card: join.card,
      observed: { address, port },
      hidden: join.hidden === true,
      offer: join.offer,
      expiresAtMs,
      iceServers: this.#help.iceServersFor(socket, nowMs),
    })
    this.#outbox.push({ type: 'renew-room', use: { id: roomId, lastUsedAtMs: nowMs, expiresAtMs } })
    this.#outbox.push({ type: 'event', event: { name: 'joined', socket: socket.id, returned } })
  }

  /** A peer joins again while its old socket is still there: the new one takes over. */
  #endOldSocket(room: RoomId, peer: PeerId): void {
    const old = this.#sockets.get(this.#live.socketOf(room, peer) ?? -1)
    if (old === undefined) return
    this.#sockets.setPhase(old, 'closing')
    this.#outbox.refuseAndClose(old.id, 'replaced')
  }

  #frame(socket: Socket, frame: ClientFrame, nowMs: number): void {
    const seat = seatOf(socket)
    if (seat === undefined) return
    switch (frame.type) {
      case 'join':
        this.#refuse(socket, 'bad-frame', nowMs)
        return
      case 'signal':
        if (!this.#live.signal(seat, frame.to, frame.sealed)) this.#mistake(socket, nowMs)
        return
      case 'card':
        this.#live.updateCard(seat, frame.card)
        return
      case 'ping':
        this.#outbox.send(socket.id, { type: 'pong' })
        return
      case 'leave':
        this.#leave(socket, seat)
        return
      case 'ice-servers':
        if (!this.#help.renewIceServers(socket, nowMs)) {
          this.#refuse(socket, 'rate-limited', nowMs)
        }
        return
      case 'relay':
        this.#relay(socket, frame, nowMs)
        return
      case 'probe':
        this.#help.probe(socket, frame, nowMs)
    }
  }

  #relay(socket: Socket, relay: RelayView, nowMs: number): void {
    const seat = seatOf(socket)
    if (seat === undefined) return
    if (!this.#help.relay(socket, { seat, relay }, nowMs)) {
      this.#refuse(socket, 'rate-limited', nowMs)
    }
  }

  /** A signal to nobody happens to everyone whose peer has just left; a stream of them does not. */
  #mistake(socket: Socket, nowMs: number): void {
    if (socket.mistakes.take(1, nowMs)) this.#outbox.refuse(socket.id, 'unknown-peer')
    else this.#refuse(socket, 'rate-limited', nowMs)
  }

  #leave(socket: Socket, seat: Seat): void {
    this.#sockets.setPhase(socket, 'closing')
    this.#live.leave(seat)
    this.#outbox.push({ type: 'event', event: { name: 'left', socket: socket.id } })
    const reason = 'goodbye'
    this.#outbox.push({ type: 'close', socket: socket.id, code: NORMAL_CLOSURE, reason })
  }

  /** Ends a socket with its reason; the place of a joined one is kept for its grace. */
  #refuse(socket: Socket, code: RefusalCode, nowMs: number): void {
    this.#lose(socket, nowMs)
    this.#sockets.setPhase(socket, 'closing')
    this.#outbox.refuseAndClose(socket.id, code)
  }

  #lose(socket: Socket, nowMs: number): void {
    const seat = seatOf(socket)
    if (seat !== undefined && socket.phase === 'joined') this.#live.lose(seat, nowMs)
  }

  /** What follows from any input: slow readers end, and the next scan is due. */
  #settle(nowMs: number): void {
    for (const id of this.#outbox.takeSlow()) {
      const socket = this.#sockets.get(id)
      if (socket !== undefined && socket.phase !== 'closing')
        this.#refuse(socket, 'rate-limited', nowMs)
    }
    const isBusy = this.#sockets.size > 0 || this.#live.hasAbsent()
    this.#scanAtMs = isBusy ? (this.#scanAtMs ?? nowMs + SCAN_INTERVAL_MS) : undefined
  }

  #scan(nowMs: number): void {
    const isLate = nowMs - (this.#scanAtMs ?? nowMs) > LATE_SCAN_MS
    this.#scanAtMs = nowMs + SCAN_INTERVAL_MS
    for (const socket of this.#sockets.all()) {
      if (isLate) socket.heardAtMs = nowMs
      this.#check(socket, nowMs)
    }
    this.#live.tick(nowMs)
  }

  #check(socket: Socket, nowMs: number): void {
    if (socket.phase === 'closing') return
    if (socket.phase === 'waiting' && nowMs - socket.openedAtMs >= JOIN_TIMEOUT_MS) {
      this.#refuse(socket, 'join-timeout', nowMs)
    } else if (nowMs - socket.heardAtMs >= LEASE_MS) {
      this.#lose(socket, nowMs)
      this.#sockets.setPhase(socket, 'closing')
      this.#outbox.push({ type: 'event', event: { name: 'lease-expired', socket: socket.id } })
      this.#outbox.push({ type: 'drop', socket: socket.id })
    } else if (nowMs >= socket.pingAtMs) {
      socket.pingAtMs = nowMs + PING_INTERVAL_MS
      this.#outbox.push({ type: 'ping', socket: socket.id })
    }
  }

  /** People who stay for weeks without a new join use their room too. */
  #sweep(nowMs: number): void {
    this.#sweepAtMs = nowMs + SWEEP_INTERVAL_MS
    const expiresAtMs = nowMs + this.#options.roomLifeMs
    for (const id of this.#live.rooms()) {
      this.#outbox.push({ type: 'renew-room', use: { id, lastUsedAtMs: nowMs, expiresAtMs } })
    }
    this.#outbox.push({ type: 'sweep-rooms', atMs: nowMs - SWEEP_SLACK_MS })
  }

  #stop(nowMs: number): void {
    this.#isStopping = true
    for (const socket of this.#sockets.all()) {
      if (socket.phase !== 'closing') this.#refuse(socket, 'going-away', nowMs)
    }
  }
}

function seatOf(socket: Socket): Seat | undefined {
  const { peer } = socket
  return peer === undefined ? undefined : { room: socket.roomId, peer, socket: socket.id }
}
