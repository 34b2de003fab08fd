// Evidence that the author of a feed lied, which anyone can check who has nothing else: two signed branches
// of one feed, or a signed entry that names, as known when it was written, an entry not earlier than itself.
// From the number it speaks of, the feed counts for nobody.
import * as v from 'valibot'
import type { Bytes } from '../bytes.ts'
import { MAX_CHUNK_ENTRIES, MAX_HEADER_BYTES } from '../limits.ts'
import { KEY_BYTES, SIGNATURE_BYTES } from '../rendezvous-frames.ts'
import { bytes, bytesUpTo } from '../schemas.ts'
import { FEED_NONCE_BYTES } from './feed-name.ts'
import type { FeedName } from './feed-name.ts'
import { sequence } from './schemas.ts'

/** Headers `at`, `at + 1`, … of a feed up to one that was signed, and the signature. */
export interface Branch {
  readonly headers: readonly Bytes[]
  readonly proof: Bytes
}

/**
 * `fork`: two branches whose first headers, both numbered `at`, differ. `order`: the first header of the
 * branch, numbered `at`, names `named` (as the one before it, or as a head of another feed) and is not later.
 */
export type Evidence =
  | ({
      readonly kind: 'fork'
      readonly at: number
      readonly branches: readonly Branch[]
    } & FeedName)
  | ({
      readonly kind: 'order'
      readonly at: number
      readonly branches: readonly Branch[]
      readonly named: Bytes
    } & FeedName)

const branch = v.object({
  headers: v.pipe(
    v.array(bytesUpTo(MAX_HEADER_BYTES)),
    v.minLength(1),
    v.maxLength(MAX_CHUNK_ENTRIES),
  ),
  proof: bytes(SIGNATURE_BYTES),
})

const feedName = { author: bytes(KEY_BYTES), nonce: bytes(FEED_NONCE_BYTES) }

const branches = (length: number) => v.pipe(v.array(branch), v.length(length))

/** Evidence as it travels in a frame. */
export const evidence: v.GenericSchema<Evidence> = v.variant('kind', [
  v.object({ kind: v.literal('fork'), at: sequence, branches: branches(2), ...feedName }),
  v.object({
    kind: v.literal('order'),
    at: sequence,
    branches: branches(1),
    named: bytesUpTo(MAX_HEADER_BYTES),
    ...feedName,
  }),
])
