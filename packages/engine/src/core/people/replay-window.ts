// Takes each sequence number once, in any order within a window (the sliding window of RFC 4303,
// section 3.4.3). Numbers older than the window count as seen.

/** Width of a window for signals: those of one introduction are fewer, so honest reordering always passes. */
const SIGNALS = 64

/**
 * The signals of one peer. Members may bring again what the rendezvous brought, and the other way round;
 * that the rendezvous brings one twice is a replay.
 */
export class SignalWindow {
  readonly #taken = new ReplayWindow()
  readonly #served = new ReplayWindow()

  /** Whether this signal is new, known from another way, or played again. */
  accept(sequence: number, isCarried: boolean): 'new' | 'known' | 'replayed' {
    const isNew = this.#taken.accept(sequence)
    if (isCarried) return isNew ? 'new' : 'known'
    if (!this.#served.accept(sequence)) return 'replayed'
    return isNew ? 'new' : 'known'
  }
}

export class ReplayWindow {
  readonly #width: number
  #highest = -1
  readonly #seen = new Set<number>()

  constructor(width: number = SIGNALS) {
    this.#width = width
  }

  /** Whether this number is new; afterwards it is not. */
  accept(sequence: number): boolean {
    if (sequence <= this.#highest - this.#width || this.#seen.has(sequence)) return false
    this.#seen.add(sequence)
    if (sequence <= this.#highest) return true
    this.#highest = sequence
    for (const old of this.#seen) {
      if (old <= this.#highest - this.#width) this.#seen.delete(old)
    }
    return true
  }
}
