// What one linked peer says it has of each feed. Claims, not truths: they decide what is sent and asked,
// never what is believed. Holds no more feeds than a room may have.
import type { Bytes, FeedId } from '@knothole/wire'
import { MAX_LEDGER_FEEDS } from './limits.ts'

/** How far a peer has a feed. */
export interface Standing {
  readonly count: number
  /** Entries up to here it let go. */
  readonly base: number
  /** The first bytes of the hash of its newest entry. */
  readonly head: Bytes | undefined
  /** Where it knows the feed to be cut. */
  readonly cut: number | undefined
}

const NOTHING: Standing = { count: 0, base: 0, head: undefined, cut: undefined }

export class Ledger {
  readonly #feeds = new Map<FeedId, Standing>()
  /** Whether the peer has told us everything it has on this link. */
  isWhole = false

  get size(): number {
    return this.#feeds.size
  }

  of(feed: FeedId): Standing {
    return this.#feeds.get(feed) ?? NOTHING
  }

  feeds(): Iterable<[FeedId, Standing]> {
    return this.#feeds
  }

  /** Takes a claim. Counts only grow, as frames may overtake each other, but a cut shortens. */
  note(feed: FeedId, claim: Partial<Standing> & { readonly count: number }): void {
    const before = this.#feeds.get(feed)
    if (before === undefined && this.#feeds.size >= MAX_LEDGER_FEEDS) return
    const known = before ?? NOTHING
    const cut = lower(claim.cut, known.cut)
    const count = cut === undefined ? Math.max(claim.count, known.count) : cut - 1
    const head = claim.count >= known.count || cut !== known.cut ? claim.head : known.head
    this.#feeds.set(feed, { count, base: Math.max(claim.base ?? 0, known.base), head, cut })
  }

  /** What it claimed of a feed is not believed any more. */
  doubt(feed: FeedId): void {
    this.#feeds.delete(feed)
  }
}

function lower(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.min(a, b)
}
