// Receipts: what a member has, and has read if it says so, signed by its identity, so that anyone may pass
// it on. They are no entries: they would outnumber the messages. Of one member the newest is passed on, and
// what any of them said of a feed stays said.
import * as v from 'valibot'
import type { Bytes } from '../bytes.ts'
import { encodeCbor } from '../cbor.ts'
import { MAX_RECEIPT_FEEDS } from '../limits.ts'
import { KEY_BYTES, SIGNATURE_BYTES } from '../rendezvous-frames.ts'
import { bytes, count } from '../schemas.ts'
import { ENTRY_VERSION } from './feed-name.ts'
import type { FeedId } from './feed-name.ts'
import { feedId } from './schemas.ts'

/** A feed, and up to which number. */
export type FeedCount = readonly [feed: FeedId, count: number]

export interface Receipt {
  /** The member's identity public key. */
  readonly member: Bytes
  /** Rises with each receipt of a member. */
  readonly atMs: number
  /** The feeds that grew last, and how many of their entries the member has. */
  readonly have: readonly FeedCount[]
  /** Likewise, how far the member has read; absent where it does not tell. */
  readonly read?: readonly FeedCount[] | undefined
  readonly proof: Bytes
}

/** A list of feeds with counts. */
export const feedCounts = (
  max: number,
): v.GenericSchema<(readonly [FeedId, number])[], (readonly [FeedId, number])[]> =>
  v.pipe(v.array(v.tuple([feedId, count])), v.maxLength(max))

/** A receipt as it travels in a frame. */
export const receipt: v.GenericSchema<Receipt> = v.object({
  member: bytes(KEY_BYTES),
  atMs: count,
  have: feedCounts(MAX_RECEIPT_FEEDS),
  read: v.optional(feedCounts(MAX_RECEIPT_FEEDS)),
  proof: bytes(SIGNATURE_BYTES),
})

/** The bytes a member signs. */
export function receiptBytes(logId: Uint8Array, value: Omit<Receipt, 'proof'>): Bytes {
  const { member, atMs, have, read } = value
  return encodeCbor(['knothole receipt', ENTRY_VERSION, logId, member, atMs, have, read ?? null])
}
