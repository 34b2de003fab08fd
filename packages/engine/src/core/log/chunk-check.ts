// Whether a chunk continues what we have of its feed: each header well-formed, of this feed, numbered and
// linked by hash; each body the one its header speaks of. The author's signature is checked by others; the
// order by the log, once the entries are in. Changes nothing.
import { ChunkMeter, HeaderReader, MAX_SEQUENCE } from '@knothole/wire'
import type { Bytes, Chunk, HeaderFault, PackedEntry } from '@knothole/wire'
import { LooseEntry } from './entry.ts'
import type { Entry } from './entry.ts'
import type { Feed } from './feed.ts'
import { isSame } from './feed-table.ts'
import { RunChunk } from './run-chunk.ts'
import type { Sha256 } from './sha256.ts'

/** Why a chunk is refused; `forged` is said by whoever checks the signature. */
export type EntryFault =
  | HeaderFault
  | 'wrong-feed'
  | 'broken-chain'
  | 'wrong-body'
  | 'forged'
  | 'too-many-feeds'
  | 'too-much'

/** What a chunk has that is new. */
export interface News {
  readonly type: 'news'
  /** Entries before our base, which end there; none if we let them go ourselves. */
  readonly older: readonly Entry[]
  /** Entries after our last. */
  readonly newer: readonly Entry[]
  /** Hash of the chunk's last header. */
  readonly last: Bytes
  /** The first number at which it has another header than we. */
  readonly forkAt: number | undefined
  /** The hash before its first entry, where that is where the feed begins for us. */
  readonly start: Bytes | undefined
}

export type RunCheck =
  | News
  | { readonly type: 'known' }
  | { readonly type: 'early'; readonly missingFrom: number; readonly upTo: number }
  | { readonly type: 'unlinked'; readonly at: number }
  | { readonly type: 'refused'; readonly fault: EntryFault }

const KNOWN = { type: 'known' } as const

const refused = (fault: EntryFault): RunCheck => ({ type: 'refused', fault })

export class ChunkCheck {
  readonly #sha256: Sha256
  readonly #reader = new HeaderReader()

  constructor(sha256: Sha256) {
    this.#sha256 = sha256
  }

  /** `mayStart`: the feed may begin for us where the chunk does. */
  check(feed: Feed, chunk: Chunk, mayStart: boolean): RunCheck {
    return continuation(feed, chunk) ?? this.#compare(feed, chunk, mayStart)
  }

  /** Whether a body is the one that a header, which was taken, speaks of. */
  isBodyOf(header: Bytes, body: Bytes): boolean {
    return this.#reader.read(header) === undefined && this.#hasItsBody({ header, body })
  }

  #compare(feed: Feed, chunk: Chunk, mayStart: boolean): RunCheck {
    const { from, entries } = chunk
    const upTo = from + entries.length - 1
    if (entries.length === 0 || from < 1 || upTo > MAX_SEQUENCE) return refused('malformed')
    const meter = new ChunkMeter()
    if (!entries.every((entry) => meter.take(entry))) return refused('oversized')
    if (isKnown(feed, chunk, upTo)) return KNOWN
    const starts = mayStart && feed.end === feed.base && from > feed.end + 1
    const gap = starts ? undefined : gapBetween(feed, from, upTo)
    if (gap !== undefined) return gap
    const hash = starts || from <= feed.base ? undefined : feed.hashAt(from - 1)
    return this.#run(feed, chunk, { older: [], newer: [], forkAt: undefined, hash, starts })
  }

  #run(feed: Feed, { from, entries }: Chunk, found: Found): RunCheck {
    let at = from
    for (const packed of entries) {
      const fault = this.#fault(feed, packed, at)
      if (fault !== undefined) return refused(fault)
      if (found.hash !== undefined && !this.#reader.hasPrevious(found.hash)) {
        return at === from ? { type: 'unlinked', at } : refused('broken-chain')
      }
      if (!this.#sort(feed, packed, found)) return refused('wrong-body')
      if (at === feed.base && !isBase(feed, found.hash)) return { type: 'unlinked', at }
      at += 1
    }
    return (found.forkAt ?? 0) >= (feed.cut ?? Infinity) ? KNOWN : runOf(found, feed)
  }

  #fault(feed: Feed, { header }: PackedEntry, at: number): EntryFault | undefined {
    const fault = this.#reader.read(header)
    if (fault !== undefined) return fault
    if (!this.#reader.isOfFeed(feed.idBytes)) return 'wrong-feed'
    return this.#reader.sequence === at ? undefined : 'malformed'
  }

  /** Puts an entry where it belongs, and its hash in `found`; false if its body is another's. */
  #sort(feed: Feed, packed: PackedEntry, found: Found): boolean {
    const { sequence } = this.#reader
    const kept = found.forkAt === undefined ? feed.kept(sequence) : undefined
    if (kept !== undefined && isSame(kept.header, packed.header)) {
      found.hash = feed.hashAt(sequence)
      return true
    }
    if (kept !== undefined) found.forkAt = sequence
    if (found.starts) found.start ??= this.#reader.previous()
    if (found.forkAt === undefined) {
      if (!this.#hasItsBody(packed)) return false
      const list = sequence <= feed.base ? found.older : found.newer
      list.push(new LooseEntry(feed, this.#reader, packed))
    }
    found.hash = this.#sha256(packed.header)
    return true
  }

  #hasItsBody({ body }: PackedEntry): boolean {
    if (body === undefined) return true
    return body.length === this.#reader.bodyBytes && this.#reader.isBodyHash(this.#sha256(body))
  }
}

