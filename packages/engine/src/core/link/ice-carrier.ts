// A link's WebRTC connection: makes it, keeps it alive, repairs it, and says how it is doing. Talks in
// signals to the peer and in commands to the connection; carries packets it does not read.
import type { Bytes, Candidate, Signal } from '@knothole/wire'
import type { ChannelName, RtcCommand, RtcEvent, RtcOptions } from '../../ports/index.ts'
import type { Carrier } from './carrier.ts'
import { Heartbeat } from './heartbeat.ts'
import { earliest } from '../machine.ts'
import { Negotiation } from './negotiation.ts'
import { pathOf } from './path.ts'
import { paceWhere } from './pulse.ts'
import { RepairSchedule } from './repair-schedule.ts'
import type { LinkState, LinkStatus, Path } from '../room-state.ts'
import type { Width } from './width-probe.ts'

/** How often path and byte counts are read from a connected link; people do not see faster. */
const MEASURE_EVERY_MS = 2_000

/** The same for one link of many, which nobody watches so closely. */
const MEASURE_SELDOM_MS = 5_000

/** What members say of their links is believed this long after our own broke: the same may have broken theirs. */
const HEARSAY_MS = 500

/** Who brings signals to the other side now. */
export type SignalReach = 'rendezvous' | 'members' | 'nobody'

/** A signal before it has its sequence number and attempt. */
type SignalBody =
  | { readonly type: 'offer'; readonly sdp: string; readonly fresh: boolean }
  | { readonly type: 'answer'; readonly sdp: string; readonly offer: number }
  | { readonly type: 'candidates'; readonly candidates: readonly Candidate[] }

export type IceOutput =
  | { readonly type: 'signal'; readonly signal: Signal }
  | {
      readonly type: 'rtc-open'
      readonly connection: number
      readonly options: RtcOptions | undefined
    }
  | { readonly type: 'rtc'; readonly connection: number; readonly command: RtcCommand }
  | { readonly type: 'rtc-close'; readonly connection: number }
  | { readonly type: 'packet'; readonly packet: Bytes }
  | { readonly type: 'opened' }
  | { readonly type: 'changed' }
  /** The path stopped working: other things on this machine may have, too. */
  | { readonly type: 'trouble' }
  /** A repair was begun, which needs the rendezvous. */
  | { readonly type: 'repair' }

export interface IceOptions {
  /** Whether we yield when both offer, and wait a little for the other side to repair first. */
  readonly polite: boolean
  /** Gives a number to a new connection, unique in the session. */
  readonly newConnection: () => number
  /** Gives a number to a signal, rising through the session. */
  readonly nextSequence: () => number
  /** Numbers in [0, 1), for jitter. */
  readonly random: () => number
  /** Who brings signals to the other side now; absent, somebody always does. */
  readonly reach?: (() => SignalReach) | undefined
  /** Whether this is one link of many, any of which can be done without for a while; absent, it is not. */
  readonly isOneOfMany?: (() => boolean) | undefined
  /** Which of the pair's connections this is; absent, it is the standing one. */
  readonly way?: number | undefined
  /** How to open a connection now; absent, as the shell does by itself. */
  readonly rtcOptions?: (() => RtcOptions | undefined) | undefined
  /** One side offers relay candidates only: whatever the pair looks like here, it is relayed. */
  readonly isTurn?: boolean | undefined
}

/** What people carried to make a connection: an answer to our offer on a connection, or an offer. */
export interface Meeting {
  readonly connection: number | undefined
  readonly signal: Signal
  readonly untilMs: number
}

export class IceCarrier implements Carrier {
  readonly kind = 'reliable'
  readonly #options: IceOptions
  readonly #outputs: IceOutput[] = []
  readonly #repair: RepairSchedule
  #negotiation: Negotiation
  #connection: number | undefined
  #attempt = 0
  #fresh = true
  #heartbeat: Heartbeat | undefined
  /** Outlives a connection: the next one most often goes the same way. */
  #width: Width = 'unknown'
  #open = false
  #measureAtMs: number | undefined
  #troubledMs = -Infinity
  /** Until when a connection that fails is kept: people carry its answer. */
  #heldUntilMs = 0
  #status: LinkStatus

