// A token bucket: so many at once, so many a second.

export interface Rate {
  readonly burst: number
  readonly perSecond: number
}

export class TokenBucket {
  readonly #rate: Rate
  #tokens: number
  #atMs = 0

  constructor(rate: Rate) {
    this.#rate = rate
    this.#tokens = rate.burst
  }

  /** Takes tokens, one unless said otherwise, if they are there. */
  take(nowMs: number, count = 1): boolean {
    const refill = (Math.max(0, nowMs - this.#atMs) * this.#rate.perSecond) / 1000
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + refill)
    this.#atMs = nowMs
    if (this.#tokens < count) return false
    this.#tokens -= count
    return true
  }

  /** How long until tokens that were refused just now are there. */
  waitMs(count = 1): number {
    return Math.ceil(((count - this.#tokens) * 1000) / this.#rate.perSecond)
  }
}
