// Chunks of one peer that wait for their check: in their order, feed by feed, within a limit. What comes
// before what it continues waits aside, the oldest making room. Judges nothing.
import type { Bytes, Chunk, FeedId } from '@knothole/wire'
import { MAX_EARLY_BYTES, MAX_INBOX_BYTES, MAX_INBOX_CHUNKS } from './limits.ts'

/** A chunk as it came. */
export interface Arrival {
  readonly feed: FeedId
  readonly chunk: Chunk
  readonly bytes: number
  /** The check of its signature, begun before its turn came. */
  early?: EarlyCheck | undefined
}

/** A signature that is checked while the chunks before are. */
export interface EarlyCheck {
  readonly id: number
  readonly message: Bytes
  ok: boolean | undefined
}

export class Inbox {
  #waiting: Arrival[] = []
  readonly #feeds = new Map<FeedId, number>()
  #early: Arrival[] = []
  #bytes = 0
  #earlyBytes = 0

  get bytes(): number {
    return this.#bytes + this.#earlyBytes
  }

  /** Whether it was taken; a peer that sends beyond its window is not heard. */
  add(arrival: Arrival): boolean {
    if (this.#bytes + arrival.bytes > MAX_INBOX_BYTES) return false
    if (this.#waiting.length >= MAX_INBOX_CHUNKS) return false
    this.#waiting.push(arrival)
    this.#count(arrival, 1)
    return true
  }

  /** The first whose feed may be checked now. */
  take(isFree: (feed: FeedId) => boolean): Arrival | undefined {
    const at = this.#waiting.findIndex(({ feed }) => isFree(feed))
    if (at < 0) return undefined
    const [arrival] = this.#waiting.splice(at, 1)
    if (arrival !== undefined) this.#count(arrival, -1)
    return arrival
  }

  /** Those that wait for their turn, in their order. */
  get waiting(): readonly Arrival[] {
    return this.#waiting
  }

  /** Puts one aside that came too early. */
  putAside(arrival: Arrival): void {
    this.#early.push(arrival)
    this.#earlyBytes += arrival.bytes
    while (this.#earlyBytes > MAX_EARLY_BYTES) {
      const dropped = this.#early.shift()
      if (dropped === undefined) break
      this.#earlyBytes -= dropped.bytes
    }
  }

  /** A feed has grown up to here: what continues it waits for its check again. */
  wake(feed: FeedId, count: number): void {
    if (this.#early.length === 0) return
    const isReady = (arrival: Arrival): boolean =>
      arrival.feed === feed && arrival.chunk.from <= count + 1
    const ready = this.#early.filter(isReady)
    if (ready.length === 0) return
    this.#early = this.#early.filter((arrival) => !isReady(arrival))
    this.#earlyBytes = sizeOf(this.#early)
    this.#waiting.unshift(...ready)
    for (const arrival of ready) this.#count(arrival, 1)
  }

  /** Whether something of a feed waits for its check. */
  has(feed: FeedId): boolean {
    return this.#feeds.has(feed)
  }

  /** Lets go of a feed. */
  drop(feed: FeedId): void {
    for (const arrival of this.#waiting) if (arrival.feed === feed) this.#count(arrival, -1)
    this.#waiting = this.#waiting.filter((arrival) => arrival.feed !== feed)
    this.#early = this.#early.filter((arrival) => arrival.feed !== feed)
    this.#earlyBytes = sizeOf(this.#early)
  }

  #count({ feed, bytes }: Arrival, sign: 1 | -1): void {
    const count = (this.#feeds.get(feed) ?? 0) + sign
    if (count > 0) this.#feeds.set(feed, count)
    else this.#feeds.delete(feed)
    this.#bytes += sign * bytes
  }
}

function sizeOf(arrivals: readonly Arrival[]): number {
  return arrivals.reduce((sum, { bytes }) => sum + bytes, 0)
}