  constructor(options: IceOptions, nowMs: number) {
    this.#options = options
    this.#negotiation = new Negotiation(options.polite)
    this.#repair = new RepairSchedule(options, nowMs)
    this.#status = { state: 'connecting', bytesSent: 0, bytesReceived: 0, sinceMs: nowMs }
  }

  /** The connection in use. */
  get connection(): number | undefined {
    return this.#connection
  }

  get status(): LinkStatus {
    return this.#status
  }

  /** Whether packets can be sent: the channels are open, though the path may be in repair. */
  get open(): boolean {
    return this.#open
  }

  get usable(): boolean {
    return this.#open && this.#status.state === 'connected'
  }

  get path(): Path | undefined {
    return this.#options.isTurn === true ? 'turn' : this.#status.path
  }

  get rttMs(): number | undefined {
    return this.#heartbeat?.rttMs
  }

  get theirs(): boolean {
    return this.#heartbeat?.theirs ?? false
  }

  get width(): Width {
    return this.#width
  }

  doubt(nowMs: number): void {
    this.#heartbeat?.doubt(nowMs)
  }

  measure(nowMs: number): number | undefined {
    return this.#heartbeat?.measure(nowMs)
  }

  use(isUsed: boolean, nowMs: number): void {
    this.#heartbeat?.use(isUsed, nowMs)
  }

  /** Makes the first offer. */
  start(nowMs: number): void {
    this.#begin(this.#attempt + 1, nowMs)
    this.#offer(false)
  }

  /** Takes over a connection whose offer, sequence 0 of attempt 1, the peer already holds. */
  adopt(connection: number, nowMs: number): void {
    this.#attempt = 1
    this.#fresh = false
    this.#connection = connection
    this.#negotiation = new Negotiation(this.#options.polite)
    this.#negotiation.offered(0)
    this.#repair.attemptStarted(nowMs)
  }

