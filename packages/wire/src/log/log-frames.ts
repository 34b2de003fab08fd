// Frames by which two peers bring their logs together; each travels as the data of a talk frame of the type
// `log`. Any of them may be lost, repeated or overtaken. Who sends is known from the link.
import * as v from 'valibot'
import type { Bytes } from '../bytes.ts'
import { decodeCbor, encodeCbor } from '../cbor.ts'
import type { Decoded } from '../cbor.ts'
import { MAX_BODY_BYTES, MAX_CHUNK_BYTES, MAX_LOG_FRAME_BYTES } from '../limits.ts'
import { MAX_RECEIPTS, MAX_SUMMARY_FEEDS, MAX_WANTED } from '../limits.ts'
import { KEY_BYTES, SIGNATURE_BYTES } from '../rendezvous-frames.ts'
import { bytes, bytesUpTo, count } from '../schemas.ts'
import { packEntries, unpackEntries } from './chunk.ts'
import type { Chunk } from './chunk.ts'
import { HASH_BYTES, previousOf } from './entry-header.ts'
import { evidence } from './evidence.ts'
import type { Evidence } from './evidence.ts'
import { FEED_NONCE_BYTES } from './feed-name.ts'
import type { FeedId } from './feed-name.ts'
import { receipt } from './receipt.ts'
import type { Receipt } from './receipt.ts'
import { packRun, unpackRun } from './run.ts'
import type { Run } from './run.ts'
import { feedId, sequence } from './schemas.ts'

/** What a peer has of a feed: entries `base + 1` to `count`. */
export interface FeedSummary {
  readonly feed: FeedId
  /** How many of the first were let go. */
  readonly base: number
  /** Of a feed that is cut, those before the cut. */
  readonly count: number
  /** First bytes of the hash of entry `count`; none where there is no such entry. */
  readonly head: Bytes
  /** From this number on the feed counts for nobody, by evidence that can be asked for. */
  readonly cut?: number | undefined
}

/** Entries after number `after`, up to `upTo`. */
export type WantedRange = readonly [feed: FeedId, after: number, upTo: number]

export type LogFrame =
  /** What I have; what is in no frame of it up to `isLast` I do not have. */
  | {
      readonly type: 'summary'
      readonly feeds: readonly FeedSummary[]
      readonly isLast: boolean
      /** It answers yours, so do not answer. */
      readonly isAnswer: boolean
      readonly digest: Bytes
    }
  /** A hash of all that I have: answer with a summary if yours differs. */
  | { readonly type: 'digest'; readonly digest: Bytes }
  /** Send me these. */
  | { readonly type: 'want'; readonly ranges: readonly WantedRange[] }
  /** Entries: asked for, or new. */
  | { readonly type: 'chunk'; readonly chunk: Chunk }
  /** Entries that were asked for, without what follows from their bodies. */
  | { readonly type: 'run'; readonly run: Run }
  /** I hold so many of these feeds, and will not lose them; and the first bytes of the hash of the last. */
  | { readonly type: 'have'; readonly feeds: readonly (readonly [FeedId, number, Bytes])[] }
  /** Send me the bodies of these entries, which came without. */
  | {
      readonly type: 'want-bodies'
      readonly feed: FeedId
      readonly sequences: readonly number[]
    }
  | {
      readonly type: 'bodies'
      readonly feed: FeedId
      readonly bodies: readonly (readonly [sequence: number, body: Bytes])[]
    }
  | { readonly type: 'evidence'; readonly evidence: Evidence }
  /** Send me the evidence of these cuts. */
  | { readonly type: 'want-evidence'; readonly feeds: readonly FeedId[] }
  | { readonly type: 'receipts'; readonly receipts: readonly Receipt[] }

/** First bytes of a hash by which two peers compare what they have. */
export const HEAD_BYTES = 8

/** A digest of a whole log. */
export const DIGEST_BYTES = 8

const head = v.custom<Bytes>(
  (value) => value instanceof Uint8Array && (value.length === 0 || value.length === HEAD_BYTES),
)
const upTo = <Item extends v.GenericSchema>(item: Item, max: number) =>
  v.pipe(v.array(item), v.maxLength(max))

