// What an entry says, before it is sealed for the room: its kinds, and what is authenticated beside it. A
// kind of tomorrow is read as what it is, a kind we do not know, and not refused.
import * as v from 'valibot'
import type { Bytes } from '../bytes.ts'
import { decodeCbor, encodeCbor } from '../cbor.ts'
import type { Decoded } from '../cbor.ts'
import { MAX_BODY_BYTES, MAX_EMOJI_LENGTH, MAX_NAME_LENGTH, MAX_TEXT_BYTES } from '../limits.ts'
import { count, textUpTo } from '../schemas.ts'
import { utf8Length } from '../utf8.ts'
import { ENTRY_VERSION, feedIdBytes, parseEntryId } from './feed-name.ts'
import type { FeedId } from './feed-name.ts'

/**
 * `target` and `replyTo` are entry ids. A body may also have `clockMs`: what the author's own clock said,
 * where the entry's time had to be later than that to come after what the author had read.
 */
export type EntryBody = (
  | { readonly type: 'text'; readonly text: string; readonly replyTo?: string | undefined }
  | { readonly type: 'edit'; readonly target: string; readonly text: string }
  | { readonly type: 'delete'; readonly target: string }
  | {
      readonly type: 'reaction'
      readonly target: string
      readonly emoji: string
      readonly on: boolean
    }
  | {
      readonly type: 'membership'
      readonly event: 'joined' | 'named' | 'left'
      readonly name: string
    }
  | { readonly type: 'policy'; readonly keep: 'memory' | 'day' | 'month' | 'forever' }
) & { readonly clockMs?: number | undefined }

/** A kind that a newer version of ours writes. */
export interface UnknownBody {
  readonly type: 'unknown'
  readonly kind: string
}

/** AES-GCM's nonce before the ciphertext, and its tag after it. */
export const BODY_SEAL_BYTES = 28

const entryId = v.custom<string>(
  (value) => typeof value === 'string' && parseEntryId(value) !== undefined,
)
const words = v.custom<string>(
  (value) => typeof value === 'string' && value.length > 0 && utf8Length(value) <= MAX_TEXT_BYTES,
)
const emoji = v.custom<string>(
  (value) => typeof value === 'string' && value.length > 0 && value.length <= MAX_EMOJI_LENGTH,
)
const clockMs = v.optional(count)

const entryBody = v.variant('type', [
  v.object({ type: v.literal('text'), text: words, replyTo: v.optional(entryId), clockMs }),
  v.object({ type: v.literal('edit'), target: entryId, text: words, clockMs }),
  v.object({ type: v.literal('delete'), target: entryId, clockMs }),
  v.object({ type: v.literal('reaction'), target: entryId, emoji, on: v.boolean(), clockMs }),
  v.object({
    type: v.literal('membership'),
    event: v.picklist(['joined', 'named', 'left']),
    name: textUpTo(MAX_NAME_LENGTH),
    clockMs,
  }),
  v.object({
    type: v.literal('policy'),
    keep: v.picklist(['memory', 'day', 'month', 'forever']),
    clockMs,
  }),
])

const KINDS = ['text', 'edit', 'delete', 'reaction', 'membership', 'policy']

const anyBody = v.object({ type: textUpTo(MAX_NAME_LENGTH) })

export function encodeEntryBody(body: EntryBody): Bytes {
  return encodeCbor(body)
}

/** What an opened body says; a kind we do not know is `unknown`. */
export function decodeEntryBody(data: Uint8Array): Decoded<EntryBody | UnknownBody> {
  const decoded = decodeCbor(data, entryBody, MAX_BODY_BYTES)
  if (decoded.ok || decoded.fault !== 'wrong-shape') return decoded
  const named = decodeCbor(data, anyBody, MAX_BODY_BYTES)
  if (!named.ok || KINDS.includes(named.value.type)) return decoded
  return { ok: true, value: { type: 'unknown', kind: named.value.type } }
}

/** The bytes that AES-GCM authenticates beside a body: it opens as one of this feed's and no other's. */
export function bodySealBytes(feed: FeedId): Bytes {
  return encodeCbor(['knothole body', ENTRY_VERSION, feedIdBytes(feed)])
}