/** What has been read of a chunk so far. */
interface Found {
  readonly older: Entry[]
  readonly newer: Entry[]
  forkAt: number | undefined
  /** Hash of the last header read; undefined where it cannot be known. */
  hash: Bytes | undefined
  readonly starts: boolean
  start?: Bytes
}

/** A run that continues what we have, so that all of it is new and linked; undefined for any other chunk. */
function continuation(feed: Feed, chunk: Chunk): RunCheck | undefined {
  if (!(chunk instanceof RunChunk) || chunk.from !== feed.end + 1) return undefined
  const before = feed.hashAt(feed.end)
  const isLinked = before !== undefined && isSame(before, chunk.run.previous)
  if (!isLinked || feed.cut !== undefined) return undefined
  const newer = chunk.entriesOf(feed)
  const last = chunk.headers?.last
  if (typeof newer === 'string') return refused(newer)
  if (last === undefined) return refused('malformed')
  return { type: 'news', older: [], newer, last, forkAt: undefined, start: undefined }
}

const NONE: Bytes = new Uint8Array(0)

/** Whether nothing of a chunk is new: it is what we have, or lies beyond where the feed is cut. */
function isKnown(feed: Feed, { from, entries }: Chunk, upTo: number): boolean {
  if (from >= (feed.cut ?? Infinity) || upTo <= feed.letGo) return true
  if (from <= feed.base && feed.letGo < feed.base) return false
  const shared = Math.min(upTo, feed.end)
  const ours = feed.kept(shared)
  const theirs = entries[shared - from]
  if (ours === undefined || theirs === undefined || !isSame(ours.header, theirs.header))
    return false
  return upTo <= feed.end || feed.end >= (feed.cut ?? Infinity) - 1
}

/** What separates a chunk from what is here of its feed. */
function gapBetween(feed: Feed, from: number, upTo: number): RunCheck | undefined {
  if (from > feed.end + 1) return { type: 'early', missingFrom: feed.end + 1, upTo: from - 1 }
  if (upTo < feed.base) return { type: 'early', missingFrom: upTo + 1, upTo: feed.base }
  return undefined
}

/** Whether a hash is that of the entry at our base, or we never knew that. */
function isBase(feed: Feed, hash: Bytes | undefined): boolean {
  const ours = feed.hashAt(feed.base)
  return ours === undefined || hash === undefined || isSame(ours, hash)
}

function runOf({ older, newer, hash, forkAt, start }: Found, feed: Feed): News {
  // Of entries before our base only those count that go on to it, and that we did not let go ourselves.
  const isJoined = older.at(-1)?.sequence === feed.base
  const wanted = isJoined ? older.filter((entry) => entry.sequence > feed.letGo) : []
  return { type: 'news', older: wanted, newer, last: hash ?? NONE, forkAt, start }
}
