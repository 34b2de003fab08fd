// The round-trip time of a path as acknowledgements show it, and how long to wait for one (RFC 6298).

/** Shortest and longest wait for an acknowledgement, which the other side may hold back for 100 ms. */
const MIN_TIMEOUT_MS = 400
const MAX_TIMEOUT_MS = 5_000

/** The wait while nothing is known. */
const FIRST_TIMEOUT_MS = 1_000

export class RoundTrip {
  #smoothedMs: number | undefined
  #deviationMs = 0
  #backoff = 0

  /** Smoothed; 0 while nothing is known. */
  get smoothedMs(): number {
    return this.#smoothedMs ?? 0
  }

  /** After this long without an acknowledgement a segment counts as lost. */
  get timeoutMs(): number {
    const measuredMs =
      this.#smoothedMs === undefined
        ? FIRST_TIMEOUT_MS
        : Math.max(MIN_TIMEOUT_MS, this.#smoothedMs + 4 * this.#deviationMs)
    return Math.min(MAX_TIMEOUT_MS, measuredMs * 2 ** this.#backoff)
  }

  sample(ms: number): void {
    this.#backoff = 0
    if (this.#smoothedMs === undefined) {
      this.#smoothedMs = ms
      this.#deviationMs = ms / 2
      return
    }
    this.#deviationMs += (Math.abs(ms - this.#smoothedMs) - this.#deviationMs) / 4
    this.#smoothedMs += (ms - this.#smoothedMs) / 8
  }

  timedOut(): void {
    this.#backoff += 1
  }

  /** How many waits in a row were in vain. */
  get timeouts(): number {
    return this.#backoff
  }

  /** Another path: nothing is known of it. */
  reset(): void {
    this.#smoothedMs = undefined
    this.#deviationMs = 0
    this.#backoff = 0
  }
}
