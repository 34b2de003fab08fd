// What we announce: how far we have each feed and will not lose it. Also its digest, by which neighbours
// tell with eight bytes whether they have the same.
import { DIGEST_BYTES, feedIdBytes } from '@knothole/wire'
import type { Bytes, FeedCount, FeedId, FeedSummary } from '@knothole/wire'

export class Holdings {
  readonly #feeds = new Map<FeedId, FeedSummary>()
  readonly #digest: Bytes = new Uint8Array(DIGEST_BYTES)

  get size(): number {
    return this.#feeds.size
  }

  count(feed: FeedId): number {
    return this.#feeds.get(feed)?.count ?? 0
  }

  of(feed: FeedId): FeedSummary | undefined {
    return this.#feeds.get(feed)
  }

  all(): Iterable<FeedSummary> {
    return this.#feeds.values()
  }

  /** Takes how far we have a feed now; answers whether that is news. */
  set(next: FeedSummary): boolean {
    const before = this.#feeds.get(next.feed)
    const isSame = before?.count === next.count && before.cut === next.cut
    if (isSame && before.base === next.base) return false
    if (before !== undefined) this.#mix(before)
    this.#mix(next)
    // Those that changed last stand last.
    this.#feeds.delete(next.feed)
    this.#feeds.set(next.feed, next)
    return !isSame
  }

  /** The feeds that grew last, at most so many. */
  recent(max: number): FeedCount[] {
    const all = [...this.#feeds.values()]
    return all.slice(-max).map(({ feed, count }) => [feed, count])
  }

  /** The same for all who have the same, whatever they let go; `also` is mixed in. */
  digest(also: Uint8Array): Bytes {
    return this.#digest.map((byte, at) => byte ^ (also[at] ?? 0))
  }

  /** Mixing twice is as good as not at all. */
  #mix({ feed, base, count, head, cut }: FeedSummary): void {
    // A feed that was let go as a whole cannot be had any more by who came later.
    if (count > base) mix(this.#digest, head)
    if (cut === undefined) return
    mix(this.#digest, feedIdBytes(feed))
    mix(this.#digest, new Uint8Array([0, 0, 0, 0, cut >>> 24, cut >>> 16, cut >>> 8, cut]))
  }
}

/** Adds bytes to a digest, or takes them out again. */
export function mix(digest: Uint8Array, bytes: Uint8Array): void {
  for (let at = 0; at < digest.length; at++) digest[at] = (digest[at] ?? 0) ^ (bytes[at] ?? 0)
}
