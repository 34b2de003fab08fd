// Packets of a link's stream: numbered segments of two lanes and acknowledgements, the same over every
// carrier. A few bytes of header instead of CBOR, because every frame of a link pays them. Never throws
// at hostile bytes.
//
//   segment  | head | number | ack | payload …        head: bits 0-1 lane, bit 2 more follow, bit 3 packed
//   packed   | length | frame … | length | frame … …   a payload of several frames
//   passing  |  2   | channel | body …                for a member who passes it on
//   ack      |  3   | lane 0: upTo, count, (skip, length) … | lane 1: the same |
//
// Numbers are unsigned LEB128 of at most 2^53-1, in their shortest form.
import type { Bytes } from './bytes.ts'
import { MAX_RELAY_BYTES, MAX_SEGMENT_BYTES } from './limits.ts'

/** `talk` carries the conversation, `bulk` everything that may wait for it. */
export type LaneName = 'talk' | 'bulk'

/** A piece of a lane. `ack` says how many segments of this lane its sender has taken from the other side. */
export interface SegmentPacket {
  readonly type: 'segment'
  readonly lane: LaneName
  readonly number: number
  readonly ack: number
  /** Whether the frame goes on in the next segment. */
  readonly more: boolean
  /** Whether the payload is several whole frames, as `packFrames` makes it. */
  readonly packed?: boolean | undefined
  readonly payload: Bytes
}

/** What came of one lane: all segments before `upTo`, and those in `ranges`, first included, end not. */
export interface LaneAck {
  readonly upTo: number
  readonly ranges: readonly (readonly [first: number, end: number])[]
}

export interface AckPacket {
  readonly type: 'ack'
  readonly talk: LaneAck
  readonly bulk: LaneAck
}

/** A sealed packet that a member passes on between two others; it belongs to no stream of this link. */
export interface PassingPacket {
  readonly type: 'passing'
  readonly channel: number
  readonly body: Bytes
}

export type StreamPacket = SegmentPacket | AckPacket | PassingPacket

/** Ranges told in one acknowledgement: what is left out is told by the next. */
export const MAX_ACK_RANGES = 16

const LANES = ['talk', 'bulk'] as const
const MORE = 4
const PACKED = 8
const PASSING = 2
const ACK = 3

export function encodeStreamPacket(packet: StreamPacket): Bytes {
  switch (packet.type) {
    case 'segment':
      return encodeSegment(packet)
    case 'passing':
      return encodePassing(packet)
    case 'ack':
      return encodeAck(packet)
  }
}

function encodePassing({ channel, body }: PassingPacket): Bytes {
  const start = 1 + numberBytes(channel)
  const bytes = new Uint8Array(start + body.length)
  bytes[0] = PASSING
  writeNumber(bytes, 1, channel)
  bytes.set(body, start)
  return bytes
}

/** One piece of memory and one copy of the payload: they are most of what a transfer costs. */
function encodeSegment(packet: SegmentPacket): Bytes {
  const { lane, number, ack, more, packed, payload } = packet
  const start = 1 + numberBytes(number) + numberBytes(ack)
  const bytes = new Uint8Array(start + payload.length)
  bytes[0] = (lane === 'bulk' ? 1 : 0) | (more ? MORE : 0) | (packed === true ? PACKED : 0)
  writeNumber(bytes, writeNumber(bytes, 1, number), ack)
  bytes.set(payload, start)
  return bytes
}

function encodeAck(packet: AckPacket): Bytes {
  const told = Math.min(packet.talk.ranges.length + packet.bulk.ranges.length, 2 * MAX_ACK_RANGES)
  const bytes = new Uint8Array(1 + 2 * 8 * (2 + told))
  bytes[0] = ACK
  let at = 1
  for (const lane of LANES) {
    const { upTo, ranges } = packet[lane]
    const told = ranges.slice(0, MAX_ACK_RANGES)
    at = writeNumber(bytes, writeNumber(bytes, at, upTo), told.length)
    let from = upTo
    for (const [first, end] of told) {
      at = writeNumber(bytes, writeNumber(bytes, at, first - from), end - first)
      from = end
    }
  }
  return bytes.slice(0, at)
}

