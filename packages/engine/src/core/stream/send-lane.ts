// The sending side of one lane of a stream: frames cut into numbered segments, kept until the other side
// has them, sent again when they may be lost. Knows no carrier and no clock of its own.
import { MAX_SEGMENT_BYTES, packFrames, packedFrameBytes } from '@knothole/wire'
import type { Bytes, LaneAck } from '@knothole/wire'

/** Frames in one segment: beyond this, sharing one saves nothing more, and each costs memory of its own. */
const MAX_PACKED_FRAMES = 128

/** What a lane holds at most. */
export interface LaneLimits {
  /** Segments, and bytes of them, that are kept for the other side. */
  readonly segments: number
  readonly bytes: number
}

/** What may be in flight. */
export interface Window {
  readonly bytes: number
  readonly segments: number
}

/** A segment on its way. */
export interface Sending {
  readonly number: number
  payload: Bytes
  /** Whole frames that share this segment, until it is first sent; `payload` is the first of them. */
  frames: Bytes[] | undefined
  /** Bytes of the payload as it will be sent. */
  bytes: number
  readonly more: boolean
  /** Whether the payload is several frames. */
  packed: boolean
  /** When it was last sent; undefined while it is to be sent. */
  sentMs: number | undefined
  /** How many times it was sent. */
  sends: number
  /** The other side holds it, out of order. */
  held: boolean
}

/** What an acknowledgement told. */
export interface Acked {
  /** Bytes that the other side is known to have since. */
  readonly bytes: number
  /** When the newest of them was sent, if it was sent only once: a sample of the round-trip time. */
  readonly sentMs: number | undefined
}

const NOTHING: Acked = { bytes: 0, sentMs: undefined }

export class SendLane {
  readonly #limits: LaneLimits
  /** Not yet taken by the other side, in order. */
  #kept: Sending[] = []
  #next = 0
  /** Everything kept before this number was sent, or is held by the other side. */
  #unsent = 0
  #keptBytes = 0
  #flightBytes = 0
  #flightSegments = 0
  /** One beyond the highest number that the other side is known to hold. */
  #heldEnd = 0

  constructor(limits: LaneLimits) {
    this.#limits = limits
  }

  /** How many segments were ever pushed: the number of the next. */
  get pushed(): number {
    return this.#next
  }

  /** How many segments the other side has taken. */
  get taken(): number {
    return this.#next - this.#kept.length
  }

  /** Bytes sent and not yet taken: in flight, or waiting at the other side. */
  get flightBytes(): number {
    return this.#flightBytes
  }

  /** Bytes that were pushed and are to be sent. */
  get waitingBytes(): number {
    return this.#keptBytes - this.#flightBytes
  }

  /** Bytes that can be pushed now. */
  get roomBytes(): number {
    const segments = this.#limits.segments - this.#kept.length
    return Math.min(this.#limits.bytes - this.#keptBytes, segments * MAX_SEGMENT_BYTES)
  }

  /** Takes a frame for sending, whole or not at all. */
  push(frame: Bytes): boolean {
    if (this.#pack(frame)) return true
    const isFull = this.#kept.length >= this.#limits.segments
    if (isFull || frame.length > this.roomBytes) return false
    const isWhole = frame.length <= MAX_SEGMENT_BYTES
    for (let at = 0; at === 0 || at < frame.length; at += MAX_SEGMENT_BYTES) {
      const end = Math.min(frame.length, at + MAX_SEGMENT_BYTES)
      const payload = frame.subarray(at, end)
      this.#kept.push({
        number: this.#next++,
        payload,
        frames: isWhole ? [frame] : undefined,
        bytes: payload.length,
        more: end < frame.length,
        packed: false,
        sentMs: undefined,
        sends: 0,
        held: false,
      })
    }
    this.#keptBytes += frame.length
    return true
  }

  /** Puts a frame into the segment that waits last, if there is one with room. */
  #pack(frame: Bytes): boolean {
    const last = this.#kept.at(-1)
    if (last?.frames === undefined || last.frames.length >= MAX_PACKED_FRAMES) return false
    const head = last.frames.length === 1 ? packedFrameBytes(last.payload) - last.payload.length : 0
    const more = head + packedFrameBytes(frame)
    if (last.bytes + more > MAX_SEGMENT_BYTES || this.#keptBytes + more > this.#limits.bytes)
      return false
    last.frames.push(frame)
    last.bytes += more
    this.#keptBytes += more
    return true
  }

