// Frames of a link's bulk lane: transfers of bytes, one after the other. The first byte tells bytes from
// words, because bytes are many and need no more.
import * as v from 'valibot'
import type { Bytes } from './bytes.ts'
import { decodeCbor, encodeCbor } from './cbor.ts'
import { MAX_LABEL_LENGTH, MAX_LINK_FRAME_BYTES } from './limits.ts'
import { count, textUpTo } from './schemas.ts'

/**
 * A transfer begins, goes on with bytes, and ends: whole, or stopped by its sender. `refuse` asks the
 * other side to stop its transfer `number`, counted from 0 by their beginnings.
 */
export type BulkFrame =
  | { readonly type: 'begin'; readonly label: string }
  | { readonly type: 'bytes'; readonly bytes: Bytes }
  | { readonly type: 'end' }
  | { readonly type: 'stop' }
  | { readonly type: 'refuse'; readonly number: number }

const BYTES = 0
const WORDS = 1

const words = v.variant('type', [
  v.object({ type: v.literal('begin'), label: textUpTo(MAX_LABEL_LENGTH) }),
  v.object({ type: v.literal('end') }),
  v.object({ type: v.literal('stop') }),
  v.object({ type: v.literal('refuse'), number: count }),
])

export function encodeBulkFrame(frame: BulkFrame): Bytes {
  const isBytes = frame.type === 'bytes'
  const content = isBytes ? frame.bytes : encodeCbor(frame)
  const bytes = new Uint8Array(1 + content.length)
  bytes[0] = isBytes ? BYTES : WORDS
  bytes.set(content, 1)
  return bytes
}

/** The frame in foreign bytes; undefined when they are none. Its bytes share memory with them. */
export function decodeBulkFrame(data: Bytes): BulkFrame | undefined {
  const content = data.subarray(1)
  if (data[0] === BYTES) return { type: 'bytes', bytes: content }
  if (data[0] !== WORDS) return undefined
  const decoded = decodeCbor(content, words, MAX_LINK_FRAME_BYTES)
  return decoded.ok ? decoded.value : undefined
}