/** The packet in foreign bytes; undefined when they are none. Its payload shares memory with them. */
export function decodeStreamPacket(bytes: Bytes): StreamPacket | undefined {
  const reader = new Reader(bytes)
  const head = bytes[0]
  if (head === ACK) return decodeAck(reader)
  if (head === PASSING) return decodePassing(reader)
  if (head === undefined || (head & ~(MORE | PACKED)) > 1) return undefined
  const number = reader.number()
  const ack = reader.number()
  const payload = reader.rest()
  if (reader.failed || payload.length > MAX_SEGMENT_BYTES) return undefined
  const lane = (head & 1) === 1 ? 'bulk' : 'talk'
  const more = (head & MORE) !== 0
  const packet = { type: 'segment', lane, number, ack, more, payload } as const
  if ((head & PACKED) === 0) return packet
  const isPacked = !more && unpackFrames(payload) !== undefined
  return isPacked ? { ...packet, packed: true } : undefined
}

/** Bytes that a frame takes in a packed payload. */
export function packedFrameBytes(frame: Bytes): number {
  return frame.length + (frame.length < 128 ? 1 : frame.length < 16_384 ? 2 : 3)
}

/** Several frames as one payload. */
export function packFrames(frames: readonly Bytes[]): Bytes {
  const payload = new Uint8Array(frames.reduce((sum, frame) => sum + packedFrameBytes(frame), 0))
  let at = 0
  for (const frame of frames) {
    at = writeNumber(payload, at, frame.length)
    payload.set(frame, at)
    at += frame.length
  }
  return payload
}

/** The two or more frames of a packed payload, sharing its memory; undefined when it is none. */
export function unpackFrames(payload: Bytes): Bytes[] | undefined {
  const reader = new Reader(payload, 0)
  const frames: Bytes[] = []
  while (!reader.ended) {
    const frame = reader.take(reader.number())
    if (frame === undefined) return undefined
    frames.push(frame)
  }
  return frames.length < 2 ? undefined : frames
}

function decodePassing(reader: Reader): PassingPacket | undefined {
  const channel = reader.number()
  const body = reader.rest()
  const isBody = body.length > 0 && body.length <= MAX_RELAY_BYTES
  return reader.failed || !isBody ? undefined : { type: 'passing', channel, body }
}

function decodeAck(reader: Reader): AckPacket | undefined {
  const talk = decodeLaneAck(reader)
  const bulk = decodeLaneAck(reader)
  if (reader.failed || reader.rest().length > 0) return undefined
  return { type: 'ack', talk, bulk }
}

function decodeLaneAck(reader: Reader): LaneAck {
  const upTo = reader.number()
  const count = reader.number()
  if (count > MAX_ACK_RANGES) reader.fail()
  const ranges: [number, number][] = []
  for (let from = upTo; ranges.length < count && !reader.failed;) {
    const first = from + reader.number()
    const end = first + reader.number()
    if (!Number.isSafeInteger(end) || end === first) reader.fail()
    ranges.push([first, end])
    from = end
  }
  return { upTo, ranges }
}

function numberBytes(value: number): number {
  let bytes = 1
  for (let left = value; left >= 128; left = Math.floor(left / 128)) bytes += 1
  return bytes
}

function writeNumber(bytes: Bytes, start: number, value: number): number {
  let at = start
  let left = value
  while (left >= 128) {
    bytes[at++] = (left % 128) | 128
    left = Math.floor(left / 128)
  }
  bytes[at++] = left
  return at
}

class Reader {
  readonly #bytes: Bytes
  #at: number
  failed = false

  /** @param from where to begin: after the head, unless there is none */
  constructor(bytes: Bytes, from = 1) {
    this.#bytes = bytes
    this.#at = from
  }

  /** Whether everything was read. */
  get ended(): boolean {
    return this.#at >= this.#bytes.length
  }

  /** So many bytes; undefined when there are fewer, or the number before was none. */
  take(length: number): Bytes | undefined {
    const end = this.#at + length
    if (this.failed || end > this.#bytes.length) return undefined
    const taken = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return taken
  }

  fail(): void {
    this.failed = true
  }

  /** The next number; 0 and `failed` when there is none. */
  number(): number {
    const first = this.#bytes[this.#at]
    if (first !== undefined && first < 128) {
      this.#at += 1
      return first
    }
    let value = 0
    for (let unit = 1; ; unit *= 128) {
      const byte = this.#bytes[this.#at++]
      value += ((byte ?? 0) & 127) * unit
      // A last byte of nothing but zeros would be a second form of the same number.
      const isPadded = byte === 0 && unit > 1
      if (byte === undefined || isPadded || !Number.isSafeInteger(value)) {
        this.fail()
        return 0
      }
      if (byte < 128) return value
    }
  }

  rest(): Bytes {
    return this.#bytes.subarray(this.#at)
  }
}
