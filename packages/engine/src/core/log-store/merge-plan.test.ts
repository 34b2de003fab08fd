import { describe, expect, it } from 'vitest'
import { mergeOnOpening, mergeWhileGrowing } from './merge-plan.ts'
import type { WeighedRow } from './merge-plan.ts'
import { MAX_ROW_BYTES, MAX_ROW_ENTRIES } from './runs.ts'

const ENTRY_BYTES = 200

/** Rows of so many entries each, one after the other. */
function rowsOf(...lengths: readonly number[]): WeighedRow[] {
  let next = 1
  return lengths.map((length) => {
    const row = { from: next, upTo: next + length - 1, bytes: length * ENTRY_BYTES }
    next += length
    return row
  })
}

const ones = (count: number): number[] => Array.from({ length: count }, () => 1)

describe('merging rows', () => {
  it('E361 an entry is written three times at most, and a growing feed has few rows', () => {
    let rows: WeighedRow[] = []
    let written = 0
    let most = 0
    for (let sequence = 1; sequence <= 4 * MAX_ROW_ENTRIES; sequence += 1) {
      rows.push({ from: sequence, upTo: sequence, bytes: ENTRY_BYTES })
      written += 1
      const merged = mergeWhileGrowing(rows)
      const [first] = merged
      const last = merged.at(-1)
      if (first !== undefined && last !== undefined) {
        const bytes = merged.reduce((sum, row) => sum + row.bytes, 0)
        rows = [...rows.slice(0, -merged.length), { from: first.from, upTo: last.upTo, bytes }]
        written += last.upTo - first.from + 1
      }
      most = Math.max(most, rows.length)
    }
    expect(written).toBeLessThanOrEqual(3 * 4 * MAX_ROW_ENTRIES)
    expect(most).toBeLessThanOrEqual(4 + 32)
    expect(rows).toHaveLength(4)
  })

  it('E361 rows that are heavy, or do not follow each other, are left as they are', () => {
    const heavy = rowsOf(...ones(40)).map((row) => ({ ...row, bytes: MAX_ROW_BYTES / 2 + 1 }))
    expect(mergeWhileGrowing(heavy)).toEqual([])
    expect(mergeOnOpening(heavy)).toEqual([])
    const torn = rowsOf(...ones(15)).concat(
      rowsOf(...ones(10)).map(({ from, upTo, bytes }) => ({
        from: from + 20,
        upTo: upTo + 20,
        bytes,
      })),
    )
    expect(mergeWhileGrowing(torn)).toEqual([])
  })

  it('E361 on opening, a feed that has ended becomes few rows, whatever it was written in', () => {
    const rows = rowsOf(256, 256, 16, 16, 1, 1, 1)
    expect(mergeOnOpening(rows)).toEqual([rows.slice(2)])
    expect(mergeOnOpening(rowsOf(256, 16, 16))).toEqual([])
  })
})
