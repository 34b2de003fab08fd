// The link to one peer: one stream over whatever carriers there are. Chooses the carrier, says how the
// link is doing, and asks for detours when the standing connection is not up in time. Makes and repairs
// no path itself.
import { encodeStreamPacket } from '@knothole/wire'
import type { Bytes, LaneName, Signal } from '@knothole/wire'
import type { RtcEvent } from '../../ports/index.ts'
import { rankOf } from './carrier.ts'
import type { Carrier } from './carrier.ts'
import { CarrierChoice } from './carrier-choice.ts'
import type { LinkDetourInput, LinkDetourOutput, LinkDetours } from '../detours/detours.ts'
import { IceCarrier } from './ice-carrier.ts'
import type { IceOptions, IceOutput, Meeting } from './ice-carrier.ts'
import { earliest } from '../machine.ts'
import type { Hindrance, LinkState, LinkStatus, Path } from '../room-state.ts'
import { Stream } from '../stream/stream.ts'
import type { StreamOutput } from '../stream/stream.ts'

/** A link without a path for this long asks for detours: near ones are up by then, and what is loaded in vain costs little. */
const STUCK_AFTER_MS = 250

/** A path of the ladder's making must carry this long before the standing connection is given up for it. */
const PARK_AFTER_MS = 10_000

/** After this long without a path the page says so, whatever went before. */
const UNREACHABLE_AFTER_MS = 12_000

/** Why a link is relayed that has a path of its own. */
const LARGE_PACKETS = {
  reason: 'large-packets',
  side: 'both',
  help: ['wait', 'other-network'],
} as const

export type LinkOutput =
  | Exclude<IceOutput, { type: 'packet' }>
  | Exclude<LinkDetourOutput, { type: 'packet' | 'hold' }>
  | Exclude<StreamOutput, { type: 'packet' | 'stalled' | 'late' | 'measure' }>
  /** No carrier works: detours are wanted, if there are any to be had. */
  | { readonly type: 'stuck' }

export interface LinkOptions extends IceOptions {
  /** What was said before and not yet taken, where the peer was here already. */
  readonly stream?: Stream
  /** Why no path of this link can be direct, where one of the two hides. */
  readonly hindrance?: Hindrance | undefined
}

export class Link {
  readonly #outputs: LinkOutput[] = []
  readonly #ice: IceCarrier
  readonly #hindrance: Hindrance | undefined
  readonly #stream: Stream
  readonly #choice: CarrierChoice
  #detours: LinkDetours | undefined
  /** Whether frames ever passed. */
  #wasOpen = false
  /** Since when no carrier works. */
  #downSinceMs: number | undefined
  #stuckAtMs: number | undefined
  /** Since when the only carrier that works loses large packets. */
  #narrowSinceMs: number | undefined
  readonly #detouredBytes = { sent: 0, received: 0 }
  /** When the standing connection is given up for another path of our own. */
  #parkAtMs: number | undefined
  #isParked = false
  #closed = false
  /** Whether something came that may change the choice of carrier: packets and frames do not. */
  #isNews = true
  #status: LinkStatus

  constructor(options: LinkOptions, nowMs: number) {
    this.#ice = new IceCarrier(options, nowMs)
    this.#hindrance = options.hindrance
    this.#stream = options.stream ?? new Stream()
    this.#choice = new CarrierChoice(options.polite)
    this.#downSinceMs = nowMs
    this.#stuckAtMs = nowMs + STUCK_AFTER_MS
    this.#status = this.#ice.status
  }

  get status(): LinkStatus {
    return this.#status
  }

  /** The standing connection. */
  get connection(): number | undefined {
    return this.#ice.connection
  }

  /** Whether a connection is one of this link's. */
  owns(connection: number): boolean {
    return this.#ice.connection === connection || this.#detours?.owns(connection) === true
  }

  /** Whether detours were taken in. */
  get hasDetours(): boolean {
    return this.#detours !== undefined
  }

  /** The stream above the carriers, for who sends and takes bulk. After use, `flow`. */
  get stream(): Stream {
    return this.#stream
  }

  /** Makes the first offer. */
  start(nowMs: number): void {
    this.#ice.start(nowMs)
    this.settle(nowMs)
  }

  /** Takes over a connection whose offer, sequence 0 of attempt 1, the peer already holds. */
  adopt(connection: number, nowMs: number): void {
    this.#ice.adopt(connection, nowMs)
    this.settle(nowMs)
  }

  /** Takes the detours that were asked for. */
  detour(detours: LinkDetours, nowMs: number): void {
    this.#detours = detours
    this.#refresh(nowMs, true)
    this.settle(nowMs)
  }

  /** The rendezvous is back: what could not be signalled before can be now. */
  signallingIsBack(nowMs: number): void {
    this.#ice.signallingIsBack(nowMs)
    this.#detours?.handle({ type: 'network-changed' }, nowMs)
    this.settle(nowMs)
  }

  /** People carry what is usually signalled. */
  meet(meeting: Meeting, nowMs: number): void {
    this.#ice.meet(meeting, nowMs)
    this.settle(nowMs)
  }

