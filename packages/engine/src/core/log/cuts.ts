// Where feeds are cut because their author lied: by two branches, or about the order. The lowest cut of a feed
// is the one that counts, whichever was known first, and evidence of it goes to whoever does not know.
import type { Chunk, Evidence, FeedId } from '@knothole/wire'
import type { StoreWrite } from '../../ports/log-store.ts'
import { bytesOf } from './entry.ts'
import type { Entry } from './entry.ts'
import type { EntryOrder } from './entry-order.ts'
import type { FeedTable } from './feed-table.ts'
import type { Feed } from './feed.ts'
import { noteOfCut } from './notes.ts'
import type { OrderLie, References } from './references.ts'

/** A feed that is cut, newly or lower than before. */
export interface Cut {
  readonly feed: FeedId
  readonly at: number
  readonly why: 'fork' | 'order-lie'
  readonly evidence: Evidence
}

/** What came of something that was taken. */
export interface Admitted {
  /** New, and counting; of what came in a chunk all of one feed, of what was stored each feed's in their order. */
  readonly entries: readonly Entry[]
  readonly cuts: readonly Cut[]
  /** Counted before, and no more. */
  readonly removed: readonly Entry[]
  /** What a store has to keep of it. */
  readonly writes: readonly StoreWrite[]
}

/** What came of something that changed nothing. */
export const NOTHING: Admitted = { entries: [], cuts: [], removed: [], writes: [] }

interface Ground {
  readonly table: FeedTable
  readonly order: EntryOrder
  readonly references: References
}

export class Cuts {
  readonly #table: FeedTable
  readonly #order: EntryOrder
  readonly #references: References

  constructor({ table, order, references }: Ground) {
    this.#table = table
    this.#order = order
    this.#references = references
  }

  /** Cuts the feeds of lies that showed by what was admitted; answers with all that came of it. */
  ofLiars(lies: readonly OrderLie[], admitted: Admitted): Admitted {
    const all = [admitted, ...lies.map((lie) => this.#ofLie(lie))]
    const isNew = new Set(admitted.entries)
    return {
      entries: admitted.entries.filter((entry) => entry.sequence <= entry.feed.count),
      cuts: all.flatMap((one) => one.cuts),
      removed: all.flatMap((one) => one.removed).filter((entry) => !isNew.has(entry)),
      writes: all.flatMap((one) => one.writes),
    }
  }

  #ofLie({ entry, named }: OrderLie): Admitted {
    const feed = this.#table.get(entry.feed.id)
    const at = entry.sequence
    const branch = feed?.kept(at) === entry ? feed.branchFrom(at) : undefined
    if (branch === undefined) return NOTHING
    const { author, nonce } = entry.feed.name
    return this.cut({ kind: 'order', author, nonce, at, branches: [branch], named })
  }

  /** Cuts a feed of which a chunk, whose signature holds, has another branch than we from a number on. */
  ofFork(feed: Feed, chunk: Chunk, at: number): Admitted {
    const ours = feed.branchFrom(at)
    if (ours === undefined) return NOTHING
    const headers = chunk.entries.slice(at - chunk.from).map((entry) => entry.header)
    const { author, nonce } = feed.name
    const branches = [ours, { headers, proof: chunk.proof }]
    return this.cut({ kind: 'fork', author, nonce, at, branches })
  }

  /** Cuts a feed by evidence that was checked. */
  cut(evidence: Evidence): Admitted {
    const feed = this.#table.named({ author: evidence.author, nonce: evidence.nonce })
    const { at, kind } = evidence
    if ((feed.cut ?? Infinity) <= at) return NOTHING
    if (!this.#table.has(feed)) this.#table.add(feed)
    const before = feed.evidence
    const { removed, dropped } = feed.cutBy(evidence)
    if (removed.length > 0) {
      this.#order.remove((entry) => entry.feed === feed && entry.sequence >= at)
    }
    this.#references.headMoved(feed)
    const freed = bytesOf(dropped) + (before === undefined ? 0 : bytesOfEvidence(before))
    this.#table.count(feed.name, -dropped.length, bytesOfEvidence(evidence) - freed)
    const why = kind === 'fork' ? 'fork' : 'order-lie'
    const writes: StoreWrite[] = [
      { type: 'note', ...noteOfCut(feed.id, evidence) },
      { type: 'remove', feed: feed.id, from: feed.end + 1, upTo: Infinity },
    ]
    return { entries: [], cuts: [{ feed: feed.id, at, why, evidence }], removed, writes }
  }
}

/** What evidence takes of its author's room. */
export function bytesOfEvidence({ branches }: Evidence): number {
  let bytes = 0
  for (const { headers } of branches) for (const header of headers) bytes += header.length
  return bytes
}
