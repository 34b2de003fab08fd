// Which rows of a feed to make one row of. A live conversation writes a row an entry; opening it later
// costs by the row. So rows are merged in two steps, 16 to 1 and 16 to 1 again, which writes each entry
// three times in all, wherever it stands.
import { MAX_ROW_BYTES, MAX_ROW_ENTRIES } from './runs.ts'
import type { Span } from './runs.ts'

/** A row and what it weighs. */
export interface WeighedRow extends Span {
  readonly bytes: number
}

/** Rows that are merged at once while a conversation goes on. */
const FAN_IN = 16

/** Small rows in a row that are worth a merge when a log is opened: fewer cost less than merging does. */
const MIN_ON_OPENING = 4

/** What to merge at a feed's end while it grows: nothing, or rows that follow each other up to the last. */
export function mergeWhileGrowing<Row extends WeighedRow>(rows: readonly Row[]): readonly Row[] {
  const tiny = endOf(rows, isTiny)
  if (tiny.length < FAN_IN) return []
  const small = endOf(rows, isSmall)
  return small.length - tiny.length >= FAN_IN - 1 ? small : tiny
}

/** What to merge in a feed when its log has been opened: groups of rows that follow each other. */
export function mergeOnOpening<Row extends WeighedRow>(
  rows: readonly Row[],
): readonly (readonly Row[])[] {
  const groups: Row[][] = []
  let last: Row | undefined
  for (const row of rows) {
    const follows = last !== undefined && last.upTo + 1 === row.from
    if (isSmall(row) && follows && last !== undefined && isSmall(last)) groups.at(-1)?.push(row)
    else if (isSmall(row)) groups.push([row])
    last = row
  }
  return groups.filter((group) => group.length >= MIN_ON_OPENING)
}

const entriesOf = ({ from, upTo }: Span): number => upTo - from + 1

const isTiny = (row: WeighedRow): boolean =>
  entriesOf(row) < FAN_IN && row.bytes < MAX_ROW_BYTES / FAN_IN

/** Less than half a row: two make one. */
const isSmall = (row: WeighedRow): boolean =>
  entriesOf(row) <= MAX_ROW_ENTRIES / 2 && row.bytes <= MAX_ROW_BYTES / 2

/** The rows at the end that follow each other and pass. */
function endOf<Row extends WeighedRow>(
  rows: readonly Row[],
  passes: (row: Row) => boolean,
): readonly Row[] {
  let at = rows.length
  for (; at > 0; at -= 1) {
    const row = rows[at - 1]
    const next = rows[at]
    if (row === undefined || !passes(row)) break
    if (next !== undefined && row.upTo + 1 !== next.from) break
  }
  return rows.slice(at)
}
