// Which entries are known to be missing, since when, and who is asked for them: told when it lasts, and
// not more often than a person could read it.
import type { FeedId, PeerId } from '@knothole/wire'
import { GAP_AFTER_MS } from './limits.ts'

/** Entries of a feed that others have, or spoke of, and we have not. */
export interface Gap {
  readonly feed: FeedId
  /** The first that is missing. */
  readonly from: number
  readonly count: number
  /** Whom we ask; nobody where no neighbour says to have them. */
  readonly asked: readonly PeerId[]
}

/** Pause between two reports. */
const PAUSE_MS = 250

export class GapReport {
  readonly #sinceMs = new Map<FeedId, number>()
  #told: readonly Gap[] = []
  #toldMs = 0
  #isDirty = false
  #lookMs: number | undefined

  get gaps(): readonly Gap[] {
    return this.#told
  }

  get size(): number {
    return this.#sinceMs.size
  }

  /** Something of a feed is missing. */
  open(feed: FeedId, nowMs: number): void {
    if (!this.#sinceMs.has(feed)) this.#sinceMs.set(feed, nowMs)
  }

  close(feed: FeedId): void {
    if (this.#sinceMs.delete(feed)) this.#isDirty = true
  }

  /** Entries came, which may name others that did not: worth a look in a while. */
  look(nowMs: number): void {
    this.#lookMs ??= nowMs + GAP_AFTER_MS
  }

  /** Whether it is time for that look. */
  mayLook(nowMs: number): boolean {
    if (this.#lookMs === undefined || this.#lookMs > nowMs) return false
    this.#lookMs = undefined
    return true
  }

  /** Whoever was asked may be gone. */
  stir(): void {
    this.#isDirty = this.#told.length > 0
  }

  /** A gap shrank, or another is asked. */
  touch(feed: FeedId): void {
    if (this.#sinceMs.has(feed)) this.#isDirty = true
  }

  deadlineMs(): number | undefined {
    let dueMs = Math.min(
      this.#lookMs ?? Infinity,
      this.#isDirty ? this.#toldMs + PAUSE_MS : Infinity,
    )
    for (const sinceMs of this.#sinceMs.values()) {
      // In the order in which they opened: the first not yet told is the next to be told.
      if (sinceMs + GAP_AFTER_MS <= this.#toldMs) continue
      dueMs = Math.min(dueMs, Math.max(sinceMs + GAP_AFTER_MS, this.#toldMs + PAUSE_MS))
      break
    }
    return dueMs === Infinity ? undefined : dueMs
  }

  /** The gaps to tell, when it is time and they are others than were told. */
  tick(describe: (feed: FeedId) => Gap | undefined, nowMs: number): readonly Gap[] | undefined {
    const dueMs = this.deadlineMs()
    if (dueMs === undefined || dueMs > nowMs) return undefined
    this.#isDirty = false
    this.#toldMs = nowMs
    const gaps: Gap[] = []
    for (const [feed, sinceMs] of this.#sinceMs) {
      const gap = sinceMs + GAP_AFTER_MS <= nowMs ? describe(feed) : undefined
      if (gap !== undefined) gaps.push(gap)
    }
    if (textOf(gaps) === textOf(this.#told)) return undefined
    this.#told = gaps
    return gaps
  }
}

function textOf(gaps: readonly Gap[]): string {
  return gaps
    .map(({ feed, from, count, asked }) => `${feed} ${from} ${count} ${asked.join(' ')}`)
    .join('\n')
}
