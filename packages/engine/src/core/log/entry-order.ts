// All entries that count, in their order. What comes in is merged when somebody looks, so that a history
// that streams in costs no more than it is looked at.
import { compareEntries } from './entry.ts'
import type { Entry } from './entry.ts'

export class EntryOrder {
  #sorted: Entry[] = []
  #coming: Entry[] = []

  get length(): number {
    return this.#sorted.length + this.#coming.length
  }

  /** The entry at a place, the oldest first. */
  at(index: number): Entry | undefined {
    return this.#settled()[index]
  }

  /** The place of an entry; -1 when it does not count. */
  indexOf(entry: Entry): number {
    const index = this.placeOf(entry)
    return this.#sorted[index] === entry ? index : -1
  }

  /** How many entries stand before this one, which need not be there. */
  placeOf(entry: Entry): number {
    const sorted = this.#settled()
    let from = 0
    let to = sorted.length
    while (from < to) {
      const middle = (from + to) >>> 1
      const other = sorted[middle]
      if (other !== undefined && compareEntries(other, entry) < 0) from = middle + 1
      else to = middle
    }
    return from
  }

  *newestFirst(): Generator<Entry, void> {
    const sorted = this.#settled()
    for (let i = sorted.length - 1; i >= 0; i--) {
      const entry = sorted[i]
      if (entry !== undefined) yield entry
    }
  }

  add(entries: readonly Entry[]): void {
    for (const entry of entries) this.#coming.push(entry)
  }

  /** Takes out those for which this says so. */
  remove(isGone: (entry: Entry) => boolean): void {
    this.#sorted = this.#settled().filter((entry) => !isGone(entry))
  }

  #settled(): readonly Entry[] {
    if (this.#coming.length > 0) this.#merge()
    return this.#sorted
  }

  /** From the end: what comes is mostly newer than what is here. */
  #merge(): void {
    const coming = this.#coming.toSorted(compareEntries)
    this.#coming = []
    const sorted = this.#sorted
    let old = sorted.length - 1
    let next = coming.length - 1
    for (const entry of coming) sorted.push(entry)
    for (let to = sorted.length - 1; next >= 0; to--) {
      const a = sorted[old]
      const b = coming[next]
      if (b === undefined) break
      if (old >= 0 && a !== undefined && compareEntries(a, b) > 0) {
        sorted[to] = a
        old -= 1
      } else {
        sorted[to] = b
        next -= 1
      }
    }
  }
}
