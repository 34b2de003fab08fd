// Splits a stream of bytes (TCP, TLS) into STUN messages and ChannelData (RFC 8489 section 6.2.2, RFC
// 8656 section 12.5): both tell their length, nothing lies between them. Bytes that are neither end
// the stream for good, for nobody can find the next frame in it. Holds at most one incomplete frame,
// and never more than twice what has arrived of it, whatever length its header claims.
//
// ```
// |0 0|  Type (14)              |  Length after 20 bytes of header  |  Magic cookie ...
// |0 1|  Channel number (14)    |  Length of what follows           |  Data, padded to 4 ...
// ```

/** One frame, without padding. Nobody changes the memory behind `bytes` afterwards. */
export interface StreamFrame {
  readonly type: 'stun' | 'channel-data'
  readonly bytes: Uint8Array
}

/** Why a stream cannot be read any further: close it. */
export type StreamFault = 'not-stun' | 'wrong-length' | 'too-long'

export interface StreamFraming {
  /** Takes what arrived, which must not change afterwards; false after a fault. */
  push(chunk: Uint8Array): boolean
  /** The next whole frame; poll until undefined after every push. */
  poll(): StreamFrame | undefined
  /** What ended the stream, known once `poll` gave undefined. */
  fault(): StreamFault | undefined
  /** Bytes of an incomplete frame: something for long means a peer that stalls. */
  pendingBytes(): number
}

/** A datagram's worth of data (65,507 bytes) in a DATA attribute, with room for what goes with it. */
export const MAX_STREAM_FRAME_BYTES = 65_600

const STUN_HEADER_BYTES = 20
const CHANNEL_HEADER_BYTES = 4
const COOKIE_END = 8
const MAGIC_COOKIE = 0x21_12_a4_42
const NOTHING = new Uint8Array()

/** What the first bytes say of a frame: nothing yet, its sizes, or that there is none. */
type Start =
  | StreamFault
  | { readonly type: StreamFrame['type']; readonly sizeBytes: number; readonly paddedBytes: number }
  | undefined

/** One for each stream that is read. */
export function createStreamFraming(maxFrameBytes: number = MAX_STREAM_FRAME_BYTES): StreamFraming {
  // What is unread, and how much free memory of ours lies behind it. Frames given out are views, so
  // memory once read is never written again.
  let unread: Uint8Array = NOTHING
  let free: Uint8Array = NOTHING
  let broken: StreamFault | undefined

  function append(chunk: Uint8Array): void {
    const total = unread.length + chunk.length
    if (chunk.length > free.length) {
      // Twice as much as is there: who sends single bytes must not have us copy all of them each time.
      const grown = new Uint8Array(Math.max(total, Math.min(2 * unread.length, maxFrameBytes)))
      grown.set(unread)
      unread = grown.subarray(0, unread.length)
      free = grown.subarray(unread.length)
    }
    free.set(chunk)
    unread = new Uint8Array(unread.buffer, unread.byteOffset, total)
    free = free.subarray(chunk.length)
  }

  function letGo(): void {
    unread = NOTHING
    free = NOTHING
  }

  /** A few bytes must not keep the whole chunk they came in. */
  function keepOnlyRest(): void {
    if (unread.length === 0) letGo()
    else if (free.length === 0 && unread.byteLength < unread.buffer.byteLength)
      unread = unread.slice()
  }

  return {
    push(chunk) {
      if (broken !== undefined) return false
      // A subclass (Node's Buffer) may share memory where a Uint8Array copies: see it as what we know.
      if (unread.length > 0) append(chunk)
      else unread = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      return true
    },
    poll() {
      const start = readStart(unread, maxFrameBytes)
      if (typeof start === 'string') {
        broken = start
        letGo()
        return undefined
      }
      if (start === undefined || start.paddedBytes > unread.length) {
        keepOnlyRest()
        return undefined
      }
      const bytes = unread.subarray(0, start.sizeBytes)
      unread = unread.subarray(start.paddedBytes)
      return { type: start.type, bytes }
    },
    fault: () => broken,
    pendingBytes: () => unread.length,
  }
}

function readStart(bytes: Uint8Array, maxFrameBytes: number): Start {
  const kind = (bytes[0] ?? 0) >> 6
  if (kind > 1) return 'not-stun'
  if (bytes.length < CHANNEL_HEADER_BYTES) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = view.getUint16(2)
  if (kind === 1) {
    const sizeBytes = CHANNEL_HEADER_BYTES + length
    const paddedBytes = (sizeBytes + 3) & ~3
    return sizeBytes > maxFrameBytes ? 'too-long' : { type: 'channel-data', sizeBytes, paddedBytes }
  }
  if (length % 4 !== 0) return 'wrong-length'
  const sizeBytes = STUN_HEADER_BYTES + length
  if (sizeBytes > maxFrameBytes) return 'too-long'
  if (bytes.length < COOKIE_END) return undefined
  if (view.getUint32(4) !== MAGIC_COOKIE) return 'not-stun'
  return { type: 'stun', sizeBytes, paddedBytes: sizeBytes }
}
