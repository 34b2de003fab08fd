// Exponential backoff with full jitter: each delay is random between zero and a ceiling that doubles,
// so that a thousand clients of a restarted server do not come back in one instant.

/** First ceiling: a server process restarts in about this time. */
const FIRST_CEILING_MS = 500

/** Last ceiling: nobody waits longer than this for a server that is back. */
const LAST_CEILING_MS = 30_000

export class Backoff {
  readonly #random: () => number
  #failures = 0

  /** @param random numbers in [0, 1) */
  constructor(random: () => number) {
    this.#random = random
  }

  /** The delay before the next attempt, in ms. */
  nextMs(): number {
    const ceiling = Math.min(LAST_CEILING_MS, FIRST_CEILING_MS * 2 ** this.#failures)
    this.#failures += 1
    return Math.floor(this.#random() * ceiling)
  }

  /** An attempt succeeded. */
  reset(): void {
    this.#failures = 0
  }
}
