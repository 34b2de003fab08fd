// The places of a room: one rendezvous, or several in an order that everyone knows. Says where to go next,
// and when to look elsewhere: from a later place back to the first, from an empty first to a later one.

/** First and longest pause before somebody at a later place looks at the first again; doubling, and random by half, so that not all come at once. */
const FIRST_LOOK_MS = 30_000
const LAST_LOOK_MS = 600_000

/** Who is alone at the first place looks at a later one after this long: others may be there. Doubling too. */
const ALONE_LOOK_MS = 3_000

export class Places {
  readonly #count: number
  readonly #random: () => number
  #place = 0
  /** Where to try before all others, once. */
  #wanted: number | undefined
  /** Places that did not answer since we were last in. */
  readonly #tried = new Set<number>()
  /** Places that refused us for good. */
  readonly #closed = new Set<number>()
  #looks = 0
  /** When to look elsewhere. */
  moveAtMs: number | undefined

  constructor(count: number, random: () => number) {
    this.#count = count
    this.#random = random
  }

  /** Whether there is another to go to. */
  get hasOther(): boolean {
    return this.#count - this.#closed.size > 1
  }

  /** Where we are, or try to be. */
  get place(): number {
    return this.#place
  }

  /** The place to try now. */
  next(): number {
    this.#place = this.#wanted ?? this.#untried() ?? 0
    this.#wanted = undefined
    return this.#place
  }

  /** We are in, at the place tried last. */
  welcomed(isAlone: boolean, nowMs: number): void {
    this.#tried.clear()
    if (!isAlone && this.#place === this.#first) this.#looks = 0
    if (!this.hasOther || (this.#place === this.#first && !isAlone)) return
    const firstMs = isAlone ? ALONE_LOOK_MS : FIRST_LOOK_MS
    const pauseMs = Math.min(LAST_LOOK_MS, firstMs * 2 ** this.#looks)
    this.moveAtMs = nowMs + pauseMs * (1 - this.#random() / 2)
  }

  /** Somebody came to where we are. */
  joined(nowMs: number): void {
    if (this.moveAtMs === undefined) return
    this.moveAtMs = undefined
    this.#looks = 0
    this.welcomed(false, nowMs)
  }

  /** Looks elsewhere: next comes the first place, or from there the one after it. */
  move(): void {
    this.moveAtMs = undefined
    this.#looks += 1
    this.#tried.clear()
    if (this.#place !== this.#first) return
    this.#tried.add(this.#place)
    this.#wanted = this.#untried()
    this.#tried.clear()
  }

  /**
   * The place was lost. `again`: after a pause, from the first. `next`: another can be tried at once.
   * `none`: all have refused us for good.
   */
  lost({
    wasOnline,
    isFinal,
  }: {
    wasOnline: boolean
    isFinal: boolean
  }): 'again' | 'next' | 'none' {
    if (isFinal) this.#closed.add(this.#place)
    if (this.#closed.size >= this.#count) return 'none'
    // Whoever was in comes to the same place first: most often it was the path that broke.
    if (wasOnline) this.#wanted = isFinal ? undefined : this.#place
    else this.#tried.add(this.#place)
    if (this.#untried() === undefined) this.#tried.clear()
    else if (!wasOnline) return 'next'
    return 'again'
  }

  get #first(): number | undefined {
    return this.#open[0]
  }

  #untried(): number | undefined {
    return this.#open.find((place) => !this.#tried.has(place))
  }

  get #open(): number[] {
    const all = Array.from({ length: this.#count }, (_, place) => place)
    return all.filter((place) => !this.#closed.has(place))
  }
}
