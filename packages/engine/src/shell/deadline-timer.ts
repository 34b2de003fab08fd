// The one timer of a machine: set to its deadline after every step. Most steps leave the deadline as it is
// or put it off, and setting a timer costs more than the rest of such a step: only an earlier deadline sets
// it anew. One that was put off is waited for once more when the timer comes.
import type { Clock } from '../ports/index.ts'

export class DeadlineTimer {
  readonly #clock: Clock
  readonly #onDeadline: () => void
  #deadlineMs: number | undefined
  /** When the timer comes, which may be before the deadline. */
  #atMs: number | undefined
  #cancel: (() => void) | undefined

  constructor(clock: Clock, onDeadline: () => void) {
    this.#clock = clock
    this.#onDeadline = onDeadline
  }

  /** Calls at the deadline and no longer at an earlier one; at none when there is none. */
  set(deadlineMs: number | undefined): void {
    this.#deadlineMs = deadlineMs
    if (deadlineMs === undefined) {
      this.#cancel?.()
      this.#atMs = undefined
    } else if (this.#atMs === undefined || deadlineMs < this.#atMs) {
      this.#cancel?.()
      this.#wait(deadlineMs)
    }
  }

  #wait(untilMs: number): void {
    this.#atMs = untilMs
    this.#cancel = this.#clock.schedule(untilMs, () => this.#came(untilMs))
  }

  #came(atMs: number): void {
    this.#atMs = undefined
    const deadlineMs = this.#deadlineMs
    if (deadlineMs === undefined) return
    if (deadlineMs > atMs) this.#wait(deadlineMs)
    else this.#onDeadline()
  }
}
