// How much one peer may relay: so many bytes in all, and so many to each other peer, so that a stream
// to one leaves room for words to the rest.
import type { PeerId } from '@knothole/wire'
import { RELAY_FRAME_COST_BYTES, RELAY_PAIR_RATE, RELAY_PEER_RATE } from './limits.ts'
import { TokenBucket } from './token-bucket.ts'

export class RelayMeter {
  readonly #all: TokenBucket
  readonly #pairs = new Map<PeerId, TokenBucket>()

  constructor(nowMs: number) {
    this.#all = new TokenBucket(RELAY_PEER_RATE, nowMs)
  }

  /** Takes the cost of a body; answers 0, or takes nothing and answers how long to wait for it. */
  take(to: PeerId, bodyBytes: number, nowMs: number): number {
    const cost = bodyBytes + RELAY_FRAME_COST_BYTES
    const pair = this.#pairs.get(to) ?? new TokenBucket(RELAY_PAIR_RATE, nowMs)
    this.#pairs.set(to, pair)
    const waitMs = Math.max(this.#all.waitMs(cost, nowMs), pair.waitMs(cost, nowMs))
    if (waitMs > 0) return waitMs
    this.#all.take(cost, nowMs)
    pair.take(cost, nowMs)
    return 0
  }

  /** A peer is gone; this is called for each, so there are never more pairs than peers. */
  forget(peer: PeerId): void {
    this.#pairs.delete(peer)
  }
}
