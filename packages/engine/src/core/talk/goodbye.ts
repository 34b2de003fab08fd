// Our last word in a room that we leave on purpose: whether there is one to say, and when it may be believed
// to outlive us. Waits for nobody by itself: whoever leaves does, for as long as it wants.

export interface GoodbyeOptions {
  /** Whether somebody may miss us: we are in the conversation, and here with this page only. */
  readonly isDue: () => boolean
  /** Says it; answers the number of the entry. */
  readonly say: () => number
  /** Whether it is with somebody, or in the log while nobody is linked. */
  readonly isTold: (sequence: number) => boolean
  readonly onTold: () => void
}

export class Goodbye {
  readonly #options: GoodbyeOptions
  #sequence: number | undefined
  #isSaid = false

  constructor(options: GoodbyeOptions) {
    this.#options = options
  }

  /** Whether it was said: nothing follows it. */
  get isSaid(): boolean {
    return this.#isSaid
  }

  say(): void {
    if (this.#isSaid) return
    this.#isSaid = true
    if (this.#options.isDue()) this.#sequence = this.#options.say()
    else this.#options.onTold()
  }

  /** Something was written, or others said what they have. */
  look(): void {
    if (this.#sequence === undefined || !this.#options.isTold(this.#sequence)) return
    this.#sequence = undefined
    this.#options.onTold()
  }
}
