// A signal: one step of an introduction between two peers (SDP offer and answer of RFC 9429, trickled
// candidates of RFC 8838), always inside a seal.
import * as v from 'valibot'
import type { Bytes } from './bytes.ts'
import { decodeCbor, encodeCbor } from './cbor.ts'
import type { Decoded } from './cbor.ts'
import {
  MAX_CANDIDATES_PER_SIGNAL,
  MAX_CANDIDATE_LENGTH,
  MAX_NOTE_BYTES,
  MAX_SDP_LENGTH,
  MAX_SIGNAL_BYTES,
  MAX_UFRAG_LENGTH,
} from './limits.ts'
import { bytesUpTo, count, textUpTo } from './schemas.ts'

/**
 * `sequence` rises with every signal a peer sends; a receiver takes each once.
 * `attempt` counts the connections tried between the two; signals of an earlier one are stale. An
 * offer is `fresh` when it begins its attempt, and not when it repairs a connection that was made.
 * An answer names the sequence of its offer, a candidate the ufrag it belongs to.
 * `way` tells the connections apart that two peers have side by side; absent, it is the standing one.
 * A `note` is between the two sides' traversal ladders, `mesh` is about whether there is to be a link.
 */
export type Signal = {
  readonly sequence: number
  readonly attempt: number
  readonly way?: number | undefined
} & (
  | { readonly type: 'offer'; readonly sdp: string; readonly fresh: boolean }
  | { readonly type: 'answer'; readonly sdp: string; readonly offer: number }
  | { readonly type: 'candidates'; readonly candidates: readonly Candidate[] }
  | { readonly type: 'note' | 'mesh'; readonly note: Bytes }
)

/** A trickled ICE candidate; an empty `candidate` is end-of-candidates. */
export interface Candidate {
  readonly candidate: string
  readonly ufrag: string
}

const common = { sequence: count, attempt: count, way: v.optional(count) }
const sdp = textUpTo(MAX_SDP_LENGTH)
const candidate = v.object({
  candidate: textUpTo(MAX_CANDIDATE_LENGTH),
  ufrag: textUpTo(MAX_UFRAG_LENGTH),
})

const signal = v.variant('type', [
  v.object({ type: v.literal('offer'), ...common, sdp, fresh: v.boolean() }),
  v.object({ type: v.literal('answer'), ...common, sdp, offer: count }),
  v.object({
    type: v.literal('candidates'),
    ...common,
    candidates: v.pipe(v.array(candidate), v.maxLength(MAX_CANDIDATES_PER_SIGNAL)),
  }),
  v.object({ type: v.picklist(['note', 'mesh']), ...common, note: bytesUpTo(MAX_NOTE_BYTES) }),
])

export function encodeSignal(value: Signal): Bytes {
  return encodeCbor(value)
}

export function decodeSignal(data: Uint8Array): Decoded<Signal> {
  return decodeCbor(data, signal, MAX_SIGNAL_BYTES)
}
