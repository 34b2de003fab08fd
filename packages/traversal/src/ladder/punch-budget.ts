// Politeness over all pairs of a room: birthday punches reach strangers behind the same addresses and
// fill tables of small routers, so there is one at a time, and a pause between their beginnings
// (hyperdht's rule).

/** Between the beginnings of two birthday punches of one peer. */
export const PUNCH_PAUSE_MS = 20_000

/** One per room; every ladder of the room asks it. */
export class PunchBudget {
  #holder: object | undefined
  #nextMs = 0
  /** What `#nextMs` was before the holder took its turn. */
  #beforeMs = 0

  /** When a birthday punch may begin; undefined while another runs. */
  freeAtMs(holder: object): number | undefined {
    return this.#holder === undefined || this.#holder === holder ? this.#nextMs : undefined
  }

  /** Takes the right to punch; false when it is not free. Who is asked may be `slackMs` early. */
  take(holder: object, nowMs: number, slackMs = 0): boolean {
    const freeAtMs = this.freeAtMs(holder)
    if (freeAtMs === undefined || nowMs + slackMs < freeAtMs) return false
    this.#holder = holder
    this.#beforeMs = this.#nextMs
    this.#nextMs = nowMs + PUNCH_PAUSE_MS
    return true
  }

  /** Gives it back. */
  free(holder: object): void {
    if (this.#holder === holder) this.#holder = undefined
  }

  /** Gives back a turn in which nothing was sent: it was none, and nobody has to pause after it. */
  giveBack(holder: object): void {
    if (this.#holder !== holder) return
    this.#holder = undefined
    this.#nextMs = this.#beforeMs
  }
}
