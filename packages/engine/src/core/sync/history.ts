// What others have and we lack: who is asked for it, what becomes of silence, lies and branches, and when
// the beginning of a feed that everyone let go is passed over. Sends nothing: answers what to ask.
import type { Bytes, FeedId, PeerId } from '@knothole/wire'
import type { Log } from '../log/index.ts'
import { earliest } from '../machine.ts'
import { AskDesk } from './ask-desk.ts'
import type { Ask, Provider } from './ask-desk.ts'
import { Backfill } from './backfill.ts'
import type { Gap } from './gap-report.ts'
import { NEWS_GRACE_MS, SKIP_AFTER_MS } from './limits.ts'
import type { Neighbour } from './neighbour.ts'

/** Entries that are asked for before a place where branches differ; four times as many each time. */
const FIRST_SPAN = 64

/** How far a feed is from what is known of it. */
interface Lack {
  /** When to ask: what is new is on its way from its author too. */
  readyMs: number
  /** Since when nobody here has what we miss first, though they have what follows. */
  headlessMs: number | undefined
}

/** Another branch of a feed, which a peer says to have. */
interface Branch {
  readonly peer: PeerId
  readonly after: number
  readonly upTo: number
  readonly span: number
}

export class History {
  readonly asks: AskDesk
  readonly #log: Log
  readonly #neighbours: ReadonlyMap<PeerId, Neighbour>
  readonly #isArriving: (feed: FeedId) => boolean
  readonly #lacks = new Map<FeedId, Lack>()
  readonly #branches = new Map<FeedId, Branch>()
  readonly #skippable = new Set<FeedId>()
  readonly #found = new Set<FeedId>()
  readonly #backfill: Backfill
  #nextMs: number | undefined

  constructor(options: {
    readonly log: Log
    readonly neighbours: ReadonlyMap<PeerId, Neighbour>
    /** Whether something of a feed is being checked. */
    readonly isArriving: (feed: FeedId) => boolean
    readonly random: () => number
  }) {
    this.#log = options.log
    this.#neighbours = options.neighbours
    this.#isArriving = options.isArriving
    this.asks = new AskDesk(options.random)
    this.#backfill = new Backfill(this.#log, this.#neighbours, this.asks)
  }

  /** Feeds of which something is missing, or another branch is looked for: the memory this takes. */
  get size(): number {
    return this.#lacks.size + this.#branches.size + this.#skippable.size + this.#backfill.size
  }

