// Takes each sequence number once, in any order within a window (the sliding window of RFC 4303,
// section 3.4.3). Numbers older than the window count as seen.

/** Width of the window: signals of one introduction are fewer, so honest reordering always passes. */
const WINDOW = 64

export class ReplayWindow {
  #highest = -1
  readonly #seen = new Set<number>()

  /** Whether this number is new; afterwards it is not. */
  accept(sequence: number): boolean {
    if (sequence <= this.#highest - WINDOW || this.#seen.has(sequence)) return false
    this.#seen.add(sequence)
    if (sequence > this.#highest) this.#highest = sequence
    for (const old of this.#seen) {
      if (old <= this.#highest - WINDOW) this.#seen.delete(old)
    }
    return true
  }
}
