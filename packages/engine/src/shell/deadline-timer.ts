// The one timer of a machine: set to its deadline after every step. Most steps leave the deadline as it is,
// and setting a timer costs more than the rest of such a step, so only another deadline sets it anew.
import type { Clock } from '../ports/index.ts'

export class DeadlineTimer {
  readonly #clock: Clock
  readonly #onDeadline: () => void
  #atMs: number | undefined
  #cancel: (() => void) | undefined

  constructor(clock: Clock, onDeadline: () => void) {
    this.#clock = clock
    this.#onDeadline = onDeadline
  }

  /** Calls at the deadline and no longer at an earlier one; at none when there is none. */
  set(deadlineMs: number | undefined): void {
    if (deadlineMs === this.#atMs) return
    this.#cancel?.()
    this.#atMs = deadlineMs
    if (deadlineMs === undefined) return
    this.#cancel = this.#clock.schedule(deadlineMs, () => {
      this.#atMs = undefined
      this.#onDeadline()
    })
  }
}