  /** The network may be another, or this computer slept. */
  renew(nowMs: number): void {
    this.#ice.renew(nowMs)
    this.#detours?.handle({ type: 'network-changed' }, nowMs)
    this.settle(nowMs)
  }

  /** Sends a frame of talk, now or when a path is back; answers whether it was taken. */
  send(frame: Bytes, nowMs: number): boolean {
    if (!this.#wasOpen || this.#status.state === 'unreachable') return false
    const taken = this.#stream.send('talk', frame, nowMs)
    this.flow(nowMs)
    return taken
  }

  /** Puts a packet for another on a connection of our own; answers whether there is one. */
  pass(channel: number, body: Bytes): boolean {
    const carrier = this.#choice.current
    const isOwn = carrier?.usable === true && rankOf(carrier.path) < rankOf('member-relay')
    if (!isOwn) return false
    carrier.send('bulk', encodeStreamPacket({ type: 'passing', channel, body }))
    return true
  }

  /** Closes everything; the link is of no more use. */
  close(nowMs: number): void {
    this.#ice.close()
    this.#detours?.close(nowMs)
    this.#closed = true
    this.settle(nowMs)
  }

  handleSignal(signal: Signal, nowMs: number): void {
    const isStanding = signal.way === undefined && signal.type !== 'note'
    if (isStanding) this.#ice.handleSignal(signal, nowMs)
    else this.#detours?.handle({ type: 'signal', signal }, nowMs)
    this.settle(nowMs)
  }

  handleRtc(connection: number, event: RtcEvent, nowMs: number): void {
    const isPacket = event.type === 'frame' && event.channel !== 'pulse'
    this.#ice.handleRtc(connection, event, nowMs)
    if (connection !== this.#ice.connection)
      this.#detours?.handle({ type: 'rtc', connection, event }, nowMs)
    this.#settle(nowMs, !isPacket)
  }

  handleDetour(input: LinkDetourInput, nowMs: number): void {
    this.#detours?.handle(input, nowMs)
    this.settle(nowMs)
  }

  tick(nowMs: number): void {
    this.#ice.tick(nowMs)
    this.#detours?.tick(nowMs)
    this.#stream.tick(nowMs)
    if (this.#stuckAtMs !== undefined && this.#stuckAtMs <= nowMs) {
      this.#stuckAtMs = undefined
      if (this.#detours === undefined) this.#outputs.push({ type: 'stuck' })
    }
    this.settle(nowMs)
  }

  deadlineMs(): number | undefined {
    if (this.#closed) return undefined
    return earliest(
      this.#ice.deadlineMs(),
      this.#detours?.deadlineMs(),
      this.#stream.deadlineMs(),
      this.#choice.deadlineMs(),
      this.#stuckAtMs,
      this.#parkAtMs,
      this.#lostAtMs(),
    )
  }

  poll(): LinkOutput | undefined {
    return this.#outputs.shift()
  }

  /** Lets what came change the choice of carrier, and the stream flow. */
  settle(nowMs: number): void {
    this.#settle(nowMs, true)
  }

  /** Lets the stream flow, where nothing came that may change the choice of carrier. */
  flow(nowMs: number): void {
    this.#settle(nowMs, false)
  }

  #settle(nowMs: number, isNews: boolean): void {
    // What becomes of a relay is not told.
    this.#isNews ||= isNews || this.#detours !== undefined
    for (;;) {
      const out = this.#ice.poll() ?? this.#fromDetour()
      if (out !== undefined) {
        this.#fromCarrier(out, nowMs)
        continue
      }
      if (this.#isNews) this.#choose(nowMs)
      const flowing = this.#stream.poll()
      if (flowing !== undefined) this.#fromStream(flowing, nowMs)
      else if (!this.#park(nowMs)) break
    }
  }

  #fromStream(out: StreamOutput, nowMs: number): void {
    switch (out.type) {
      case 'packet':
        this.#send(out.lane, out.packet)
        return
      case 'stalled':
        this.#isNews = true
        this.#choice.distrust(nowMs)
        return
      case 'late':
        this.#isNews = true
        this.#choice.doubt(nowMs)
        return
      case 'measure':
        this.#stream.measured(this.#choice.current?.measure?.(nowMs))
        return
      default:
        this.#outputs.push(out)
    }
  }

  #fromDetour(): LinkDetourOutput | undefined {
    const out = this.#detours?.poll()
    if (out?.type === 'packet') this.#detouredBytes.received += out.packet.length
    return out
  }

  #fromCarrier(out: IceOutput | LinkDetourOutput, nowMs: number): void {
    this.#isNews ||= out.type !== 'packet' && out.type !== 'rtc'
    switch (out.type) {
      case 'packet':
        this.#stream.handle(out.packet, nowMs)
        return
      case 'hold':
        this.#stream.hold(out.untilMs, nowMs)
        return
      case 'opened':
        // A new connection in the old one's place: nothing that was on that one arrives any more.
        this.#choice.forget(this.#ice)
        return
      case 'changed':
        this.#refresh(nowMs, true)
        return
      default:
        this.#outputs.push(out)
    }
  }

  #send(lane: LaneName, packet: Bytes): void {
    const carrier = this.#choice.current
    if (carrier !== this.#ice) this.#detouredBytes.sent += packet.length
    carrier?.send(lane, packet)
  }

  #choose(nowMs: number): void {
    this.#isNews = false
    const carriers: Carrier[] = [this.#ice, ...(this.#detours?.carriers ?? [])]
    const isOther = this.#choice.choose(carriers, nowMs)
    const { current } = this.#choice
    if (isOther) this.#stream.use(current?.kind, nowMs)
    if (current?.usable === true && !this.#wasOpen) {
      this.#wasOpen = true
      this.#outputs.push({ type: 'opened' })
    }
    this.#refresh(nowMs, isOther)
  }

  /**
   * A standing connection that finds no path makes no more attempts while the ladder's path carries.
   * Answers whether that changed.
   */
  #park(nowMs: number): boolean {
    const isSpare = this.#isSpare
    // The other side may have begun another attempt meanwhile: that one gets its time too.
    if (this.#ice.connection !== undefined) this.#isParked = false
    if (isSpare && !this.#isParked) this.#parkAtMs ??= nowMs + PARK_AFTER_MS
    else this.#parkAtMs = undefined
    const isDue = this.#parkAtMs !== undefined && this.#parkAtMs <= nowMs
    if (isSpare === this.#isParked || (isSpare && !isDue)) return false
    this.#parkAtMs = undefined
    this.#isParked = isSpare
    if (isSpare) this.#ice.close()
    else this.#ice.resume(nowMs)
    return true
  }

  /** Whether another path of our own does what the standing connection does not. */
  get #isSpare(): boolean {
    const { current } = this.#choice
    if (current === this.#ice || this.#ice.usable) return false
    return current?.usable === true && rankOf(current.path) < rankOf('member-relay')
  }

  /** Notes when the last carrier failed, or the first works again. */
  #watch(isUp: boolean, nowMs: number): void {
    if (isUp === (this.#downSinceMs === undefined)) return
    this.#downSinceMs = isUp ? undefined : nowMs
    // What stopped the path may have stopped the way to the rendezvous, which every other path needs.
    if (!isUp && this.#wasOpen && !this.#closed) this.#outputs.push({ type: 'repair' })
    this.#stuckAtMs = isUp || this.hasDetours ? undefined : nowMs + STUCK_AFTER_MS
  }

  /** A path that loses large packets is as good as none to who looks for others. */
  #watchWidth(isNarrow: boolean, nowMs: number): void {
    if (isNarrow === (this.#narrowSinceMs !== undefined)) return
    this.#narrowSinceMs = isNarrow ? nowMs : undefined
    if (isNarrow && !this.hasDetours) this.#outputs.push({ type: 'stuck' })
  }

  /** Brings the status up to date, and tells when it changed. */
  #refresh(nowMs: number, isNews: boolean): void {
    const before = this.#status
    const current: Partial<Carrier> = this.#choice.current ?? {}
    const { path = before.path, via, rttMs } = current
    const isUp = current.usable === true
    this.#watch(isUp, nowMs)
    this.#watchWidth(isUp && current.width === 'narrow', nowMs)
    const state = this.#state(nowMs)
    const { bytesSent, bytesReceived } = this.#ice.status
    const { sent, received } = this.#detouredBytes
    const isOther = state !== before.state || path !== before.path
    if (!isOther && !isNews) return
    this.#status = {
      state,
      path,
      via,
      hindrance: this.#hindered(),
      diagnosis: this.#ice.width === 'narrow' ? LARGE_PACKETS : this.#detours?.diagnosis,
      rttMs,
      bytesSent: bytesSent + sent,
      bytesReceived: bytesReceived + received,
      sinceMs: state === before.state ? before.sinceMs : nowMs,
    }
    const isWhole = isUp && this.#narrowSinceMs === undefined
    this.#tellDetours(isWhole ? path : undefined, nowMs)
    this.#outputs.push({ type: 'changed' })
  }

  #hindered(): Hindrance | undefined {
    return this.#hindrance ?? this.#detours?.hindrance
  }

  #tellDetours(path: Path | undefined, nowMs: number): void {
    const downSinceMs = this.#downSinceMs ?? this.#narrowSinceMs
    this.#detours?.update({ downSinceMs, path, standing: this.#ice.status.state }, nowMs)
  }

  #state(nowMs: number): LinkState {
    if (this.#choice.current?.usable === true) return 'connected'
    const { state } = this.#ice.status
    if (!this.#wasOpen) return state
    const lostAtMs = this.#lostAtMs()
    return lostAtMs !== undefined && lostAtMs > nowMs ? 'reconnecting' : 'unreachable'
  }

  /** When a link that worked counts as lost. */
  #lostAtMs(): number | undefined {
    if (!this.#wasOpen || this.#status.state === 'unreachable') return undefined
    return this.#downSinceMs === undefined ? undefined : this.#downSinceMs + UNREACHABLE_AFTER_MS
  }
}