const chunkFrame = v.object({
  type: v.literal('chunk'),
  author: bytes(KEY_BYTES),
  nonce: bytes(FEED_NONCE_BYTES),
  from: sequence,
  entries: bytesUpTo(MAX_CHUNK_BYTES),
  proof: bytes(SIGNATURE_BYTES),
})

const runFrame = v.pipe(
  v.object({
    ...chunkFrame.entries,
    type: v.literal('run'),
    previous: v.union([bytes(0), bytes(HASH_BYTES)]),
  }),
  v.check(({ from, previous }) => (from === 1) === (previous.length === 0)),
)

const logFrame = v.variant('type', [
  v.object({
    type: v.literal('summary'),
    feeds: upTo(
      v.object({ feed: feedId, base: count, count, head, cut: v.optional(sequence) }),
      MAX_SUMMARY_FEEDS,
    ),
    isLast: v.boolean(),
    isAnswer: v.boolean(),
    digest: bytes(DIGEST_BYTES),
  }),
  v.object({ type: v.literal('digest'), digest: bytes(DIGEST_BYTES) }),
  v.object({ type: v.literal('want'), ranges: upTo(v.tuple([feedId, count, count]), MAX_WANTED) }),
  chunkFrame,
  runFrame,
  v.object({
    type: v.literal('have'),
    feeds: upTo(v.tuple([feedId, count, head]), MAX_SUMMARY_FEEDS),
  }),
  v.object({
    type: v.literal('want-bodies'),
    feed: feedId,
    sequences: upTo(sequence, MAX_WANTED),
  }),
  v.object({
    type: v.literal('bodies'),
    feed: feedId,
    bodies: upTo(v.tuple([sequence, bytesUpTo(MAX_BODY_BYTES)]), MAX_WANTED),
  }),
  v.object({ type: v.literal('evidence'), evidence }),
  v.object({ type: v.literal('want-evidence'), feeds: upTo(feedId, MAX_WANTED) }),
  v.object({ type: v.literal('receipts'), receipts: upTo(receipt, MAX_RECEIPTS) }),
])

export function encodeLogFrame(frame: LogFrame): Bytes {
  if (frame.type === 'run') {
    const { name, entries, ...rest } = frame.run
    return encodeCbor({ type: 'run', ...name, ...rest, entries: entries.pack })
  }
  if (frame.type !== 'chunk') return encodeCbor(frame)
  const { name, from, entries, proof } = frame.chunk
  return encodeCbor({ type: 'chunk', ...name, from, entries: packEntries(entries), proof })
}

/** The frame of a chunk that was asked for: as a run where it can be one. */
export function encodeHistory(chunk: Chunk): Bytes {
  const { name, from, entries: packed, proof } = chunk
  const [first] = packed
  const entries = packRun(packed)
  if (first === undefined || entries === undefined) return encodeLogFrame({ type: 'chunk', chunk })
  const previous = previousOf(first.header, from)
  return encodeCbor({ type: 'run', ...name, from, previous, entries, proof })
}

/** A frame in foreign bytes. Entries are read no further than to where they begin and end. */
export function decodeLogFrame(data: Uint8Array): Decoded<LogFrame> {
  const decoded = decodeCbor(data, logFrame, MAX_LOG_FRAME_BYTES)
  if (!decoded.ok) return decoded
  const { value } = decoded
  if (value.type === 'chunk') {
    const { author, nonce, from, entries: pack, proof } = value
    const entries = unpackEntries(pack)
    if (entries === undefined) return WRONG
    const name = { author, nonce }
    return { ok: true, value: { type: 'chunk', chunk: { name, from, entries, proof } } }
  }
  if (value.type === 'run') {
    const { author, nonce, from, previous, entries: pack, proof } = value
    const entries = unpackRun(pack)
    if (entries === undefined) return WRONG
    const name = { author, nonce }
    return { ok: true, value: { type: 'run', run: { name, from, previous, entries, proof } } }
  }
  return { ok: true, value }
}

const WRONG = { ok: false, fault: 'wrong-shape' } as const
