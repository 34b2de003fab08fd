// Bodies that entries came without: let go by who sent them, or too large for the chunk. One neighbour after
// the other is asked; when none has them, a new link is the next chance. Knows nothing of what they say.
import type { FeedId, PeerId } from '@knothole/wire'
import { MAX_ASKED_BODIES, MAX_MISSING_BODIES, SILENCE_MS } from './limits.ts'

/** Which bodies to ask a peer for. */
export interface BodyAsk {
  readonly peer: PeerId
  readonly feed: FeedId
  readonly sequences: readonly number[]
}

interface Lack {
  readonly sequences: Set<number>
  /** Who was asked and did not have all of them. */
  readonly asked: Set<PeerId>
  dueMs: number
}

export class BodyDesk {
  readonly #lacks = new Map<FeedId, Lack>()
  #size = 0

  /** Bodies that are missing. */
  get size(): number {
    return this.#size
  }

  has(feed: FeedId, sequence: number): boolean {
    return this.#lacks.get(feed)?.sequences.has(sequence) === true
  }

  /** An entry came without its body. What goes with deletes is told soon, so wait for that first. */
  miss(feed: FeedId, sequence: number, nowMs: number): void {
    if (this.#size >= MAX_MISSING_BODIES || this.has(feed, sequence)) return
    const lack = this.#lacks.get(feed) ?? {
      sequences: new Set(),
      asked: new Set(),
      dueMs: nowMs + SILENCE_MS,
    }
    this.#lacks.set(feed, lack)
    lack.sequences.add(sequence)
    this.#size += 1
  }

  /** It came, or is not wanted any more. */
  settle(feed: FeedId, sequence: number): void {
    const lack = this.#lacks.get(feed)
    if (lack?.sequences.delete(sequence) !== true) return
    this.#size -= 1
    if (lack.sequences.size === 0) this.#lacks.delete(feed)
  }

  /** These entries are gone. */
  forget(feed: FeedId, { from, upTo }: { readonly from: number; readonly upTo: number }): void {
    for (const sequence of this.#lacks.get(feed)?.sequences ?? [])
      if (sequence >= from && sequence <= upTo) this.settle(feed, sequence)
  }

  /** Somebody new may have what the others have not. */
  linked(nowMs: number): void {
    for (const lack of this.#lacks.values())
      if (lack.dueMs === Infinity) lack.dueMs = nowMs + SILENCE_MS
  }

  deadlineMs(): number | undefined {
    let dueMs = Infinity
    for (const lack of this.#lacks.values()) dueMs = Math.min(dueMs, lack.dueMs)
    return dueMs === Infinity ? undefined : dueMs
  }

  /** Whom to ask for what now, of those who say to have a feed that far. */
  evaluate(
    providers: (feed: FeedId, sequence: number) => readonly PeerId[],
    nowMs: number,
  ): BodyAsk[] {
    const asks: BodyAsk[] = []
    for (const [feed, lack] of this.#lacks) {
      if (lack.dueMs > nowMs) continue
      const [first = 0] = lack.sequences
      const peer = providers(feed, first).find((one) => !lack.asked.has(one))
      lack.dueMs = peer === undefined ? Infinity : nowMs + SILENCE_MS
      if (peer === undefined) {
        lack.asked.clear()
        continue
      }
      lack.asked.add(peer)
      asks.push({ peer, feed, sequences: [...lack.sequences].slice(0, MAX_ASKED_BODIES) })
    }
    return asks
  }
}
