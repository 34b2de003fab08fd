// The log of a room: every feed, what counts of each, and the one order of all entries. Takes what is checked
// and refuses the rest with a reason; signs, verifies and stores nothing itself. What is in it, and in which
// order, depends on what it was given and not on when: two logs that were given the same are the same.
import { entryProofBytes } from '@knothole/wire'
import type { Bytes, Chunk, Evidence, FeedId, FeedName } from '@knothole/wire'
import type { StoredBlock, StoredLog, StoredNote, StoreWrite } from '../../ports/log-store.ts'
import { ChunkCheck } from './chunk-check.ts'
import type { EntryFault, News } from './chunk-check.ts'
import { Cuts, NOTHING, bytesOfEvidence } from './cuts.ts'
import type { Admitted } from './cuts.ts'
import { draftEntries } from './draft.ts'
import type { Draft } from './draft.ts'
import { bytesOf } from './entry.ts'
import type { Entry, FeedView } from './entry.ts'
import { EntryOrder } from './entry-order.ts'
import { proofsOfEvidence } from './evidence-check.ts'
import type { ProofCheck } from './evidence-check.ts'
import { FeedTable } from './feed-table.ts'
import type { Feed, ReadLimits } from './feed.ts'
import { MAX_AHEAD_MS } from './limits.ts'
import { noteOfBase, noteOfCut, readNotes } from './notes.ts'
import { BlockJoiner } from './restore.ts'
import { References } from './references.ts'
import type { Missing } from './references.ts'
import { lengthOf } from './run-chunk.ts'
import { sha256 } from './sha256.ts'
import type { Sha256 } from './sha256.ts'

export type { Admitted, Cut } from './cuts.ts'

/** What comes of a chunk; `commit` once the signature is known to hold. */
export type CheckedChunk =
  | ({ readonly type: 'verify'; commit(): Admitted } & ProofCheck)
  | { readonly type: 'known' }
  /** Entries before it are missing. */
  | {
      readonly type: 'early'
      readonly feed: FeedId
      readonly missingFrom: number
      readonly upTo: number
    }
  /** It belongs to another branch, which begins before it: ask for what comes before. */
  | { readonly type: 'unlinked'; readonly feed: FeedId; readonly at: number }
  | { readonly type: 'refused'; readonly fault: EntryFault }

/** What comes of evidence; `commit` once all signatures are known to hold. */
export type CheckedEvidence =
  | { readonly type: 'verify'; readonly checks: readonly ProofCheck[]; commit(): Admitted }
  | { readonly type: 'known' }
  | { readonly type: 'refused'; readonly fault: EntryFault }

export interface Restored {
  readonly admitted: Admitted
  /** What cannot be joined to the rest: it follows a hole, or is of another branch. */
  readonly left: readonly StoredBlock[]
}

export class Log {
  readonly order: EntryOrder = new EntryOrder()
  readonly #sha256: Sha256
  readonly #table: FeedTable
  readonly #references: References
  readonly #checker: ChunkCheck
  readonly #cuts: Cuts

  constructor(options: { readonly logId: Bytes; readonly sha256?: Sha256 }) {
    this.#sha256 = options.sha256 ?? sha256
    this.#table = new FeedTable(options.logId, this.#sha256)
    this.#references = new References(this.#table)
    this.#checker = new ChunkCheck(this.#sha256)
    this.#cuts = new Cuts({ table: this.#table, order: this.order, references: this.#references })
  }

  feedId(name: FeedName): FeedId {
    return this.#table.idOf(name)
  }

  feed(id: FeedId): FeedView | undefined {
    return this.#table.get(id)
  }

  feeds(): Iterable<FeedView> {
    return this.#table.all()
  }

  /** An entry that is here and counts. */
  entry(feed: FeedId, sequence: number): Entry | undefined {
    const found = this.#table.get(feed)
    return found !== undefined && sequence <= found.count ? found.kept(sequence) : undefined
  }

