// The stream of one link, above its carriers: frames arrive exactly once and in order, whatever mixture
// of paths they came by. Two lanes, so that a long transfer never delays the talk. Decides what is sent
// and when; by which path is the link's business.
import { decodeStreamPacket, encodeStreamPacket } from '@knothole/wire'
import type { AckPacket, Bytes, LaneName, SegmentPacket } from '@knothole/wire'
import { earliest } from '../machine.ts'
import { ReceiveLane } from './receive-lane.ts'
import { RoundTrip } from './round-trip.ts'
import { SendLane } from './send-lane.ts'
import type { LaneLimits, Window } from './send-lane.ts'
import { DIRECT_WINDOW, RELAYED_WINDOW, SendWindow } from './send-window.ts'
import { TokenBucket } from '../token-bucket.ts'
import type { Rate } from '../token-bucket.ts'

/** Texts kept while no path works: hours of talk, or two thousand pasted lines. */
const TALK: LaneLimits = { segments: 2_048, bytes: 1024 * 1024 }

/** As much as the widest window has in flight, and a little that waits. */
const BULK: LaneLimits = { segments: 1_024, bytes: 4 * 1024 * 1024 + 128 * 1024 }

/** So much bulk waits to be sent; more would be read from its source too early. */
const BULK_WAITING_BYTES = 64 * 1024

/**
 * Frames of talk read of one peer: what a data channel brings at most costs the page less than bringing
 * it cost the browser. What is beyond waits with its sender; what frames may ask for is limited where they
 * are understood.
 */
const READ_RATE: Rate = { burst: 6_000, perSecond: 60_000 }

/** How long an acknowledgement waits for others, or for a segment to ride on. */
const ACK_AFTER_MS = 100

/** The same when something is missing, which the sender should learn soon. */
const GAP_ACK_AFTER_MS = 10

/**
 * Segments of talk in flight at most. A frame goes at once while there are fewer; in a burst the others
 * share segments until the first are acknowledged, which costs the browser far less than one message each.
 */
const TALK_IN_FLIGHT = 64

/** So many segments of talk are acknowledged at once: a burst never waits for room that is there. */
const ACK_TALK_SEGMENTS = 16

/**
 * So many bytes of bulk are acknowledged at once: a part of the first window, which keeps it moving. On a
 * path of its own every acknowledgement costs both pages and the browser as much as two kilobytes of bulk.
 */
const ACK_BULK_BYTES = { reliable: 64 * 1024, relayed: 32 * 1024 } as const

/** So many segments are acknowledged every 32 KiB on any path: the sender's window is still growing. */
const FIRST_SEGMENTS = 256

/** Waits in vain, each twice as long as the last, after which a carrier brings nothing: five to eight seconds. */
const STALLED_TIMEOUTS = 3

/** A reliable carrier that has brought nothing of what it was given this long ago is told of, and again after as long. */
const LATE_AFTER_MS = 700

/** How often the path is measured while bulk goes. */
const MEASURE_EVERY_MS = 100

const LANES = ['talk', 'bulk'] as const

/**
 * How a carrier treats what it is given. `reliable`: all of it, in order, or it fails as a whole.
 * `relayed`: in others' hands, who may drop, repeat or reorder it.
 */
export type CarrierKind = 'reliable' | 'relayed'

export type StreamOutput =
  | { readonly type: 'packet'; readonly lane: LaneName; readonly packet: Bytes }
  /** A frame of talk. */
  | { readonly type: 'frame'; readonly frame: Bytes }
  /** The other side sent more than it may. */
  | { readonly type: 'flood' }
  | { readonly type: 'malformed' }
  /** A packet that belongs to no stream: for who passes packets on. */
  | { readonly type: 'passing'; readonly channel: number; readonly body: Bytes }
  /** Nothing was acknowledged for several seconds: the carrier seems to live and brings nothing. */
  | { readonly type: 'stalled' }
  /** A reliable carrier takes long to bring what it has: it may be busy, or lose large packets. */
  | { readonly type: 'late' }
  /** A reliable carrier brings bulk: how long its path takes is wanted, by `measured`. */
  | { readonly type: 'measure' }
  /** Frames of bulk can be taken, or some of ours have arrived. */
  | { readonly type: 'bulk' }

