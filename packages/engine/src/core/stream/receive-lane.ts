// The receiving side of one lane of a stream: puts segments in order, each once, and hands on whole
// frames. Holds no more than its limits, whatever the other side sends.
import { MAX_LINK_FRAME_BYTES, unpackFrames } from '@knothole/wire'
import type { Bytes, LaneAck, SegmentPacket } from '@knothole/wire'
import type { LaneLimits } from './send-lane.ts'

/** What became of a segment. */
export type Received = 'new' | 'known' | 'refused'

export class ReceiveLane {
  readonly #limits: LaneLimits
  readonly #early = new Map<number, SegmentPacket>()
  /** Of the packed segment taken last, what was not handed on yet. */
  #unpacked: Bytes[] = []
  #bytes = 0
  #taken = 0
  /** The first number that has not come. */
  #missing = 0

  constructor(limits: LaneLimits) {
    this.#limits = limits
  }

  /** How many segments were taken. */
  get taken(): number {
    return this.#taken
  }

  /** Takes a segment in, or refuses what an honest sender would not send. */
  receive(segment: SegmentPacket): Received {
    const { number, payload } = segment
    if (number < this.#taken || this.#early.has(number)) return 'known'
    if (number >= this.#taken + this.#limits.segments) return 'refused'
    if (this.#bytes + payload.length > this.#limits.bytes) return 'refused'
    this.#early.set(number, segment)
    this.#bytes += payload.length
    while (this.#early.has(this.#missing)) this.#missing += 1
    return 'new'
  }

  /** Whether anything came that was not taken. */
  get holds(): boolean {
    return this.#early.size > 0
  }

  /** Whether a whole frame can be taken. */
  get ready(): boolean {
    if (this.#unpacked.length > 0) return true
    for (let at = this.#taken; ; at++) {
      const segment = this.#early.get(at)
      if (segment?.more !== true) return segment !== undefined
    }
  }

  /** The next whole frame, in order; empty when it was longer than a frame may be. */
  take(): Bytes | undefined {
    if (!this.ready) return undefined
    const unpacked = this.#unpacked.shift()
    if (unpacked !== undefined) return unpacked
    const parts: Bytes[] = []
    for (let more = true; more;) {
      const segment = this.#early.get(this.#taken)
      this.#early.delete(this.#taken++)
      if (segment === undefined) break
      this.#bytes -= segment.payload.length
      if (segment.packed === true) {
        this.#unpacked = unpackFrames(segment.payload) ?? []
        // A liar's segment may go on in a packed one: what it began is no frame.
        return this.#unpacked.shift()
      }
      parts.push(segment.payload)
      more = segment.more
    }
    return joined(parts)
  }

  /** What to tell the sender. */
  ack(): LaneAck {
    const ranges: [number, number][] = []
    if (this.#missing > this.#taken) ranges.push([this.#taken, this.#missing])
    if (this.#early.size === this.#missing - this.#taken) return { upTo: this.#taken, ranges }
    const beyond = [...this.#early.keys()].filter((number) => number > this.#missing)
    for (const number of beyond.toSorted((a, b) => a - b)) {
      const last = ranges.at(-1)
      if (last?.[1] === number) last[1] = number + 1
      else ranges.push([number, number + 1])
    }
    return { upTo: this.#taken, ranges }
  }
}

function joined(parts: readonly Bytes[]): Bytes {
  const [only] = parts
  if (only !== undefined && parts.length === 1) return only
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  if (length > MAX_LINK_FRAME_BYTES) return new Uint8Array()
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
