// What we tell neighbours of what we have: all of it on a new link and where we differ, news as it is kept,
// a digest every beat, and the evidence of cuts they do not know. Announces nothing that could be lost.
import { HEAD_BYTES, MAX_SUMMARY_FEEDS } from '@knothole/wire'
import type { Bytes, FeedId, FeedSummary } from '@knothole/wire'
import { earliest } from '../machine.ts'
import { Holdings } from './holdings.ts'
import type { Hub } from './hub.ts'
import {
  ANNOUNCE_AFTER_MS,
  BEAT_MS,
  EVIDENCE_PAUSE_MS,
  MANY_ENTRIES,
  SUMMARY_PAUSE_MS,
} from './limits.ts'
import type { Neighbour } from './neighbour.ts'
import { together } from './store-queue.ts'
import type { StoredPart } from './store-queue.ts'

export class Announcer {
  readonly holdings: Holdings = new Holdings()
  readonly #hub: Hub
  readonly #receipts: { readonly digest: Bytes }
  /** What the store, or this page where there is none, keeps of each feed or knows to be let go. */
  readonly #kept = new Map<FeedId, StoredPart>()
  readonly #news = new Set<FeedId>()
  #newsMs: number | undefined
  /** Entries that are kept and not told of. */
  #untold = 0
  #isOpen = false

  constructor(hub: Hub, receipts: { readonly digest: Bytes }) {
    this.#hub = hub
    this.#receipts = receipts
  }

