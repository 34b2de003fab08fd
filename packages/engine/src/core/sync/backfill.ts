// Feeds that begin late here, because nobody had what came before, until somebody comes who has. Asks for
// nothing that we let go ourselves, and of nobody who has shown three times not to have it.
import type { FeedId, PeerId } from '@knothole/wire'
import type { FeedView, Log } from '../log/index.ts'
import type { AskDesk, Provider } from './ask-desk.ts'
import { MAX_FILLED_ENTRIES } from './limits.ts'
import type { Neighbour } from './neighbour.ts'

/** What to ask for, and who has it. */
export interface Filling {
  readonly feed: FeedId
  readonly after: number
  readonly providers: readonly Provider[]
}

export class Backfill {
  readonly #log: Log
  readonly #neighbours: ReadonlyMap<PeerId, Neighbour>
  readonly #asks: AskDesk
  readonly #feeds = new Set<FeedId>()

  constructor(log: Log, neighbours: ReadonlyMap<PeerId, Neighbour>, asks: AskDesk) {
    this.#log = log
    this.#neighbours = neighbours
    this.#asks = asks
  }

  get size(): number {
    return this.#feeds.size
  }

  /** A neighbour said in a summary where its feed begins; answers whether it has what came before ours. */
  claimed(feed: FeedId, neighbour: Neighbour): boolean {
    const view = this.#log.feed(feed)
    if (view === undefined || !isLate(view) || !this.#has(view, neighbour)) return false
    this.#feeds.add(feed)
    return true
  }

  /** What may be asked for now: the entries just before ours, which join at once. */
  fillings(nowMs: number): Filling[] {
    return [...this.#feeds].flatMap((feed) => {
      const view = this.#log.feed(feed)
      const having =
        view === undefined || !isLate(view)
          ? []
          : [...this.#neighbours.values()].filter((neighbour) => this.#has(view, neighbour))
      if (view === undefined || having.length === 0) {
        this.#feeds.delete(feed)
        return []
      }
      const providers = having
        .filter(({ peer }) => !this.#asks.isDistrusted(peer, feed, nowMs))
        .map(({ peer }) => ({ peer, count: view.base }))
      return [{ feed, after: Math.max(view.letGo, view.base - MAX_FILLED_ENTRIES), providers }]
    })
  }

  #has({ id, base }: FeedView, { peer, ledger }: Neighbour): boolean {
    const theirs = ledger.of(id)
    const isThere = theirs.base < base && theirs.count >= base && theirs.cut === undefined
    return isThere && !this.#asks.isDoubted(peer, id)
  }
}

/** Whether something is missing before a feed that we did not let go. */
const isLate = ({ base, letGo, cut }: FeedView): boolean => letGo < base && cut === undefined
