// Whom we ask for which entries: one linked peer for each feed at a time, the one that owes us least. Who
// stays silent is passed over for the others, who forged is not asked for a while. Sends nothing itself.
import type { FeedId, PeerId } from '@knothole/wire'
import {
  MAX_ASKED,
  MAX_ASKED_ENTRIES,
  MAX_LEDGER_FEEDS,
  PATIENCE_MS,
  PENALTY_MS,
  SILENCE_MS,
} from './limits.ts'

/** What we asked a peer for. */
export interface Ask {
  readonly feed: FeedId
  readonly peer: PeerId
  readonly after: number
  readonly upTo: number
}

/** Somebody who says it has what we miss. */
export interface Provider {
  readonly peer: PeerId
  readonly count: number
}

interface Open extends Ask {
  readonly sinceMs: number
  heardMs: number
}

interface Shun {
  readonly untilMs: number
  readonly isFault: boolean
  /** How often in a row it was silent. */
  readonly times: number
}

const MAX_DOUBLINGS = 4

/** Questions that a peer left unanswered in a row, after which nobody is told to wait for it. */
const VAIN_ASKS = 3

export class AskDesk {
  readonly #asks = new Map<FeedId, Open>()
  readonly #load = new Map<PeerId, { feeds: number; entries: number; heardMs: number }>()
  readonly #shuns = new Map<PeerId, Map<FeedId, Shun>>()
  readonly #random: () => number
  #nextMs = Infinity

  constructor(random: () => number) {
    this.#random = random
  }

  of(feed: FeedId): Ask | undefined {
    return this.#asks.get(feed)
  }

  get size(): number {
    return this.#asks.size
  }