  get digest(): Bytes {
    return this.holdings.digest(this.#receipts.digest)
  }

  /** From now on we know what we have, and tell. */
  open(nowMs: number): void {
    this.#isOpen = true
    for (const neighbour of this.#hub.neighbours.values()) this.linked(neighbour, nowMs)
  }

  linked(neighbour: Neighbour, nowMs: number): void {
    if (!this.#isOpen) return
    neighbour.summaryMs = -Infinity
    neighbour.summaryDue = { isAnswer: false }
    neighbour.beatMs = nowMs + BEAT_MS
  }

  /** More of a feed is kept; answers whether that is news to tell. */
  kept(feed: FeedId, part: StoredPart, nowMs: number): boolean {
    const before = this.#kept.get(feed)
    this.#kept.set(feed, together(part, before))
    if (!this.refresh(feed, nowMs)) return false
    this.#untold += Math.max(0, part.upTo - (before?.upTo ?? 0))
    if (this.#untold >= MANY_ENTRIES) this.#newsMs = nowMs
    return true
  }

  /** A feed may have become shorter, or lost its beginning, or grown. */
  refresh(feed: FeedId, nowMs: number): boolean {
    const summary = this.#summaryOf(feed)
    if (summary === undefined) return false
    if (summary.base > (this.holdings.of(feed)?.base ?? 0)) this.#tellBases()
    if (!this.holdings.set(summary)) return false
    this.#news.add(feed)
    this.#newsMs ??= nowMs + ANNOUNCE_AFTER_MS
    return true
  }

  /** Tells everyone why a feed is cut. */
  spread(feed: FeedId, nowMs: number): void {
    for (const neighbour of this.#hub.neighbours.values()) this.convict(feed, neighbour, nowMs)
  }

  /** Sends the evidence of a cut to who does not know it, unless it was sent just now. */
  convict(feed: FeedId, neighbour: Neighbour, nowMs: number): void {
    const evidence = this.#hub.log.evidenceOf(feed)
    if (evidence === undefined || !this.mayAccuse(feed, neighbour, nowMs)) return
    this.#hub.send(neighbour, { type: 'evidence', evidence })
  }

  /** Whether evidence of this feed was not exchanged with a peer just now; and then it is. */
  mayAccuse(feed: FeedId, neighbour: Neighbour, nowMs: number): boolean {
    const sentMs = neighbour.evidenceMs.get(feed) ?? -Infinity
    if (sentMs + EVIDENCE_PAUSE_MS > nowMs) return false
    neighbour.evidenceMs.set(feed, nowMs)
    return true
  }

  /** Whether something changed that neighbours have not been told yet. */
  get hasNews(): boolean {
    return this.#news.size > 0
  }

  deadlineMs(): number | undefined {
    if (!this.#isOpen) return undefined
    let deadlineMs = this.#news.size > 0 ? this.#newsMs : undefined
    for (const { beatMs, summaryDue, summaryMs, owed } of this.#hub.neighbours.values()) {
      deadlineMs = earliest(deadlineMs, beatMs)
      if (owed.size > 0) deadlineMs = earliest(deadlineMs, 0)
      if (summaryDue !== undefined) deadlineMs = earliest(deadlineMs, summaryMs + SUMMARY_PAUSE_MS)
    }
    return deadlineMs
  }

  evaluate(nowMs: number): void {
    if (!this.#isOpen) return
    if (this.#newsMs !== undefined && this.#newsMs <= nowMs) this.#tellNews()
    for (const neighbour of this.#hub.neighbours.values()) {
      const { summaryDue, summaryMs } = neighbour
      if (summaryDue !== undefined && summaryMs + SUMMARY_PAUSE_MS <= nowMs)
        this.#tellAll(neighbour, summaryDue.isAnswer, nowMs)
      if (neighbour.owed.size > 0) this.#tell(neighbour, neighbour.owed)
      neighbour.owed.clear()
      if (neighbour.beatMs <= nowMs) {
        neighbour.beatMs = nowMs + BEAT_MS
        this.#hub.send(neighbour, { type: 'digest', digest: this.digest })
      }
    }
  }

  /** Who came late would wait for what we said to have and let go; only summaries tell where feeds begin. */
  #tellBases(): void {
    for (const neighbour of this.#hub.neighbours.values())
      neighbour.summaryDue ??= { isAnswer: true }
  }

  #tellNews(): void {
    for (const neighbour of this.#hub.neighbours.values()) {
      this.#tell(neighbour, this.#news)
      for (const feed of this.#news) neighbour.owed.delete(feed)
    }
    this.#news.clear()
    this.#newsMs = undefined
    this.#untold = 0
  }

  #tell(neighbour: Neighbour, feeds: Iterable<FeedId>): void {
    const claims = [...feeds].flatMap((feed) => {
      const summary = this.holdings.of(feed)
      return summary === undefined ? [] : [[feed, summary.count, summary.head] as const]
    })
    for (let at = 0; at < claims.length; at += MAX_SUMMARY_FEEDS) {
      const some = claims.slice(at, at + MAX_SUMMARY_FEEDS)
      this.#hub.send(neighbour, { type: 'have', feeds: some })
    }
  }

  #tellAll(neighbour: Neighbour, isAnswer: boolean, nowMs: number): void {
    neighbour.summaryDue = undefined
    neighbour.summaryMs = nowMs
    const all = [...this.holdings.all()]
    const { digest } = this
    for (let at = 0; at === 0 || at < all.length; at += MAX_SUMMARY_FEEDS) {
      const feeds = all.slice(at, at + MAX_SUMMARY_FEEDS)
      const isLast = at + MAX_SUMMARY_FEEDS >= all.length
      this.#hub.send(neighbour, { type: 'summary', feeds, isLast, isAnswer, digest })
    }
  }

  #summaryOf(feed: FeedId): FeedSummary | undefined {
    const view = this.#hub.log.feed(feed)
    if (view === undefined) return undefined
    const { cut } = view
    const kept = this.#kept.get(feed)
    const count = Math.min(view.count, kept?.upTo ?? 0)
    if (count === 0 && cut === undefined) return undefined
    // What we let go before the store had it may come again after a crash, until the store knows; and what
    // came before a late beginning would be gone again.
    const base = Math.min(Math.max(view.base, kept?.base ?? 0), count)
    const head = this.#hub.log.hashAt(feed, count)?.slice(0, HEAD_BYTES) ?? new Uint8Array(0)
    return cut === undefined ? { feed, base, count, head } : { feed, base, count, head, cut }
  }
}
