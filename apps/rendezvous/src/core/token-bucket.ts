// A token bucket: so many at once, so many a second.
import type { Rate } from './limits.ts'

export class TokenBucket {
  readonly #rate: Rate
  #tokens: number
  #atMs: number

  constructor(rate: Rate, nowMs: number) {
    this.#rate = rate
    this.#tokens = rate.burst
    this.#atMs = nowMs
  }

  /** Takes `amount` tokens if they are there, else none. */
  take(amount: number, nowMs: number): boolean {
    this.#refill(nowMs)
    if (this.#tokens < amount) return false
    this.#tokens -= amount
    return true
  }

  /** Whole ms until `amount` tokens are there if nobody takes any; 0 when they are there now. */
  waitMs(amount: number, nowMs: number): number {
    this.#refill(nowMs)
    return Math.max(0, Math.ceil(((amount - this.#tokens) * 1000) / this.#rate.perSecond))
  }

  #refill(nowMs: number): void {
    const gained = (Math.max(0, nowMs - this.#atMs) * this.#rate.perSecond) / 1000
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + gained)
    this.#atMs = nowMs
  }
}
