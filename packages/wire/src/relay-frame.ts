// Relay frames as the rendezvous passes them on: the body is found by its place and copied once, and
// nothing is decoded. Takes the one encoding of W3 and leaves everything else, frames with fields of
// tomorrow included, to the decoder of all frames.
import type { Bytes } from './bytes.ts'
import type { PeerId } from './ids.ts'
import { MAX_RELAY_BYTES } from './limits.ts'

/** A relay frame of a peer; `body` is a view of the frame and lives as long. */
export interface RelayView {
  readonly to: PeerId
  readonly body: Uint8Array
}

const ascii = (text: string): number[] => Array.from(text, (char) => char.charCodeAt(0))

/** CBOR heads of texts up to 23 bytes (0x60 and the length) and of a map of three (0xa3). */
const ID_HEAD = 0x76
const TO = [0xa3, 0x62, ...ascii('to'), ID_HEAD]
const BODY = [0x64, ...ascii('body')]
const FROM = [0x64, ...ascii('from'), ID_HEAD]
const TYPE_RELAY = [0x64, ...ascii('type'), 0x65, ...ascii('relay')]

const ID_LENGTH = 22
/** Identifiers of W2: 16 bytes leave four bits unused in the last character, which are zero (W1). */
const CANONICAL_ID = /^[\w-]{21}[AQgw]$/

/** Reads a relay frame of a peer, or `undefined` for whatever is none in this form. */
export function readRelay(frame: Uint8Array): RelayView | undefined {
  if (!hasAt(frame, 0, TO)) return undefined
  const bodyKey = TO.length + ID_LENGTH
  if (!hasAt(frame, bodyKey, BODY)) return undefined
  const head = bodyKey + BODY.length
  const end = frame.length - TYPE_RELAY.length
  const from = head + headLength(end - head)
  const length = end - from
  if (length < 1 || length > MAX_RELAY_BYTES || !hasAt(frame, end, TYPE_RELAY)) return undefined
  if (!hasAt(frame, head, headOf(length))) return undefined
  const to = String.fromCharCode(...frame.subarray(TO.length, bodyKey))
  if (!CANONICAL_ID.test(to)) return undefined
  return { to: to as PeerId, body: frame.subarray(from, end) }
}

/** The server's relay frame with a body; the same bytes as `encodeServerFrame` gives. */
export function writeRelay(from: PeerId, body: Uint8Array): Bytes {
  const head = headOf(body.length)
  const before = [0xa3, ...BODY, ...head]
  const frame = new Uint8Array(
    before.length + body.length + FROM.length + ID_LENGTH + TYPE_RELAY.length,
  )
  frame.set(before)
  frame.set(body, before.length)
  const at = before.length + body.length
  frame.set(FROM, at)
  for (let i = 0; i < ID_LENGTH; i++) frame[at + FROM.length + i] = from.charCodeAt(i)
  frame.set(TYPE_RELAY, at + FROM.length + ID_LENGTH)
  return frame
}

/** The head of a byte string (RFC 8949, section 3), in its shortest form. */
function headOf(length: number): number[] {
  if (length < 24) return [0x40 | length]
  return length < 256 ? [0x58, length] : [0x59, length >> 8, length & 255]
}

/** Bytes of the head, when head and string have `total` together. */
function headLength(total: number): number {
  if (total < 1 + 24) return 1
  return total < 2 + 256 ? 2 : 3
}

function hasAt(frame: Uint8Array, at: number, expected: readonly number[]): boolean {
  for (let i = 0; i < expected.length; i++) if (frame[at + i] !== expected[i]) return false
  return true
}
