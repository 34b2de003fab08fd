// One peer's standing with the rendezvous: open a socket, answer the challenge, stay, notice silence,
// come back. Knows nothing of people or links; frames it does not need are passed up.
import { decodeServerFrame, PROTOCOL_VERSION, refusalOf } from '@knothole/wire'
import type { Bytes, ClientFrame, RefusalCode, ServerFrame } from '@knothole/wire'
import { Backoff } from './backoff.ts'
import { earliest } from './machine.ts'
import type { Machine } from './machine.ts'
import type { RendezvousStatus } from './room-state.ts'

/** Longest wait from opening a socket to the welcome: mobile networks take 3 s on a bad day. */
const JOIN_TIMEOUT_MS = 8_000

/** An idle socket is tried this often; below the 30 s at which some proxies drop one. */
const KEEPALIVE_MS = 25_000

/** How long a pong may take when nothing is wrong otherwise. */
const PONG_TIMEOUT_MS = 5_000

/** How long a pong may take while links are in trouble, when a dead socket must be noticed fast; on a slow network, twice what the last answer took. */
const PROBE_TIMEOUT_MS = 400

/** Refusals that asking again will not change. */
const FINAL: ReadonlySet<RefusalCode> = new Set([
  'room-not-found',
  'not-admitted',
  'room-full',
  'replaced',
  'unsupported-version',
  'bad-frame',
  'too-large',
])

/** `socket` counts the sockets opened, so that word of an old one is known as such. */
export type SocketInput =
  | { readonly type: 'socket-open'; readonly socket: number }
  | { readonly type: 'socket-frame'; readonly socket: number; readonly frame: Bytes }
  | { readonly type: 'socket-closed'; readonly socket: number; readonly code: number }

export type RendezvousOutput =
  | { readonly type: 'open-socket'; readonly socket: number }
  | { readonly type: 'close-socket'; readonly socket: number }
  /** Seal the card, sign the transcript and send the join. */
  | { readonly type: 'join'; readonly socket: number; readonly nonce: Bytes }
  | { readonly type: 'send'; readonly socket: number; readonly frame: ClientFrame }
  | { readonly type: 'frame'; readonly frame: ServerFrame }
  | { readonly type: 'status' }
  | { readonly type: 'malformed' }

export class RendezvousClient implements Machine<SocketInput, RendezvousOutput> {
  readonly #outputs: RendezvousOutput[] = []
  readonly #backoff: Backoff
  #status: RendezvousStatus = { state: 'connecting' }
  #socket = 0
  #phase: 'down' | 'joining' | 'online' | 'closed' = 'down'
  /** When the current wait ends: the next attempt, the join, the next ping or the pong due. */
  #retryAtMs: number | undefined
  #joinByMs: number | undefined
  #pingAtMs: number | undefined
  #pongByMs: number | undefined
  /** When the socket was opened or the last ping sent, and how long an answer took then. */
  #askedMs = 0
  #answerMs = 0
  #heardMs = 0

  constructor(random: () => number) {
    this.#backoff = new Backoff(random)
  }

  get status(): RendezvousStatus {
    return this.#status
  }

  /** When something of it came last. */
  get heardMs(): number {
    return this.#heardMs
  }

  get online(): boolean {
    return this.#phase === 'online'
  }

  /** Opens the first socket. */
  start(nowMs: number): void {
    this.#open(nowMs)
  }