  /** The rendezvous is back: what could not be signalled before can be now. */
  signallingIsBack(nowMs: number): void {
    if (this.#status.state !== 'connected') this.#repair.hurry(nowMs)
  }

  /** People carry what is usually signalled: what there was is dropped, and this gets its time. */
  meet(meeting: Meeting, nowMs: number): void {
    const { connection, signal, untilMs } = meeting
    this.#drop()
    this.#attempt = 0
    if (connection !== undefined) this.adopt(connection, nowMs)
    this.handleSignal(signal, nowMs)
    this.#repair.hold(untilMs)
    this.#heldUntilMs = untilMs
  }

  /** The network may be another, or this computer slept: what seems to work is asked. */
  renew(nowMs: number): void {
    this.#heartbeat?.ping(nowMs)
    this.signallingIsBack(nowMs)
  }

  send(channel: ChannelName, frame: Bytes): void {
    if (this.#open) this.#command({ type: 'send', channel, frame })
  }

  /** Makes a connection soon after it was closed: the path that took its place is gone. */
  resume(nowMs: number): void {
    if (this.#connection === undefined) this.#repair.hurry(nowMs)
  }

  /** Closes the connection and makes no other, until it is started again. */
  close(): void {
    this.#drop()
    this.#repair.healed()
  }

  handleSignal(signal: Signal, nowMs: number): void {
    if (signal.attempt < this.#attempt) return
    switch (signal.type) {
      case 'offer':
        this.#takeOffer(signal, nowMs)
        return
      case 'answer':
        if (signal.attempt === this.#attempt && this.#negotiation.takesAnswer(signal.offer)) {
          this.#command({ type: 'accept-answer', sdp: signal.sdp })
          this.#addEarly()
        }
        return
      case 'note':
      case 'mesh':
        return
      case 'candidates':
        if (signal.attempt === this.#attempt) this.#addCandidates(signal.candidates)
    }
  }

  handleRtc(connection: number, event: RtcEvent, nowMs: number): void {
    if (connection !== this.#connection) return
    switch (event.type) {
      case 'local-offer':
      case 'local-answer':
      case 'candidate':
        this.#negotiate(event)
        return
      case 'open':
        this.#opened(nowMs)
        return
      case 'frame':
        this.#heard(event.channel, event.frame, nowMs)
        return
      case 'measured':
        this.#measured(event.pair)
        return
      case 'troubled':
        this.#trouble(nowMs)
        return
      case 'failed':
        this.#failed(nowMs)
    }
  }

  tick(nowMs: number): void {
    if (this.#heartbeat?.tick(nowMs) === true) this.#trouble(nowMs)
    if (this.#measureAtMs !== undefined && this.#measureAtMs <= nowMs) this.#measure(nowMs)
    const verdict = this.#repair.due(nowMs, this.#canSignal(nowMs))
    if (verdict === 'restart' && this.#connection !== undefined) this.#offer(true)
    else if (verdict === 'fresh' || verdict === 'restart') this.start(nowMs)
    else if (verdict === 'give-up') this.#set('unreachable', nowMs)
    if (verdict === 'restart' || verdict === 'fresh') this.#outputs.push({ type: 'repair' })
  }

  deadlineMs(): number | undefined {
    return earliest(this.#heartbeat?.deadlineMs(), this.#measureAtMs, this.#repair.deadlineMs())
  }

  poll(): IceOutput | undefined {
    return this.#outputs.shift()
  }

  #negotiate(event: RtcEvent & { type: 'local-offer' | 'local-answer' | 'candidate' }): void {
    if (event.type === 'candidate') {
      this.#signal({ type: 'candidates', candidates: [event.candidate] })
    } else if (event.type === 'local-answer') {
      this.#signal({ type: 'answer', sdp: event.sdp, offer: event.answerTo })
    } else if (this.#negotiation.wantsOffer) {
      const { sdp } = event
      this.#negotiation.offered(this.#signal({ type: 'offer', sdp, fresh: this.#fresh }))
      this.#fresh = false
    }
  }

  #takeOffer(signal: Signal & { type: 'offer' }, nowMs: number): void {
    if (signal.attempt > this.#attempt) {
      // A repair of a connection we no longer have: only a new one can work.
      if (!signal.fresh) {
        this.#attempt = signal.attempt
        this.start(nowMs)
        return
      }
      this.#begin(signal.attempt, nowMs)
    } else if (signal.fresh && this.#negotiation.hasRemote) {
      // Their first offer of an attempt that we thought begun: it is for another connection of theirs.
      this.#begin(signal.attempt, nowMs)
    }
    if (!this.#negotiation.takesOffer()) return
    this.#fresh = false
    this.#repair.offerTaken(nowMs)
    this.#command({ type: 'accept-offer', sdp: signal.sdp, sequence: signal.sequence })
    this.#addEarly()
  }

  #addCandidates(candidates: readonly Candidate[]): void {
    for (const candidate of candidates) {
      if (this.#negotiation.takesCandidate(candidate))
        this.#command({ type: 'add-candidate', candidate })
    }
  }

  #addEarly(): void {
    this.#addCandidates(this.#negotiation.earlyCandidates())
  }

  /** Drops what there is and opens a connection for a new attempt. */
  #begin(attempt: number, nowMs: number): void {
    this.#drop()
    this.#attempt = attempt
    this.#fresh = true
    this.#negotiation = new Negotiation(this.#options.polite)
    this.#connection = this.#options.newConnection()
    const options = this.#options.rtcOptions?.()
    this.#outputs.push({ type: 'rtc-open', connection: this.#connection, options })
    this.#repair.attemptStarted(nowMs)
  }

  #offer(restart: boolean): void {
    this.#negotiation.making()
    this.#command({ type: 'offer', restart })
  }

  #drop(): void {
    if (this.#connection !== undefined) {
      this.#outputs.push({ type: 'rtc-close', connection: this.#connection })
    }
    this.#connection = undefined
    this.#open = false
    this.#heartbeat = undefined
    this.#measureAtMs = undefined
  }

  #signal(body: SignalBody): number {
    const sequence = this.#options.nextSequence()
    const { way } = this.#options
    const signal: Signal = { ...body, sequence, attempt: this.#attempt, way }
    this.#outputs.push({ type: 'signal', signal })
    return sequence
  }

  #command(command: RtcCommand): void {
    if (this.#connection === undefined) return
    this.#outputs.push({ type: 'rtc', connection: this.#connection, command })
  }

  #opened(nowMs: number): void {
    this.#open = true
    this.#heldUntilMs = 0
    const send = (frame: Bytes): void => this.send('pulse', frame)
    const pace = paceWhere(() => this.#isOneOfMany)
    this.#heartbeat = new Heartbeat(send, nowMs, { pace, width: this.#width })
    this.#repair.healed()
    this.#set('connected', nowMs)
    this.#measure(nowMs)
    this.#outputs.push({ type: 'opened' })
  }

  #heard(channel: ChannelName, frame: Bytes, nowMs: number): void {
    if (channel !== 'pulse') this.#outputs.push({ type: 'packet', packet: frame })
    else if (this.#heartbeat?.handle(frame, nowMs) !== true) return
    this.#heartbeat?.heard(nowMs)
    this.#measureWidth()
    if (this.#status.state === 'connected' || this.#heartbeat === undefined) return
    this.#repair.healed()
    this.#set('connected', nowMs)
    this.#measure(nowMs)
  }

  #measureWidth(): void {
    const width = this.#heartbeat?.width ?? this.#width
    if (width === this.#width) return
    this.#width = width
    this.#outputs.push({ type: 'changed' })
  }

  #canSignal(nowMs: number): boolean {
    const reach = this.#options.reach?.()
    if (reach === 'members') return nowMs >= this.#troubledMs + HEARSAY_MS
    return reach !== 'nobody'
  }

  #trouble(nowMs: number): void {
    if (this.#status.state !== 'connected') return
    this.#troubledMs = nowMs
    this.#set('reconnecting', nowMs)
    this.#repair.troubled(nowMs)
    this.#outputs.push({ type: 'trouble' })
  }

  #failed(nowMs: number): void {
    if (nowMs < this.#heldUntilMs) return
    const wasConnected = this.#status.state === 'connected'
    this.#drop()
    this.#repair.failed(nowMs)
    if (!wasConnected) return
    this.#set('reconnecting', nowMs)
    this.#outputs.push({ type: 'trouble' })
  }

  get #isOneOfMany(): boolean {
    return this.#options.isOneOfMany?.() === true
  }

  #measure(nowMs: number): void {
    this.#measureAtMs = nowMs + (this.#isOneOfMany ? MEASURE_SELDOM_MS : MEASURE_EVERY_MS)
    this.#command({ type: 'measure' })
  }

  #measured(pair: Parameters<typeof pathOf>[0] | undefined): void {
    if (pair === undefined) return
    const { bytesSent, bytesReceived } = pair
    const { rttMs } = this
    const path = this.#options.isTurn === true ? 'turn' : pathOf(pair)
    this.#status = { ...this.#status, path, rttMs, bytesSent, bytesReceived }
    this.#outputs.push({ type: 'changed' })
  }

  #set(state: LinkState, nowMs: number): void {
    if (this.#status.state === state) return
    this.#status = { ...this.#status, state, sinceMs: nowMs }
    this.#outputs.push({ type: 'changed' })
  }
}
