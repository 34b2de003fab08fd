// What a store keeps of a log beside entries: where feeds begin, and where they are cut and why.
import { KEY_BYTES, decodeCbor, encodeCbor } from '@knothole/wire'
import { FEED_NONCE_BYTES, HASH_BYTES, decodeLogFrame, encodeLogFrame } from '@knothole/wire'
import type { Bytes, Evidence, FeedId, FeedName } from '@knothole/wire'
import * as v from 'valibot'
import type { StoredNote } from '../../ports/log-store.ts'
import type { Feed } from './feed.ts'

/** Where a feed begins. */
export interface Base {
  readonly name: FeedName
  readonly base: number
  /** Hash of entry `base`. */
  readonly hash: Bytes
  /** Up to where we let it go ourselves. */
  readonly letGo: number
}

const BASE = 'base:'
const CUT = 'cut:'
/** A note of ours: keys, numbers and a hash. */
const MAX_BASE_BYTES = 256

const sized = (length: number) =>
  v.custom<Bytes>((value) => value instanceof Uint8Array && value.length === length)

const baseNote = v.object({
  author: sized(KEY_BYTES),
  nonce: sized(FEED_NONCE_BYTES),
  base: v.number(),
  hash: sized(HASH_BYTES),
  letGo: v.number(),
})

export function noteOfBase(feed: Feed): StoredNote | undefined {
  const { base, letGo } = feed
  const hash = feed.hashAt(base)
  if (base === 0 || hash === undefined) return undefined
  const { author, nonce } = feed.name
  const value = encodeCbor({ author, nonce, base, hash, letGo })
  return { key: `${BASE}${feed.id}`, order: base, value }
}

/** The feed whose beginning a note tells, and the entry after which that is; undefined for other notes. */
export function baseOf({ key, order }: StoredNote): readonly [FeedId, number] | undefined {
  return key.startsWith(BASE) ? [key.slice(BASE.length) as FeedId, order] : undefined
}

export function noteOfCut(feed: FeedId, evidence: Evidence): StoredNote {
  const value = encodeLogFrame({ type: 'evidence', evidence })
  return { key: `${CUT}${feed}`, order: -evidence.at, value }
}

/** Bases and cuts among notes; others are somebody else's. */
export function readNotes(notes: readonly StoredNote[]): {
  readonly bases: readonly Base[]
  readonly cuts: readonly Evidence[]
} {
  const bases: Base[] = []
  const cuts: Evidence[] = []
  for (const { key, value } of notes) {
    if (key.startsWith(CUT)) {
      const frame = decodeLogFrame(value)
      if (frame.ok && frame.value.type === 'evidence') cuts.push(frame.value.evidence)
    } else if (key.startsWith(BASE)) {
      const note = decodeCbor(value, baseNote, MAX_BASE_BYTES)
      if (!note.ok) continue
      const { author, nonce, ...rest } = note.value
      bases.push({ name: { author, nonce }, ...rest })
    }
  }
  return { bases, cuts }
}