  /** Sends when online; answers whether it did. */
  send(frame: ClientFrame): boolean {
    if (this.#phase !== 'online') return false
    this.#outputs.push({ type: 'send', socket: this.#socket, frame })
    return true
  }

  /** A link broke: find out at once whether the rendezvous can be reached. */
  hurry(nowMs: number): void {
    if (this.#phase === 'down' && this.#retryAtMs !== undefined) this.#retryAtMs = nowMs
    this.probe(nowMs)
  }

  /** A link is in repair, which needs us: find out soon whether this socket is alive. */
  probe(nowMs: number): void {
    if (this.#phase !== 'online') return
    const byMs = nowMs + Math.max(PROBE_TIMEOUT_MS, 2 * this.#answerMs)
    if (this.#pongByMs !== undefined && this.#pongByMs <= byMs) return
    this.send({ type: 'ping' })
    this.#askedMs = nowMs
    this.#pongByMs = byMs
  }

  /** Leaves for good. */
  close(): void {
    this.send({ type: 'leave' })
    this.#outputs.push({ type: 'close-socket', socket: this.#socket })
    this.#phase = 'closed'
    this.#clearTimers()
  }

  handle(input: SocketInput, nowMs: number): void {
    if (input.socket !== this.#socket || this.#phase === 'down' || this.#phase === 'closed') return
    switch (input.type) {
      case 'socket-open':
        return
      case 'socket-frame':
        this.#heardMs = nowMs
        this.#read(input.frame, nowMs)
        return
      case 'socket-closed':
        this.#lost(nowMs, refusalOf(input.code))
    }
  }

  tick(nowMs: number): void {
    const due = (atMs: number | undefined): boolean => atMs !== undefined && atMs <= nowMs
    if (due(this.#retryAtMs)) this.#open(nowMs)
    else if (due(this.#joinByMs) || due(this.#pongByMs)) this.#replace(nowMs)
    else if (due(this.#pingAtMs)) this.#ping(nowMs)
  }

  deadlineMs(): number | undefined {
    return earliest(this.#retryAtMs, this.#joinByMs, this.#pingAtMs, this.#pongByMs)
  }

  poll(): RendezvousOutput | undefined {
    return this.#outputs.shift()
  }

  #open(nowMs: number): void {
    this.#clearTimers()
    this.#socket += 1
    this.#phase = 'joining'
    this.#joinByMs = nowMs + JOIN_TIMEOUT_MS
    this.#askedMs = nowMs
    this.#outputs.push({ type: 'open-socket', socket: this.#socket })
  }

  #read(bytes: Bytes, nowMs: number): void {
    const decoded = decodeServerFrame(bytes)
    if (!decoded.ok) {
      this.#outputs.push({ type: 'malformed' })
      return
    }
    const frame = decoded.value
    if (frame.type === 'refused') this.#refused(frame.code, nowMs)
    else if (this.#phase === 'joining') this.#joining(frame, nowMs)
    else this.#staying(frame, nowMs)
  }

  #joining(frame: ServerFrame, nowMs: number): void {
    if (frame.type === 'challenge') {
      this.#answerMs = nowMs - this.#askedMs
      if (frame.version !== PROTOCOL_VERSION) this.#refused('unsupported-version', nowMs)
      else this.#outputs.push({ type: 'join', socket: this.#socket, nonce: frame.nonce })
    } else if (frame.type === 'welcome') {
      this.#phase = 'online'
      this.#backoff.reset()
      this.#clearTimers()
      this.#pingAtMs = nowMs + KEEPALIVE_MS
      this.#set({ state: 'online', observed: frame.observed })
      this.#outputs.push({ type: 'frame', frame })
    }
  }

  #staying(frame: ServerFrame, nowMs: number): void {
    this.#pongByMs = undefined
    this.#pingAtMs = nowMs + KEEPALIVE_MS
    if (frame.type === 'pong') this.#answerMs = nowMs - this.#askedMs
    else this.#outputs.push({ type: 'frame', frame })
  }

  #refused(code: RefusalCode, nowMs: number): void {
    if (code === 'unknown-peer') return
    this.#outputs.push({ type: 'close-socket', socket: this.#socket })
    this.#lost(nowMs, code)
  }

  #lost(nowMs: number, refusal: RefusalCode | undefined): void {
    this.#clearTimers()
    this.#phase = 'down'
    if (refusal !== undefined && FINAL.has(refusal)) {
      this.#phase = 'closed'
      this.#set({ state: 'refused', refusal })
      return
    }
    this.#retryAtMs = nowMs + this.#backoff.nextMs()
    this.#set({ state: 'reconnecting', refusal, retryAtMs: this.#retryAtMs })
  }

  /** Gives up a socket that does not answer; the first new one comes at once, later ones back off. */
  #replace(nowMs: number): void {
    const wasOnline = this.#phase === 'online'
    this.#outputs.push({ type: 'close-socket', socket: this.#socket })
    this.#lost(nowMs, undefined)
    if (wasOnline) this.#open(nowMs)
  }

  #ping(nowMs: number): void {
    this.send({ type: 'ping' })
    this.#askedMs = nowMs
    this.#pingAtMs = undefined
    this.#pongByMs = nowMs + PONG_TIMEOUT_MS
  }

  #clearTimers(): void {
    this.#retryAtMs = undefined
    this.#joinByMs = undefined
    this.#pingAtMs = undefined
    this.#pongByMs = undefined
  }

  #set(status: RendezvousStatus): void {
    this.#status = status
    this.#outputs.push({ type: 'status' })
  }
}