export class Stream {
  readonly #outputs: StreamOutput[] = []
  readonly #sending = { talk: new SendLane(TALK), bulk: new SendLane(BULK) }
  readonly #receiving = { talk: new ReceiveLane(TALK), bulk: new ReceiveLane(BULK) }
  readonly #window = new SendWindow()
  readonly #roundTrip = new RoundTrip()
  readonly #reading = new TokenBucket(READ_RATE)
  #carrier: CarrierKind | undefined
  readonly #owed = { talk: false, bulk: false }
  #owedBulkBytes = 0
  #owedTalkSegments = 0
  #ackAtMs: number | undefined
  #readAtMs: number | undefined
  #heldUntilMs: number | undefined
  #bulkNews = false
  #saidLateMs = -Infinity
  #measureAtMs = -Infinity

  /** Sends a frame, now or when it can be; answers whether there was room to keep it. */
  send(lane: LaneName, frame: Bytes, nowMs: number): boolean {
    if (!this.#sending[lane].push(frame)) return false
    this.#pump(nowMs)
    return true
  }

  /** Whether more bulk should be read from its source: little of it waits to be sent. */
  get wantsBulk(): boolean {
    return this.#sending.bulk.waitingBytes < BULK_WAITING_BYTES
  }

  /** How many segments of bulk were sent in all, and how many the other side has taken. */
  get bulkProgress(): { readonly sent: number; readonly taken: number } {
    return { sent: this.#sending.bulk.pushed, taken: this.#sending.bulk.taken }
  }

  /** Takes the next frame of bulk. What is not taken holds the sender back. */
  takeBulk(nowMs: number): Bytes | undefined {
    const frame = this.#receiving.bulk.take()
    if (frame === undefined) return undefined
    this.#owedBulkBytes += frame.length
    const isFirst = this.#receiving.bulk.taken <= FIRST_SEGMENTS
    const kind = isFirst ? 'relayed' : (this.#carrier ?? 'reliable')
    const isDue = this.#owedBulkBytes >= ACK_BULK_BYTES[kind]
    this.#owe('bulk', isDue ? 0 : ACK_AFTER_MS, nowMs)
    this.#acknowledge(nowMs)
    return frame
  }

  /** Another carrier takes over, or none is left: what it may not have brought goes out again. */
  use(carrier: CarrierKind | undefined, nowMs: number): void {
    this.#carrier = carrier
    if (carrier === undefined) return
    this.#window.reset(carrier === 'reliable' ? DIRECT_WINDOW : RELAYED_WINDOW, nowMs)
    this.#roundTrip.reset()
    this.#heldUntilMs = undefined
    for (const lane of LANES) {
      this.#sending[lane].resendAll()
      // First of all the other side learns what it need not send again.
      if (this.#receiving[lane].taken > 0 || this.#owed[lane]) this.#owe(lane, 0, nowMs)
    }
    this.#acknowledge(nowMs)
    this.#pump(nowMs)
  }

  /** The carrier threw something away and asks for a pause. */
  hold(untilMs: number, nowMs: number): void {
    this.#heldUntilMs = untilMs
    this.#window.lost(nowMs)
  }

  /** What the path takes there and back; undefined while that is not known. */
  measured(rttMs: number | undefined): void {
    if (rttMs !== undefined) this.#window.measured(rttMs)
  }

  /** A packet came, by whatever carrier. */
  handle(packet: Bytes, nowMs: number): void {
    const decoded = decodeStreamPacket(packet)
    if (decoded === undefined) this.#outputs.push({ type: 'malformed' })
    else if (decoded.type === 'ack') this.#acked(decoded, nowMs)
    else if (decoded.type === 'passing') this.#outputs.push(decoded)
    else this.#received(decoded, nowMs)
  }

  tick(nowMs: number): void {
    const due = (atMs: number | undefined): boolean => atMs !== undefined && atMs <= nowMs
    if (due(this.#readAtMs)) this.#read(nowMs)
    if (due(this.#heldUntilMs)) this.#heldUntilMs = undefined
    if (due(this.#resendAtMs())) this.#timedOut(nowMs)
    if (due(this.#lateAtMs())) {
      this.#saidLateMs = nowMs
      this.#outputs.push({ type: 'late' })
    }
    this.#acknowledge(nowMs)
    this.#pump(nowMs)
  }

  deadlineMs(): number | undefined {
    const ackAtMs = this.#carrier === undefined ? undefined : this.#ackAtMs
    const againAtMs = this.#carrier === 'reliable' ? this.#lateAtMs() : this.#resendAtMs()
    return earliest(ackAtMs, this.#readAtMs, this.#heldUntilMs, againAtMs)
  }

  poll(): StreamOutput | undefined {
    const out = this.#outputs.shift()
    if (out !== undefined || !this.#bulkNews) return out
    this.#bulkNews = false
    return { type: 'bulk' }
  }

  // Receiving.

  #received(segment: SegmentPacket, nowMs: number): void {
    const { lane, ack } = segment
    const isNews = ack > this.#sending[lane].taken
    if (isNews) this.#learn(lane, { upTo: ack, ranges: [] }, nowMs)
    const receiving = this.#receiving[lane]
    const received = receiving.receive(segment)
    if (received === 'refused') {
      this.#outputs.push({ type: 'flood' })
      return
    }
    const isGap = received === 'known' || !receiving.ready
    this.#owe(lane, isGap ? GAP_ACK_AFTER_MS : ACK_AFTER_MS, nowMs)
    if (lane === 'talk') this.#read(nowMs)
    else if (receiving.ready) this.#bulkNews = true
    this.#acknowledge(nowMs)
    if (isNews) this.#pump(nowMs)
  }

  #read(nowMs: number): void {
    const talk = this.#receiving.talk
    this.#readAtMs = undefined
    while (talk.ready) {
      if (!this.#reading.take(nowMs)) {
        this.#readAtMs = nowMs + this.#reading.waitMs()
        return
      }
      const frame = talk.take()
      if (frame !== undefined) this.#outputs.push({ type: 'frame', frame })
      this.#owedTalkSegments += 1
      this.#owe('talk', this.#owedTalkSegments >= ACK_TALK_SEGMENTS ? 0 : ACK_AFTER_MS, nowMs)
    }
  }

  #owe(lane: LaneName, afterMs: number, nowMs: number): void {
    this.#owed[lane] = true
    this.#ackAtMs = earliest(this.#ackAtMs, nowMs + afterMs)
  }

  #acknowledge(nowMs: number): void {
    if (this.#carrier === undefined || this.#ackAtMs === undefined || this.#ackAtMs > nowMs) return
    const { talk, bulk } = this.#receiving
    const packet = encodeStreamPacket({ type: 'ack', talk: talk.ack(), bulk: bulk.ack() })
    this.#outputs.push({ type: 'packet', lane: 'talk', packet })
    this.#owed.talk = false
    this.#owed.bulk = false
    this.#owedBulkBytes = 0
    this.#owedTalkSegments = 0
    this.#ackAtMs = undefined
  }

  // Sending.

  #acked(packet: AckPacket, nowMs: number): void {
    for (const lane of LANES) this.#learn(lane, packet[lane], nowMs)
    if (this.#carrier === 'relayed') {
      const overtakenMs = nowMs - this.#roundTrip.smoothedMs
      if (this.#resendLost(overtakenMs, -Infinity)) this.#window.lost(nowMs)
    }
    this.#pump(nowMs)
  }

  #learn(lane: LaneName, ack: AckPacket[LaneName], nowMs: number): void {
    const sending = this.#sending[lane]
    const before = sending.taken
    const { bytes, sentMs } = sending.acked(ack)
    const rttMs = sentMs === undefined ? undefined : nowMs - sentMs
    if (rttMs !== undefined) this.#roundTrip.sample(rttMs)
    if (lane !== 'bulk') return
    if (bytes > 0) this.#arrived(bytes, rttMs, nowMs)
    // What was held out of order may be taken now, though it is no news that it arrived.
    if (sending.taken > before) this.#bulkNews = true
  }

  /** What waits before a reliable carrier is in the time of every segment: its path is asked by itself. */
  #arrived(bytes: number, rttMs: number | undefined, nowMs: number): void {
    const isReliable = this.#carrier === 'reliable'
    this.#window.arrived(bytes, isReliable ? undefined : rttMs, nowMs)
    if (!isReliable || nowMs < this.#measureAtMs) return
    this.#measureAtMs = nowMs + MEASURE_EVERY_MS
    this.#outputs.push({ type: 'measure' })
  }

  #timedOut(nowMs: number): void {
    // The oldest by name: a difference of times may round to either side of it.
    const lateMs = Math.max(nowMs - this.#roundTrip.timeoutMs, this.#oldestSentMs() ?? 0)
    this.#resendLost(lateMs, lateMs)
    this.#roundTrip.timedOut()
    this.#window.lost(nowMs)
    if (this.#roundTrip.timeouts === STALLED_TIMEOUTS) this.#outputs.push({ type: 'stalled' })
  }

  #oldestSentMs(): number | undefined {
    const { talk, bulk } = this.#sending
    return earliest(talk.oldestSentMs(), bulk.oldestSentMs())
  }

  #resendLost(overtakenMs: number, lateMs: number): boolean {
    const talk = this.#sending.talk.resendLost(overtakenMs, lateMs)
    return this.#sending.bulk.resendLost(overtakenMs, lateMs) || talk
  }

  /** A carrier that drops has no timer of its own; a reliable one sends again itself. */
  #resendAtMs(): number | undefined {
    if (this.#carrier !== 'relayed') return undefined
    const oldest = this.#oldestSentMs()
    return oldest === undefined ? undefined : oldest + this.#roundTrip.timeoutMs
  }

  /** When a reliable carrier is late with what it has had longest. */
  #lateAtMs(): number | undefined {
    if (this.#carrier !== 'reliable') return undefined
    const { talk, bulk } = this.#sending
    const sinceMs = earliest(talk.firstSentMs, bulk.firstSentMs)
    if (sinceMs === undefined) return undefined
    return Math.max(sinceMs, this.#saidLateMs) + LATE_AFTER_MS + 2 * this.#roundTrip.smoothedMs
  }

  #pump(nowMs: number): void {
    if (this.#carrier === undefined || this.#heldUntilMs !== undefined) return
    const { bytes } = this.#window
    // A reliable carrier takes talk as it comes; what is relayed shares one window.
    const talkBytes = this.#carrier === 'reliable' ? Infinity : bytes
    this.#pumpLane('talk', { bytes: talkBytes, segments: TALK_IN_FLIGHT }, nowMs)
    this.#pumpLane('bulk', { bytes, segments: Infinity }, nowMs)
  }

  #pumpLane(lane: LaneName, window: Window, nowMs: number): void {
    const sending = this.#sending[lane]
    for (
      let next = sending.next(window, nowMs);
      next !== undefined;
      next = sending.next(window, nowMs)
    ) {
      const { number, payload, more, packed } = next
      const ack = this.#receiving[lane].taken
      const segment = { type: 'segment', lane, number, ack, more, packed, payload } as const
      const packet = encodeStreamPacket(segment)
      this.#outputs.push({ type: 'packet', lane, packet })
      this.#rode(lane)
    }
  }

  /** What was owed of this lane rode on a segment. */
  #rode(lane: LaneName): void {
    if (this.#receiving[lane].holds) return
    this.#owed[lane] = false
    if (lane === 'talk') this.#owedTalkSegments = 0
    if (!this.#owed.talk && !this.#owed.bulk) this.#ackAtMs = undefined
  }
}
