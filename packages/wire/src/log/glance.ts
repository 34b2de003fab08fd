// What a page needs of a chunk to show texts before the code of the log is there. Reads no more than that
// and checks no chain, clock or proof: whoever uses it must know by other means who sent the frame.
import * as v from 'valibot'
import type { Bytes } from '../bytes.ts'
import { encodeBase64url } from '../bytes.ts'
import { decodeCbor } from '../cbor.ts'
import { ID_BYTES } from '../ids.ts'
import {
  MAX_BODY_BYTES,
  MAX_CHUNK_BYTES,
  MAX_HEADER_BYTES,
  MAX_LOG_FRAME_BYTES,
} from '../limits.ts'
import { KEY_BYTES } from '../rendezvous-frames.ts'
import { bytes, bytesUpTo, count } from '../schemas.ts'
import { unpackEntries } from './chunk.ts'
import { ENTRY_VERSION, parseFeedId } from './feed-name.ts'
import type { FeedId } from './feed-name.ts'

/** One entry of a chunk. */
export interface Glance {
  readonly feed: FeedId
  readonly sequence: number
  readonly atMs: number
  /** As it was sealed. */
  readonly body: Bytes | undefined
}

const chunk = v.object({
  type: v.literal('chunk'),
  author: bytes(KEY_BYTES),
  entries: bytesUpTo(MAX_CHUNK_BYTES),
})

const header = v.tuple([
  v.literal(ENTRY_VERSION),
  bytes(ID_BYTES),
  count,
  v.unknown(),
  v.unknown(),
  count,
])

const text = v.object({ type: v.literal('text'), text: v.string() })

/** Author and entries of a frame of the log; undefined when it is no chunk of one feed. */
export function glanceAtChunk(
  data: Uint8Array,
): { readonly author: Bytes; readonly entries: readonly Glance[] } | undefined {
  const frame = decodeCbor(data, chunk, MAX_LOG_FRAME_BYTES)
  const packed = frame.ok ? unpackEntries(frame.value.entries) : undefined
  if (!frame.ok || packed === undefined) return undefined
  const entries: Glance[] = []
  for (const { header: bytesOfHeader, body } of packed) {
    const head = decodeCbor(bytesOfHeader, header, MAX_HEADER_BYTES)
    const feed = head.ok ? parseFeedId(encodeBase64url(head.value[1])) : undefined
    if (!head.ok || feed === undefined) return undefined
    entries.push({ feed, sequence: head.value[2], atMs: head.value[5], body })
  }
  return { author: frame.value.author, entries }
}

/** The words of an opened body; undefined when it is no text. */
export function glanceAtText(body: Uint8Array): string | undefined {
  const read = decodeCbor(body, text, MAX_BODY_BYTES)
  return read.ok ? read.value.text : undefined
}