  /** `base`: a feed of which nothing is here may begin where the chunk does, because the rest was let go. */
  check(chunk: Chunk, options: { readonly base?: boolean } = {}): CheckedChunk {
    const feed = this.#table.named(chunk.name)
    if (!this.#table.has(feed) && !this.#table.hasRoomFor(feed)) return refused('too-many-feeds')
    const news = this.#checker.check(feed, chunk, options.base === true)
    if (news.type === 'known' || news.type === 'refused') return news
    if (news.type !== 'news') return { feed: feed.id, ...news }
    if (!this.#table.hasRoom(feed.name, news.newer.length, bytesOf(news.newer)))
      return refused('too-much')
    const { version } = feed
    return {
      type: 'verify',
      author: chunk.name.author,
      message: entryProofBytes(news.last),
      proof: chunk.proof,
      commit: () => {
        const current = this.#table.named(chunk.name)
        if (current === feed && feed.version === version) return this.#take(feed, chunk, news)
        const again = this.#checker.check(current, chunk, options.base === true)
        return again.type === 'news' ? this.#take(current, chunk, again) : NOTHING
      },
    }
  }

  checkEvidence(evidence: Evidence): CheckedEvidence {
    const feed = this.#table.named(evidence)
    if ((feed.cut ?? Infinity) <= evidence.at) return { type: 'known' }
    if (!this.#table.has(feed) && !this.#table.hasRoomFor(feed)) return refused('too-many-feeds')
    if (!this.#table.hasRoom(feed.name, 0, bytesOfEvidence(evidence))) return refused('too-much')
    const checks = proofsOfEvidence(evidence, feed.idBytes, this.#sha256)
    if (typeof checks === 'string') return refused(checks)
    return { type: 'verify', checks, commit: () => this.#cuts.cut(evidence) }
  }

  /** Takes what was kept, whatever has come since; signatures were checked before it was kept. */
  restore(stored: StoredLog): Restored {
    const { cuts, bases } = readNotes(stored.notes)
    const cut = cuts.map((evidence) => this.#cuts.cut(evidence))
    const joiner = new BlockJoiner(this.#table, this.#sha256)
    joiner.begin(bases, stored.blocks)
    const joined = joiner.join(stored.blocks)
    const taken = joined.taken.map(([feed, entries]) => this.#admit(feed, entries, []))
    const all = [...cut, ...taken]
    const admitted = {
      entries: all.flatMap((one) => one.entries),
      cuts: all.flatMap((one) => one.cuts),
      removed: all.flatMap((one) => one.removed),
      writes: taken.flatMap((one) => one.writes),
    }
    return { admitted, left: joined.left }
  }

  /** New entries of ours with these sealed bodies, as many as one chunk holds; none if our feed is cut. */
  draft(name: FeedName, bodies: readonly Bytes[], nowMs: number): Draft | undefined {
    const feed = this.#table.named(name)
    if (feed.cut !== undefined) return undefined
    const { order } = this
    const heads = this.#references.heads()
    return draftEntries(bodies, { feed, order, heads, nowMs, sha256: this.#sha256 })
  }

  /** Takes a draft that was signed; nothing, if our feed has changed since. */
  append(draft: Draft, proof: Bytes): Admitted {
    const { feed, from, entries, last } = draft
    if (feed.cut !== undefined || feed.end !== from - 1) return NOTHING
    const news: News = {
      type: 'news',
      older: [],
      newer: entries,
      last,
      forkAt: undefined,
      start: undefined,
    }
    return this.#take(feed, { name: feed.name, from, entries, proof }, news)
  }

  /** Entries after a number: a run that ends at a proof, as far as the limits allow but at least to the next. */
  read(feed: FeedId, after: number, limits: ReadLimits = {}): Chunk | undefined {
    return this.#table.get(feed)?.read(after, limits)
  }

  /** The hash of an entry from `base` to `count`; empty for number 0. */
  hashAt(feed: FeedId, sequence: number): Bytes | undefined {
    return this.#table.get(feed)?.hashAt(sequence)
  }

  /** Takes the body of an entry that came without. */
  putBody(feed: FeedId, sequence: number, body: Bytes): 'taken' | 'known' | 'refused' {
    const entry = this.#table.get(feed)?.kept(sequence)
    if (entry === undefined) return 'refused'
    if (entry.body !== undefined) return 'known'
    if (!this.#checker.isBodyOf(entry.header, body)) return 'refused'
    entry.setBody(body)
    this.#table.count(entry.feed.name, 0, body.length)
    return 'taken'
  }

  /** Lets bodies go; answers with the entries that had one. */
  dropBodies(entries: Iterable<readonly [FeedId, number]>): readonly Entry[] {
    const dropped: Entry[] = []
    for (const [feed, sequence] of entries) {
      const entry = this.#table.get(feed)?.kept(sequence)
      if (entry?.body === undefined) continue
      this.#table.count(entry.feed.name, 0, -entry.body.length)
      entry.setBody(undefined)
      dropped.push(entry)
    }
    return dropped
  }

  /** Lets go of what is older than this, from the beginning of each feed. */
  prune(horizonMs: number): readonly { feed: FeedId; from: number; upTo: number }[] {
    const ranges: { feed: FeedId; from: number; upTo: number }[] = []
    for (const feed of this.#table.all()) {
      const from = feed.base + 1
      let upTo = feed.base
      while (upTo < feed.count && (feed.kept(upTo + 1)?.atMs ?? Infinity) < horizonMs) upTo += 1
      if (upTo < from) continue
      const gone = feed.letGoTo(upTo)
      this.#table.count(feed.name, -gone.length, -bytesOf(gone))
      ranges.push({ feed: feed.id, from, upTo })
    }
    if (ranges.length > 0) this.order.remove((entry) => entry.sequence <= entry.feed.base)
    return ranges
  }

  evidenceOf(feed: FeedId): Evidence | undefined {
    return this.#table.get(feed)?.evidence
  }

  /** Whether an entry's time is so far ahead of our clock that nobody's clock follows it. */
  isAhead(entry: Entry, nowMs: number): boolean {
    return entry.atMs > nowMs + MAX_AHEAD_MS
  }

  /** Entries that others name and that are not here. */
  missing(): readonly Missing[] {
    return this.#references.missing()
  }

  /** What a store keeps of where a feed begins. */
  noteOfBase(feed: FeedId): StoredNote | undefined {
    const found = this.#table.get(feed)
    return found === undefined ? undefined : noteOfBase(found)
  }

  /** What a store keeps of why a feed is cut. */
  noteOfCut(feed: FeedId): StoredNote | undefined {
    const evidence = this.evidenceOf(feed)
    return evidence === undefined ? undefined : noteOfCut(feed, evidence)
  }

  #take(feed: Feed, chunk: Chunk, news: News): Admitted {
    if (news.forkAt !== undefined) return this.#cuts.ofFork(feed, chunk, news.forkAt)
    if (!this.#table.has(feed)) this.#table.add(feed)
    const start = news.start === undefined ? [] : startOf(feed, chunk.from - 1, news.start)
    const taken = news.older.length === 0 ? news.newer : [...news.older, ...news.newer]
    const [first] = taken
    if (first === undefined) return NOTHING
    const upTo = chunk.from + lengthOf(chunk) - 1
    const proofs = [{ sequence: upTo, proof: chunk.proof }]
    if (news.older.length > 0) feed.prepend(news.older, news.newer.length > 0 ? [] : proofs)
    feed.append(news.newer, news.last, proofs)
    const { id, name } = feed
    const entries = feed.run(first.sequence, upTo)
    const write = { type: 'append', feed: id, name, from: first.sequence, entries, proofs } as const
    return this.#admit(feed, taken, [...start, write])
  }

  #admit(feed: Feed, taken: readonly Entry[], writes: readonly StoreWrite[]): Admitted {
    this.#table.count(feed.name, taken.length, bytesOf(taken))
    const { cut, count } = feed
    const counting = cut === undefined ? taken : taken.filter(({ sequence }) => sequence <= count)
    this.order.add(counting)
    const lies = this.#references.take(feed, taken)
    const admitted = { ...NOTHING, entries: counting, writes }
    return lies.length === 0 ? admitted : this.#cuts.ofLiars(lies, admitted)
  }
}

/** Begins a feed at a later number; answers with what a store has to keep of it. */
function startOf(feed: Feed, base: number, hash: Bytes): StoreWrite[] {
  feed.startAfter(base, hash)
  const note = noteOfBase(feed)
  return note === undefined ? [] : [{ type: 'note', ...note }]
}

const refused = (fault: EntryFault): { type: 'refused'; fault: EntryFault } => ({
  type: 'refused',
  fault,
})