  /** The next segment to send, lost ones first; none while a window's worth is in flight. */
  next(window: Window, nowMs: number): Sending | undefined {
    const segment = this.#firstUnsent()
    if (segment === undefined) return undefined
    const isOpen = this.#flightBytes < window.bytes && this.#flightSegments < window.segments
    // What fills a gap always goes: the window may be full of what waits behind it.
    if (!isOpen && segment.number >= this.#heldEnd) return undefined
    if (segment.frames !== undefined && segment.frames.length > 1) {
      segment.payload = packFrames(segment.frames)
      segment.packed = true
    }
    segment.frames = undefined
    segment.sentMs = nowMs
    segment.sends += 1
    this.#flightBytes += segment.bytes
    this.#flightSegments += 1
    return segment
  }

  /** Learns what the other side took and holds. */
  acked({ upTo, ranges }: LaneAck): Acked {
    const first = this.taken
    // A number never sent is a lie, and a lower one is old news.
    if (upTo > this.#next || (upTo < first && ranges.length === 0)) return NOTHING
    let bytes = 0
    let newest: Sending | undefined
    const learn = (segment: Sending): void => {
      if (segment.held) return
      segment.held = true
      bytes += segment.bytes
      if (segment.sends === 1) newest = segment
    }
    const gone = this.#kept.splice(0, Math.max(0, upTo - first))
    for (const segment of gone) {
      learn(segment)
      this.#keptBytes -= segment.bytes
      if (segment.sentMs !== undefined) this.#landed(segment)
    }
    this.#heldEnd = Math.max(this.#heldEnd, upTo)
    for (const [from, end] of ranges) {
      for (const segment of this.#between(from, end)) learn(segment)
      this.#heldEnd = Math.max(this.#heldEnd, Math.min(end, this.#next))
    }
    return { bytes, sentMs: newest?.sentMs }
  }

  /** Everything in flight is to be sent again: the carrier changed. */
  resendAll(): void {
    for (const segment of this.#kept) this.#resend(segment)
    this.#unsent = this.taken
  }

  /**
   * What was sent before `beforeMs` and overtaken, or before `lateMs` at all, is to be sent again;
   * answers whether anything is.
   */
  resendLost(beforeMs: number, lateMs: number): boolean {
    let found = false
    for (const segment of this.#kept) {
      const { sentMs, number, held } = segment
      if (held || sentMs === undefined) continue
      if (!(number < this.#heldEnd && sentMs <= beforeMs) && sentMs > lateMs) continue
      this.#resend(segment)
      if (number < this.#unsent) this.#unsent = number
      found = true
    }
    return found
  }

  /** When the first segment that is not taken was sent; undefined where it was not, or is only not taken. */
  get firstSentMs(): number | undefined {
    const first = this.#kept[0]
    return first?.held === false ? first.sentMs : undefined
  }

  /** When the oldest segment in flight was sent. */
  oldestSentMs(): number | undefined {
    let oldest: number | undefined
    for (const { sentMs, held } of this.#kept) {
      if (held || sentMs === undefined) continue
      if (oldest === undefined || sentMs < oldest) oldest = sentMs
    }
    return oldest
  }

  #firstUnsent(): Sending | undefined {
    const first = this.taken
    this.#unsent = Math.max(this.#unsent, first)
    for (; this.#unsent < this.#next; this.#unsent += 1) {
      const segment = this.#kept[this.#unsent - first]
      if (segment?.sentMs === undefined && segment?.held === false) return segment
    }
    return undefined
  }

  #between(from: number, end: number): Sending[] {
    const first = this.taken
    return this.#kept.slice(Math.max(0, from - first), Math.max(0, end - first))
  }

  #resend(segment: Sending): void {
    if (segment.sentMs === undefined || segment.held) return
    segment.sentMs = undefined
    this.#landed(segment)
  }

  /** A segment is no longer in flight. */
  #landed(segment: Sending): void {
    this.#flightBytes -= segment.bytes
    this.#flightSegments -= 1
  }
}
