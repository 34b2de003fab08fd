// One peer's standing with the rendezvous: open a socket, answer the challenge, stay, notice silence,
// come back; to another place where a room has several. Knows nothing of people or links; frames it does
// not need are passed up.
import { decodeServerFrame, PROTOCOL_VERSION, refusalOf } from '@knothole/wire'
import type { Bytes, ClientFrame, RefusalCode, ServerFrame } from '@knothole/wire'
import type { RtcEvent } from '../../ports/index.ts'
import { Backoff } from '../backoff.ts'
import { earliest } from '../machine.ts'
import type { Machine } from '../machine.ts'
import { Places } from './places.ts'
import type { RendezvousStatus } from '../room-state.ts'

/** Longest wait from opening a socket to the welcome: mobile networks take 3 s on a bad day. */
const JOIN_TIMEOUT_MS = 8_000

/** An idle socket is tried this often; below the 30 s at which some proxies drop one. */
const KEEPALIVE_MS = 25_000

/** How long a pong may take when nothing is wrong otherwise. */
const PONG_TIMEOUT_MS = 5_000

/** How long a pong may take while links are in trouble, when a dead socket must be noticed fast; on a slow network, twice what the last answer took. */
const PROBE_TIMEOUT_MS = 400

/** The same where a signal was sent and nothing else is wrong: a room that fills asks often, of a server that is busy then. */
const ASK_TIMEOUT_MS = 2_000

/** A timer this late says that this page or machine is busy; what came meanwhile may not have been read yet. */
const BUSY_LATE_MS = 100

/** Where there is another place to go, a server must say its first word in this time, or three times what it took last. */
const ANSWER_MS = 2_500

/** While links are in trouble and no socket is up, the server is asked this often whether it can be reached: by a request, since browsers slow down those whose sockets fail (Chromium, websocket_throttler). */
const KNOCK_EVERY_MS = 500

/** How long trouble makes us knock: longer outages are met at the common pace. */
const URGENT_MS = 120_000

/**
 * A socket that waits in the dark asks for a connection again after 1, 3, 7, 15 s (RFC 6298, some systems
 * each second for five), and Chromium has later requests wait in line behind such a one. So while links are
 * in trouble it is given up after this long for a new one, which asks at once.
 */
const DARK_ANSWER_MS = 5_000

/** So many in a row: after some fifteen that failed, Chromium itself delays each new one by up to 5 s. */
const MAX_DARK_SOCKETS = 12

/** Share of that time that is random, lest many who lost one server ask in step. */
const DARK_JITTER = 0.2

/** A socket that was opened this long before a knock was answered was opened into the dark. */
const IN_THE_DARK_MS = 1_000

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
  /** The server answered a request: it can be reached. */
  | { readonly type: 'knock-answered' }

export type RendezvousOutput =
  /** `place` counts the places of the room; absent, it is the first. */
  | { readonly type: 'open-socket'; readonly socket: number; readonly place?: number | undefined }
  | { readonly type: 'close-socket'; readonly socket: number }
  /** Ask the server at a place, the first if absent, whether it can be reached. */
  | { readonly type: 'knock'; readonly place?: number | undefined }
  /** Seal the card, sign the transcript and send the join. */
  | { readonly type: 'join'; readonly socket: number; readonly nonce: Bytes }
  | { readonly type: 'send'; readonly socket: number; readonly frame: ClientFrame }
  | { readonly type: 'frame'; readonly frame: ServerFrame }
  | { readonly type: 'status' }
  | { readonly type: 'malformed' }

