// Names of feeds and entries. A feed is the entries that one page session of one author wrote; its id is
// a hash of the log, the author and a random nonce, so that nobody can write into the feed of another.
// This file knows what is hashed; the hashing is the engine's.
import { decodeBase64url, encodeBase64url } from '../bytes.ts'
import type { Bytes } from '../bytes.ts'
import { encodeCbor } from '../cbor.ts'
import { ID_BYTES, isId } from '../ids.ts'
import { MAX_SEQUENCE } from '../limits.ts'

declare const brand: unique symbol

/** A feed: base64url of the first 16 bytes of the hash of its name's bytes. */
export type FeedId = string & { readonly [brand]: 'FeedId' }

/** Who writes a feed, and what tells this feed of theirs from the others. */
export interface FeedName {
  /** The author's identity public key. */
  readonly author: Bytes
  readonly nonce: Bytes
}

/** Version of everything in a log that is hashed, signed or sealed. */
export const ENTRY_VERSION = 1

/** A log id: the first key material that only members have, so that no server can name a log. */
export const LOG_ID_BYTES = 16

/** Random bytes of a feed's name: an author never makes so many feeds that two meet. */
export const FEED_NONCE_BYTES = 8

/** The bytes whose SHA-256 hash names a feed. */
export function feedNameBytes(logId: Uint8Array, { author, nonce }: FeedName): Bytes {
  return encodeCbor(['knothole feed', ENTRY_VERSION, logId, author, nonce])
}

/** The feed id of the hash of a name's bytes. */
export function feedIdOf(nameHash: Uint8Array): FeedId {
  return encodeBase64url(nameHash.subarray(0, ID_BYTES)) as FeedId
}

/** The feed id in a text, if it is one. */
export function parseFeedId(text: string): FeedId | undefined {
  return isId(text) ? (text as FeedId) : undefined
}

/** The 16 bytes of a feed id. */
export function feedIdBytes(feed: FeedId): Bytes {
  return decodeBase64url(feed) ?? new Uint8Array(ID_BYTES)
}

/** An entry, as others speak of it: its feed and its sequence number. */
export function entryIdOf(feed: FeedId, sequence: number): string {
  return `${feed}.${sequence}`
}

/** Feed and sequence number of an entry id, if the text is one. */
export function parseEntryId(
  text: string,
): { readonly feed: FeedId; readonly sequence: number } | undefined {
  const [name = '', digits = '', ...rest] = text.split('.')
  const feed = parseFeedId(name)
  if (feed === undefined || rest.length > 0 || !/^[1-9]\d{0,9}$/.test(digits)) return undefined
  const sequence = Number(digits)
  return sequence <= MAX_SEQUENCE ? { feed, sequence } : undefined
}
