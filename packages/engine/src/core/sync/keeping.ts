// What the store is told and what it kept: restores, appends, bodies and entries that go, and what it kept
// beyond a hole, which comes back like a neighbour's chunks once the hole is filled. Stores nothing itself.
import type { FeedId, MemberId, PeerId, Bytes } from '@knothole/wire'
import { memberIdOf } from '@knothole/wire'
import type { StoredLog } from '../../ports/index.ts'
import type { Sha256 } from '../log/index.ts'
import type { Announcer } from './announcer.ts'
import type { BodyDesk } from './body-desk.ts'
import { firstOf, reachOf } from './grouping.ts'
import type { History } from './history.ts'
import type { Hub } from './hub.ts'
import { LeftBlocks } from './left-blocks.ts'
import { Neighbour } from './neighbour.ts'
import type { ReceiptDesk } from './receipt-desk.ts'
import type { StoreQueue } from './store-queue.ts'

export interface KeepingParts {
  readonly hub: Hub
  readonly store: StoreQueue
  readonly announcer: Announcer
  readonly history: History
  readonly bodies: BodyDesk
  readonly receipts: ReceiptDesk
  readonly sha256: Sha256
}

export class Keeping {
  /** What was kept beyond a hole comes in as from a neighbour. */
  readonly disk: Neighbour = new Neighbour({
    peer: '' as PeerId,
    member: '' as MemberId,
    isEager: false,
    beatMs: Infinity,
  })
  readonly #parts: KeepingParts
  readonly #left = new LeftBlocks()

  constructor(parts: KeepingParts) {
    this.#parts = parts
  }

  restore(stored: StoredLog, nowMs: number): void {
    const { hub, store, announcer, history, bodies, receipts, sha256 } = this.#parts
    const { admitted, left } = hub.log.restore(stored)
    this.#left.add(left)
    receipts.restore(stored.notes, (key: Bytes) => memberIdOf(sha256(key)))
    for (const write of admitted.writes) store.add(write)
    for (const [feed, reach] of reachOf(stored.blocks)) {
      announcer.kept(feed, { base: hub.log.feed(feed)?.base, upTo: reach }, nowMs)
      this.#woken(feed)
    }
    // Feeds that were let go as a whole have no blocks; others would offer them for ever.
    for (const { id, base } of hub.log.feeds())
      if (base > 0) announcer.kept(id, { upTo: base }, nowMs)
    for (const feed of firstOf(admitted.entries).keys()) history.grown(feed)
    for (const { feed } of admitted.cuts) announcer.refresh(feed, nowMs)
    for (const entry of admitted.entries)
      if (entry.bodyBytes === 0) bodies.miss(entry.feed.id, entry.sequence, nowMs)
    hub.emit({ type: 'opened', entries: admitted.entries })
  }

  /** A feed has so many entries now: what the store kept beyond them may follow. */
  grown(feed: FeedId, count: number): void {
    const chunk = this.#left.next(feed, count)
    if (chunk !== undefined) this.disk.inbox.add({ feed, chunk, bytes: 0 })
  }

  /** What was kept of a feed beyond a hole is not what it was. */
  refused(feed: FeedId | undefined): void {
    if (feed !== undefined) this.#left.drop(feed)
  }

  /** A batch is kept; answers whether that is news for others. */
  stored(batch: number, nowMs: number): boolean {
    const { store, announcer } = this.#parts
    let isNews = false
    for (const [feed, part] of store.done(batch))
      if (announcer.kept(feed, part, nowMs)) isNews = true
    return isNews
  }

  drop(entries: readonly (readonly [FeedId, number])[]): void {
    const { hub, store, bodies } = this.#parts
    for (const [feed, sequence] of entries) bodies.settle(feed, sequence)
    for (const { feed, sequence } of hub.log.dropBodies(entries))
      store.add({ type: 'bodies', feed: feed.id, bodies: [[sequence, undefined]] })
  }

  prune(beforeMs: number, nowMs: number): void {
    const { hub, store, bodies, announcer } = this.#parts
    const ranges = hub.log.prune(beforeMs)
    for (const range of ranges) {
      const { feed, from, upTo } = range
      store.add({ type: 'remove', ...range })
      const note = hub.log.noteOfBase(feed)
      if (note !== undefined) store.add({ type: 'note', ...note })
      bodies.forget(feed, { from, upTo })
      announcer.refresh(feed, nowMs)
    }
    if (ranges.length > 0) hub.emit({ type: 'pruned', ranges })
  }

  #woken(feed: FeedId): void {
    const { hub } = this.#parts
    const count = hub.log.feed(feed)?.count ?? 0
    for (const { inbox } of hub.neighbours.values()) inbox.wake(feed, count)
  }
}