/** Whether a connection learnt something that only a server could tell it. */
export function isWordOfNetwork(event: RtcEvent): boolean {
  return event.type === 'candidate' && / typ (?:srflx|relay) /.test(event.candidate.candidate)
}

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
  /** When a challenge was answered last; one that came with the page was there at once. */
  #joinedMs = 0
  #heardMs = 0
  /** Whether a pong that is due is waited for once more, if our timer is late. */
  #mayBeLate = false
  readonly #places: Places
  readonly #random: () => number
  /** Whether this socket brought a word, and how many in a row brought none before they were given up. */
  #hasWord = false
  #silences = 0
  #knockAtMs: number | undefined
  /** Until when we knock; kept when it is over, until we were online. */
  #urgentUntilMs: number | undefined

  /** @param places at how many rendezvous the room is */
  constructor(random: () => number, places = 1) {
    this.#backoff = new Backoff(random)
    this.#random = random
    this.#places = new Places(places, random)
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
    this.#urge(nowMs)
    if (this.#phase === 'down' && this.#retryAtMs !== undefined) this.#retryAtMs = nowMs
    this.probe(nowMs)
  }

  /** A link is in repair, which needs us: find out soon whether this socket is alive. */
  probe(nowMs: number): void {
    this.#urge(nowMs)
    if (this.#phase !== 'online') return
    this.#askWithin(PROBE_TIMEOUT_MS, nowMs)
  }

  /** A sign of life is wanted, though nothing is known to be wrong. */
  ask(nowMs: number): void {
    if (this.#phase === 'online') this.#askWithin(ASK_TIMEOUT_MS, nowMs)
  }

  #askWithin(ms: number, nowMs: number): void {
    const byMs = nowMs + Math.max(ms, 2 * this.#answerMs)
    if (this.#pongByMs !== undefined && this.#pongByMs <= byMs) return
    this.send({ type: 'ping' })
    this.#askedMs = nowMs
    this.#pongByMs = byMs
    this.#mayBeLate = true
  }

  /** This computer's network is another, or it woke: whatever went before, we hurry again. */
  renew(nowMs: number): void {
    this.#urgentUntilMs = undefined
    this.#backoff.reset()
    this.hurry(nowMs)
  }

  /** Leaves for good. */
  close(): void {
    this.send({ type: 'leave' })
    this.#outputs.push({ type: 'close-socket', socket: this.#socket })
    this.#knockAtMs = undefined
    this.#phase = 'closed'
    this.#clearTimers()
  }

  handle(input: SocketInput, nowMs: number): void {
    if (input.type === 'knock-answered') {
      this.#answered(nowMs)
      return
    }
    if (input.socket !== this.#socket || this.#phase === 'down' || this.#phase === 'closed') return
    switch (input.type) {
      case 'socket-open':
        return
      case 'socket-frame':
        this.#heardMs = nowMs
        this.#hasWord = true
        this.#silences = 0
        this.#read(input.frame, nowMs)
        return
      case 'socket-closed':
        this.#lost(nowMs, refusalOf(input.code))
    }
  }

  tick(nowMs: number): void {
    const due = (atMs: number | undefined): boolean => atMs !== undefined && atMs <= nowMs
    if (due(this.#retryAtMs)) this.#open(nowMs)
    else if (due(this.#joinByMs) || this.#isPongLost(nowMs)) this.#replace(nowMs)
    else if (due(this.#places.moveAtMs)) this.#move(nowMs)
    else if (due(this.#knockAtMs)) this.#knock(nowMs)
    else if (due(this.#pingAtMs)) this.#ping(nowMs)
  }

  deadlineMs(): number | undefined {
    const own = [this.#retryAtMs, this.#joinByMs, this.#pingAtMs, this.#pongByMs]
    return earliest(...own, this.#knockAtMs, this.#places.moveAtMs)
  }

  poll(): RendezvousOutput | undefined {
    return this.#outputs.shift()
  }

  /** Whether no pong came in time. Where our own timer is late, it gets that long once more. */
  #isPongLost(nowMs: number): boolean {
    if (this.#pongByMs === undefined || this.#pongByMs > nowMs) return false
    const isLate = nowMs - this.#pongByMs >= BUSY_LATE_MS
    if (!isLate || !this.#mayBeLate) return true
    this.#mayBeLate = false
    this.#pongByMs = nowMs + PROBE_TIMEOUT_MS
    return false
  }

  #open(nowMs: number): void {
    this.#clearTimers()
    this.#socket += 1
    this.#phase = 'joining'
    this.#hasWord = false
    this.#joinByMs = nowMs + this.#answerWithinMs(nowMs)
    this.#askedMs = nowMs
    const place = this.#places.next()
    this.#outputs.push({ type: 'open-socket', socket: this.#socket, place: place || undefined })
  }

  /** How long a socket may take to its first word. */
  #answerWithinMs(nowMs: number): number {
    const isDark = this.#isUrgent(nowMs) && this.#silences < MAX_DARK_SOCKETS
    const darkMs = DARK_ANSWER_MS * (1 - DARK_JITTER * this.#random())
    const longestMs = isDark ? Math.max(darkMs, 3 * this.#answerMs) : JOIN_TIMEOUT_MS
    if (!this.#places.hasOther) return Math.min(JOIN_TIMEOUT_MS, longestMs)
    return Math.min(longestMs, JOIN_TIMEOUT_MS, Math.max(ANSWER_MS, 3 * this.#answerMs))
  }

  #isUrgent(nowMs: number): boolean {
    return nowMs < (this.#urgentUntilMs ?? 0)
  }

  #urge(nowMs: number): void {
    this.#urgentUntilMs ??= nowMs + URGENT_MS
    if (this.#phase !== 'online' && this.#phase !== 'closed') this.#knockSoon(nowMs)
  }

  #knockSoon(nowMs: number): void {
    if (!this.#isUrgent(nowMs)) this.#knockAtMs = undefined
    else this.#knockAtMs ??= nowMs + KNOCK_EVERY_MS
  }

  #knock(nowMs: number): void {
    this.#outputs.push({ type: 'knock', place: this.#places.place || undefined })
    this.#knockAtMs = undefined
    this.#knockSoon(nowMs)
  }

  /** A server answered one of our connections: the network is back, and ours may be too. */
  networkAnswers(nowMs: number): void {
    if (this.#isUrgent(nowMs) && !this.#hasWord) this.#answered(nowMs)
  }

  /** The server can be reached: a socket that was opened before is not waited for. */
  #answered(nowMs: number): void {
    if (this.#phase === 'down') this.#open(nowMs)
    else if (this.#phase === 'joining' && nowMs - this.#askedMs >= IN_THE_DARK_MS) {
      this.#outputs.push({ type: 'close-socket', socket: this.#socket })
      this.#open(nowMs)
    }
  }

  /** Looks whether another place is better: gives this one up, and comes back if it is not. */
  #move(nowMs: number): void {
    this.#places.move()
    this.send({ type: 'leave' })
    this.#outputs.push({ type: 'close-socket', socket: this.#socket })
    this.#set({ state: 'reconnecting' })
    this.#open(nowMs)
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
      this.#joinedMs = nowMs
      this.#joinByMs = nowMs + JOIN_TIMEOUT_MS
      if (frame.version !== PROTOCOL_VERSION) this.#refused('unsupported-version', nowMs)
      else this.#outputs.push({ type: 'join', socket: this.#socket, nonce: frame.nonce })
    } else if (frame.type === 'welcome') {
      this.#answerMs = Math.max(this.#answerMs, nowMs - this.#joinedMs)
      this.#phase = 'online'
      this.#backoff.reset()
      this.#clearTimers()
      this.#pingAtMs = nowMs + KEEPALIVE_MS
      this.#urgentUntilMs = undefined
      this.#knockAtMs = undefined
      this.#places.welcomed(frame.participants.length === 0, nowMs)
      this.#set({ state: 'online', observed: frame.observed })
      this.#outputs.push({ type: 'frame', frame })
    }
  }

  #staying(frame: ServerFrame, nowMs: number): void {
    this.#pongByMs = undefined
    this.#pingAtMs = nowMs + KEEPALIVE_MS
    if (frame.type === 'joined') this.#places.joined(nowMs)
    if (frame.type === 'pong') this.#answerMs = nowMs - this.#askedMs
    else this.#outputs.push({ type: 'frame', frame })
  }

  #refused(code: RefusalCode, nowMs: number): void {
    if (code === 'unknown-peer') return
    this.#outputs.push({ type: 'close-socket', socket: this.#socket })
    this.#lost(nowMs, code)
  }

  #lost(nowMs: number, refusal: RefusalCode | undefined): void {
    const wasOnline = this.#phase === 'online'
    this.#clearTimers()
    this.#phase = 'down'
    const isFinal = refusal !== undefined && FINAL.has(refusal)
    const place = this.#places.lost({ wasOnline, isFinal })
    if (place === 'none') {
      this.#phase = 'closed'
      this.#set({ state: 'refused', refusal })
      return
    }
    this.#retryAtMs = nowMs + (place === 'next' ? 0 : this.#backoff.nextMs())
    this.#knockSoon(nowMs)
    this.#set({ state: 'reconnecting', refusal, retryAtMs: this.#retryAtMs })
  }

  /**
   * Gives up a socket that does not answer. The first new one comes at once, and so do later ones in the
   * dark: a server that is not reached is not overrun. Others back off.
   */
  #replace(nowMs: number): void {
    const wasOnline = this.#phase === 'online'
    this.#outputs.push({ type: 'close-socket', socket: this.#socket })
    if (!this.#hasWord) this.#silences += 1
    const isDark = !this.#hasWord && this.#isUrgent(nowMs)
    this.#lost(nowMs, undefined)
    if (isDark) this.#backoff.reset()
    if (wasOnline || isDark) this.#open(nowMs)
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
    this.#places.moveAtMs = undefined
  }

  #set(status: RendezvousStatus): void {
    this.#status = status
    this.#outputs.push({ type: 'status' })
  }
}