  /** Feeds of which others said to have more than we, or to have had, since this was last asked. */
  found(): FeedId[] {
    const found = [...this.#found]
    this.#found.clear()
    return found
  }

  /** How far a neighbour says to have let a feed go. */
  letGo(feed: FeedId): number {
    return Math.max(
      ...Array.from(this.#neighbours.values(), ({ ledger }) => ledger.of(feed).base),
      0,
    )
  }

  /** Whether the beginning of a feed may be passed over, as nobody has it any more. */
  isSkippable(feed: FeedId): boolean {
    return this.#skippable.has(feed)
  }

  /** A neighbour says how far it has a feed. News of a standing link may wait for its author's own push. */
  claimed(
    feed: FeedId,
    neighbour: Neighbour,
    { isNews, nowMs }: { readonly isNews: boolean; readonly nowMs: number },
  ): void {
    const { peer, ledger } = neighbour
    const { count, head, cut } = ledger.of(feed)
    const view = this.#log.feed(feed)
    if (view?.cut !== undefined || cut !== undefined) return
    // Only summaries tell where a feed begins.
    if (!isNews && this.#backfill.claimed(feed, neighbour)) this.#nextMs = 0
    this.#refused(feed, neighbour)
    if (count > (view?.count ?? 0)) this.#lack(feed, isNews ? nowMs + NEWS_GRACE_MS : nowMs)
    else if (head !== undefined && !this.#isOurs(feed, count, head))
      this.#suspect(feed, peer, { from: count, span: FIRST_SPAN, upTo: count })
  }

  /** A chunk came that continues what we do not have: its sender has that too. */
  early(feed: FeedId, nowMs: number): void {
    this.#lack(feed, nowMs)
  }

  /** A chunk began on another branch than ours, at this number: we look further back. */
  unlinked(
    { feed, at }: { readonly feed: FeedId; readonly at: number },
    neighbour: Neighbour,
    nowMs: number,
  ): void {
    const before = this.#branches.get(feed)
    this.asks.close(feed)
    this.#branches.delete(feed)
    if (at <= (this.#log.feed(feed)?.base ?? 0) + 1) {
      // There is nothing before it to differ in.
      this.asks.distrust(neighbour.peer, feed, nowMs)
      return
    }
    const span = before?.peer === neighbour.peer ? before.span * 4 : FIRST_SPAN
    const upTo = Math.max(at, before?.upTo ?? 0)
    this.#suspect(feed, neighbour.peer, { from: at - 1, span, upTo })
  }

  /** We have more of a feed now, or it was cut. */
  grown(feed: FeedId): void {
    const view = this.#log.feed(feed)
    const ask = this.asks.of(feed)
    const isCut = view?.cut !== undefined
    const { base = 0, count = 0 } = view ?? {}
    const isAnswered = ask !== undefined && count >= ask.upTo && base <= ask.after
    if ((isCut || isAnswered) && !this.#branches.has(feed)) this.asks.close(feed)
    if (isCut) this.#settle(feed)
    this.#skippable.delete(feed)
    if (!this.#isLacked(feed)) this.#lacks.delete(feed)
    this.#nextMs = 0
  }

  /** A peer sent us what we know already, up to here: if we looked for a branch there, there is none. */
  known(feed: FeedId, neighbour: Neighbour, upTo: number): 'lie' | undefined {
    const branch = this.#branches.get(feed)
    if (branch?.peer !== neighbour.peer || upTo < branch.upTo) return undefined
    this.#settle(feed)
    this.#nextMs = 0
    return this.#log.feed(feed)?.cut === undefined ? 'lie' : undefined
  }

  /** A link ended: its questions are for others. */
  left(peer: PeerId): void {
    this.asks.forget(peer)
    for (const [feed, branch] of this.#branches) if (branch.peer === peer) this.#settle(feed)
    for (const feed of this.#lacks.keys()) if (!this.#isLacked(feed)) this.#lacks.delete(feed)
    this.#nextMs = 0
  }

  distrust(feed: FeedId, peer: PeerId, nowMs: number): void {
    if (this.#branches.get(feed)?.peer === peer) this.#settle(feed)
    this.asks.distrust(peer, feed, nowMs)
    if (!this.#isLacked(feed)) this.#lacks.delete(feed)
    this.#nextMs = 0
  }

  /** The gap of a feed, if there is one: from the first entry that somebody here has. */
  gap(feed: FeedId): Gap | undefined {
    const count = this.#log.feed(feed)?.count ?? 0
    let most = count
    let least = Infinity
    for (const { peer, ledger } of this.#neighbours.values()) {
      const theirs = ledger.of(feed)
      const hasMore = theirs.count > Math.max(count, theirs.base)
      if (!hasMore || this.asks.isDoubted(peer, feed)) continue
      most = Math.max(most, theirs.count)
      least = Math.min(least, theirs.base)
    }
    const ask = this.asks.of(feed)
    const asked = ask === undefined ? [] : [ask.peer]
    // What everyone let go is not missing.
    const before = Math.max(count, least)
    return most > before ? { feed, from: before + 1, count: most - before, asked } : undefined
  }

  deadlineMs(): number | undefined {
    return earliest(this.#nextMs, this.asks.deadlineMs())
  }

  /** What to ask of whom now. */
  evaluate(nowMs: number): Ask[] {
    for (const feed of this.asks.tick(nowMs)) {
      this.#nextMs = 0
      // Who says to have a branch and does not show it has none.
      const branch = this.#branches.get(feed)
      if (branch === undefined) continue
      this.#branches.delete(feed)
      this.asks.distrust(branch.peer, feed, nowMs)
    }
    if (this.#nextMs === undefined || this.#nextMs > nowMs) return []
    this.#nextMs = undefined
    const asks: Ask[] = []
    for (const [feed, branch] of this.#branches) {
      const { peer, after, upTo } = branch
      const isUnderWay = this.asks.of(feed) !== undefined || this.#isArriving(feed)
      if (isUnderWay || !this.asks.hasRoom(peer)) continue
      asks.push(this.asks.open({ feed, after }, { peer, count: upTo }, nowMs))
    }
    for (const [feed, lack] of this.#lacks) {
      if (!this.#hasRoom()) break
      const ask = this.#ask(feed, lack, nowMs)
      if (ask !== undefined) asks.push(ask)
    }
    return [...asks, ...this.#fill(nowMs)]
  }

  /** Asks for what came before the beginning of feeds here. */
  #fill(nowMs: number): Ask[] {
    return this.#backfill.fillings(nowMs).flatMap(({ feed, after, providers }) => {
      if (this.asks.of(feed) !== undefined || this.#isArriving(feed)) return []
      const provider = this.asks.choose(feed, providers, nowMs)
      return provider === undefined ? [] : [this.asks.open({ feed, after }, provider, nowMs)]
    })
  }

  /** Who was asked for what it let go and says so will not send it: others are asked, or it is passed over. */
  #refused(feed: FeedId, { peer, ledger }: Neighbour): void {
    const ask = this.asks.of(feed)
    const { count = 0 } = this.#log.feed(feed) ?? {}
    const isAboutNext = ask?.peer === peer && ask.after >= count
    if (!isAboutNext || ledger.of(feed).base <= ask.after || this.#branches.has(feed)) return
    this.asks.close(feed)
    this.#nextMs = 0
  }

  #ask(feed: FeedId, lack: Lack, nowMs: number): Ask | undefined {
    if (this.asks.of(feed) !== undefined || this.#isArriving(feed)) return undefined
    if (lack.readyMs > nowMs) {
      this.#nextMs = earliest(this.#nextMs, lack.readyMs)
      return undefined
    }
    const view = this.#log.feed(feed)
    const count = view?.count ?? 0
    const { providers, base } = this.#providers(feed, count, nowMs)
    if (providers.length > 0) lack.headlessMs = undefined
    const after = providers.length > 0 ? count : this.#skip(feed, lack, { base, nowMs })
    if (after === undefined) return undefined
    const who = providers.length > 0 ? providers : this.#providers(feed, after, nowMs).providers
    const provider = this.asks.choose(feed, who, nowMs)
    return provider && this.asks.open({ feed, after }, provider, nowMs)
  }

  /** Those who have what follows, and the least that the others of them let go. */
  #providers(
    feed: FeedId,
    count: number,
    nowMs: number,
  ): { providers: Provider[]; base: number | undefined } {
    const providers: Provider[] = []
    let least: number | undefined
    for (const { peer, ledger } of this.#neighbours.values()) {
      const { count: theirs, base } = ledger.of(feed)
      if (theirs <= count || this.asks.isDistrusted(peer, feed, nowMs)) continue
      if (base <= count) providers.push({ peer, count: theirs })
      else least = earliest(least, base)
    }
    return { providers, base: least }
  }

  /** Where to begin a feed whose beginning nobody has any more; undefined as long as it may come. */
  #skip(
    feed: FeedId,
    lack: Lack,
    { base, nowMs }: { readonly base: number | undefined; readonly nowMs: number },
  ): number | undefined {
    const view = this.#log.feed(feed)
    // What we have of it would have to go; that is for the room's policy to say.
    if (base === undefined || (view !== undefined && view.count > view.base)) return undefined
    lack.headlessMs ??= nowMs
    const dueMs = lack.headlessMs + SKIP_AFTER_MS
    if (dueMs > nowMs) {
      this.#nextMs = earliest(this.#nextMs, dueMs)
      return undefined
    }
    this.#skippable.add(feed)
    return base
  }

  #lack(feed: FeedId, readyMs: number): void {
    this.#found.add(feed)
    const lack = this.#lacks.get(feed)
    if (lack === undefined) this.#lacks.set(feed, { readyMs, headlessMs: undefined })
    else lack.readyMs = Math.min(lack.readyMs, readyMs)
    this.#nextMs = earliest(this.#nextMs, readyMs)
  }

  #suspect(
    feed: FeedId,
    peer: PeerId,
    { from, span, upTo }: { readonly from: number; readonly span: number; readonly upTo: number },
  ): void {
    if (this.#branches.has(feed)) return
    const base = this.#log.feed(feed)?.base ?? 0
    this.#branches.set(feed, { peer, after: Math.max(base, from - span), upTo, span })
    this.#nextMs = 0
  }

  /** No other branch is looked for any more. */
  #settle(feed: FeedId): void {
    if (this.#branches.delete(feed)) this.asks.close(feed)
  }

  #isOurs(feed: FeedId, count: number, head: Bytes): boolean {
    const hash = this.#log.hashAt(feed, count)
    return hash === undefined || head.every((byte, at) => byte === hash[at])
  }

  #isLacked(feed: FeedId): boolean {
    const view = this.#log.feed(feed)
    if (view?.cut !== undefined) return false
    const count = view?.count ?? 0
    for (const { ledger } of this.#neighbours.values()) {
      const theirs = ledger.of(feed)
      if (theirs.count > count && theirs.cut === undefined) return true
    }
    return false
  }

  #hasRoom(): boolean {
    for (const peer of this.#neighbours.keys()) if (this.asks.hasRoom(peer)) return true
    return false
  }
}
