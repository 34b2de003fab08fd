// Where the report of gaps gets its knowledge: what neighbours say to have and have not sent, and what
// entries name that is not here. Asks for nothing itself.
import type { FeedId } from '@knothole/wire'
import type { Log } from '../log/index.ts'
import { GapReport } from './gap-report.ts'
import type { Gap } from './gap-report.ts'
import type { History } from './history.ts'
import { GAP_AFTER_MS } from './limits.ts'

export class GapDesk {
  /** Whether the room's policy lets old entries go. */
  isPruning = false
  readonly #report = new GapReport()
  readonly #log: Log
  readonly #history: History

  constructor(log: Log, history: History) {
    this.#log = log
    this.#history = history
  }

  get told(): readonly Gap[] {
    return this.#report.gaps
  }

  /** Entries came, which may name others that did not. */
  look(nowMs: number): void {
    this.#report.look(nowMs)
  }

  /** A gap of this feed shrank. */
  touch(feed: FeedId): void {
    this.#report.touch(feed)
  }

  /** Somebody left, who may have been asked. */
  stir(): void {
    this.#report.stir()
  }

  deadlineMs(): number | undefined {
    return this.#report.deadlineMs()
  }

  /** The gaps, when they are others than were told. */
  evaluate(nowMs: number): readonly Gap[] | undefined {
    for (const feed of this.#history.found()) {
      if (this.#history.gap(feed) === undefined) this.#report.touch(feed)
      else this.#report.open(feed, nowMs)
    }
    if (this.#report.mayLook(nowMs)) {
      for (const { feed } of this.#log.missing()) this.#report.open(feed, nowMs - GAP_AFTER_MS)
    }
    return this.#report.tick((feed) => this.#describe(feed), nowMs)
  }

  #describe(feed: FeedId): Gap | undefined {
    const gap = this.#history.gap(feed) ?? this.#named(feed)
    if (gap === undefined) this.#report.close(feed)
    return gap
  }

  #named(feed: FeedId): Gap | undefined {
    // Where a policy lets entries go, a feed of which nothing is here is one that was let go.
    const { base = 0, count = 0 } = this.#log.feed(feed) ?? {}
    if (this.isPruning && base === count) return undefined
    const named = this.#log.missing().find((missing) => missing.feed === feed)
    if (named === undefined) return undefined
    const letGo = this.isPruning ? this.#history.letGo(feed) : 0
    const from = Math.max(named.from, letGo + 1)
    return from > named.upTo ? undefined : { feed, from, count: named.upTo - from + 1, asked: [] }
  }
}
