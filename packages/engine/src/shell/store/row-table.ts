// What a log store needs of a database: rows of sealed bytes by place, changed together or not at all.
// Sealing is asynchronous and transactions do not wait for it, so a change says which rows it was planned
// from, and is refused when they are others by now.
import type { Span } from '../../core/log-store/runs.ts'
import type { Bytes } from '@knothole/wire'

/** A place in a table. Places of one group never overlap; a row that changes gets another revision. */
export interface RowPlace extends Span {
  readonly group: string
  readonly revision: number
}

export interface Row {
  readonly place: RowPlace
  /** Undefined when the database cannot read it. */
  readonly sealed: Bytes | undefined
}

/** A stretch of a group. */
export interface Window extends Span {
  readonly group: string
}

/** A change: all of it happens if in each window just the rows stand that were expected, by revision. */
export interface RowChange {
  readonly expected: readonly (Window & { readonly rows: readonly RowPlace[] })[]
  readonly removed: readonly RowPlace[]
  readonly put: readonly (Row & { readonly sealed: Bytes })[]
  /** Wait until it survives a power cut. */
  readonly isDurable: boolean
  /** What is removed held things that shall be gone for good: leave no copy of it that can be avoided. */
  readonly letsGo: boolean
}

/** Spans are no longer than MAX_ROW_ENTRIES. Every method @throws StoreError, and then nothing was done. */
export interface RowTable {
  /** Some rows were lost before, nobody knows which. */
  readonly hasLostRows: boolean
  /** Every row, by group and place. */
  readAll(): Promise<readonly Row[]>
  /** The rows that overlap one of the windows. */
  read(windows: readonly Window[]): Promise<readonly Row[]>
  /** False, and nothing done, when the rows are not those expected. */
  commit(change: RowChange): Promise<boolean>
  /** Lets the whole table go, and closes. */
  erase(): Promise<void>
  close(): void
}

/** A place as text: what its row is sealed for, and the same for no other. */
export function placeText({ group, from, upTo, revision }: RowPlace): string {
  return `${group}.${from}.${upTo}.${revision}`
}
