// The rows that are in the list: the newest, and as many before them as one has scrolled to. A list knows
// the place of each of its rows, and a hundred thousand places are not to be worked out again with every
// row that is measured. Pure.
import type { Row, Rows } from '../room/rows.ts'

/** Rows listed at first, and put before them each time one comes near the first. */
export const LISTED_AT_ONCE = 500

/** A tail of the rows. */
export class Listed {
  readonly length: number
  readonly #rows: Rows
  readonly #skipped: number
  /** As they were: the list asks for those of its last rows when the talk already is another. */
  readonly #keys: readonly string[]

  constructor(rows: Rows, length: number) {
    this.#rows = rows
    this.length = Math.min(length, rows.length)
    this.#skipped = rows.length - this.length
    this.#keys = Array.from({ length: this.length }, (_, index) => rows.key(index + this.#skipped))
  }

  /** Whether this is the tail of that length of these rows. */
  isOf(rows: Rows, length: number): boolean {
    return rows === this.#rows && this.length === Math.min(length, rows.length)
  }

  at(index: number): Row | undefined {
    return this.#rows.at(index + this.#skipped)
  }

  key(index: number): string {
    return this.#keys[index] ?? ''
  }

  /** Where a message is in the list; -1 when it is not. */
  indexOf(id: string): number {
    return Math.max(-1, this.#rows.indexOf(id) - this.#skipped)
  }

  /** Whether there are rows before the listed ones. */
  get hasMore(): boolean {
    return this.#skipped > 0
  }
}