  /** Feeds that peers are not asked for now, or were silent about: the memory this takes. */
  get shunned(): number {
    let size = 0
    for (const feeds of this.#shuns.values()) size += feeds.size
    return size
  }

  /** Whether this peer may be asked for one more. */
  hasRoom(peer: PeerId): boolean {
    return (this.#load.get(peer)?.feeds ?? 0) < MAX_ASKED
  }

  isDistrusted(peer: PeerId, feed: FeedId, nowMs: number): boolean {
    const shun = this.#shuns.get(peer)?.get(feed)
    return shun !== undefined && shun.isFault && shun.untilMs > nowMs
  }

  /** Whether what this peer says to have of a feed is not to be counted on: it never came. */
  isDoubted(peer: PeerId, feed: FeedId): boolean {
    const shun = this.#shuns.get(peer)?.get(feed)
    return shun !== undefined && (shun.isFault || shun.times >= VAIN_ASKS)
  }

  /** Picks whom to ask for what a feed has after `after`; undefined when nobody may be asked now. */
  choose(feed: FeedId, providers: readonly Provider[], nowMs: number): Provider | undefined {
    let best: Provider | undefined
    let bestCost = Infinity
    for (const provider of providers) {
      if (!this.hasRoom(provider.peer)) continue
      const cost = this.#cost(feed, provider.peer, nowMs)
      if (cost < bestCost) [best, bestCost] = [provider, cost]
    }
    return best
  }

  open(
    { feed, after }: { readonly feed: FeedId; readonly after: number },
    { peer, count }: Provider,
    nowMs: number,
  ): Ask {
    const upTo = Math.min(count, after + MAX_ASKED_ENTRIES)
    const ask: Open = { feed, peer, after, upTo, sinceMs: nowMs, heardMs: nowMs }
    this.#asks.set(feed, ask)
    const load = this.#load.get(peer) ?? { feeds: 0, entries: 0, heardMs: nowMs }
    load.feeds += 1
    load.entries += upTo - after
    load.heardMs = Math.max(load.heardMs, nowMs)
    this.#load.set(peer, load)
    this.#nextMs = Math.min(this.#nextMs, this.#dueMs(ask))
    return ask
  }

  /** Something that we asked for came from a peer. */
  heard(peer: PeerId, feed: FeedId, nowMs: number): void {
    const load = this.#load.get(peer)
    if (load !== undefined) load.heardMs = nowMs
    const ask = this.#asks.get(feed)
    if (ask?.peer !== peer) return
    ask.heardMs = nowMs
    const shun = this.#shuns.get(peer)?.get(feed)
    if (shun !== undefined && !shun.isFault) this.#shuns.get(peer)?.delete(feed)
  }

  /** The question is answered, or has no more sense. */
  close(feed: FeedId): void {
    const ask = this.#asks.get(feed)
    if (ask === undefined) return
    this.#asks.delete(feed)
    const load = this.#load.get(ask.peer)
    if (load === undefined) return
    load.feeds -= 1
    load.entries -= ask.upTo - ask.after
  }

  /** A link is gone; the feeds that were asked of it are to be asked of others. */
  forget(peer: PeerId): FeedId[] {
    const open = [...this.#asks.values()].filter((ask) => ask.peer === peer)
    for (const { feed } of open) this.close(feed)
    this.#load.delete(peer)
    this.#shuns.delete(peer)
    return open.map(({ feed }) => feed)
  }

  /** What this peer sends of this feed is not wanted for a while. */
  distrust(peer: PeerId, feed: FeedId, nowMs: number): void {
    this.#shun(peer, feed, { untilMs: nowMs + PENALTY_MS, isFault: true, times: 0 })
    if (this.#asks.get(feed)?.peer === peer) this.close(feed)
  }

  /** Not later than the first deadline; it may turn out to be earlier. */
  deadlineMs(): number | undefined {
    return this.#asks.size === 0 ? undefined : this.#nextMs
  }

  /** Closes what was not answered in time; the feeds are to be asked of others. */
  tick(nowMs: number): FeedId[] {
    if (this.#asks.size === 0 || this.#nextMs > nowMs) return []
    const late: Open[] = []
    this.#nextMs = Infinity
    for (const ask of this.#asks.values()) {
      const dueMs = this.#dueMs(ask)
      if (dueMs <= nowMs) late.push(ask)
      else this.#nextMs = Math.min(this.#nextMs, dueMs)
    }
    for (const { feed, peer } of late) {
      const times = (this.#shuns.get(peer)?.get(feed)?.times ?? 0) + 1
      this.#shun(peer, feed, { untilMs: nowMs + PENALTY_MS, isFault: false, times })
      this.close(feed)
    }
    return late.map(({ feed }) => feed)
  }

  /** Silence of the peer, or too long a wait for this feed while the peer sends others. */
  #dueMs({ feed, peer, heardMs }: Open): number {
    const times = Math.min(this.#shuns.get(peer)?.get(feed)?.times ?? 0, MAX_DOUBLINGS)
    const peerMs = this.#load.get(peer)?.heardMs ?? heardMs
    const silentMs = Math.max(heardMs, peerMs) + SILENCE_MS * 2 ** times
    return Math.min(silentMs, heardMs + Math.max(PATIENCE_MS, SILENCE_MS * 2 ** times))
  }

  #cost(feed: FeedId, peer: PeerId, nowMs: number): number {
    const shun = this.#shuns.get(peer)?.get(feed)
    if (shun?.isFault === true && shun.untilMs > nowMs) return Infinity
    const load = this.#load.get(peer)?.entries ?? 0
    // Silent ones come last, those silent more often later; chance decides between equals.
    return (shun?.times ?? 0) * 1e9 + load + this.#random()
  }

  #shun(peer: PeerId, feed: FeedId, shun: Shun): void {
    const feeds = this.#shuns.get(peer) ?? new Map<FeedId, Shun>()
    this.#shuns.set(peer, feeds)
    feeds.delete(feed)
    feeds.set(feed, shun)
    const [oldest] = feeds.keys()
    if (feeds.size > MAX_LEDGER_FEEDS && oldest !== undefined) feeds.delete(oldest)
  }
}
