// The leaf schemas of the log's structures.
import * as v from 'valibot'
import { isId } from '../ids.ts'
import { MAX_SEQUENCE } from '../limits.ts'
import type { FeedId } from './feed-name.ts'

/** A feed id as text. */
export const feedId: v.CustomSchema<FeedId, undefined> = v.custom<FeedId>(
  (value) => typeof value === 'string' && isId(value),
)

/** A sequence number. */
export const sequence: v.CustomSchema<number, undefined> = v.custom<number>(
  (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_SEQUENCE,
)
