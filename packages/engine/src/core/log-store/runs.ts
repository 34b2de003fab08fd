// Blocks cut and joined: what of a run is not kept yet, what fits one row, what to merge. Pure, so that
// every store that keeps rows keeps the same ones.
import type { StoredBlock, StoredEntry } from '../../ports/index.ts'
import { storedEntryBytes } from './stored-block.ts'

/** Entries in a row: as many as a proof may have to vouch for. */
export const MAX_ROW_ENTRIES = 256

/** Bytes in a row. Chromium keeps values of 64 KiB and more in a file each, which costs ten times as much to read. */
export const MAX_ROW_BYTES: number = 60 * 1024

/** The entries `from` to `upTo` of a run, with their proofs. */
export function cutBlock(block: StoredBlock, from: number, upTo: number): StoredBlock {
  if (from <= block.from && upTo >= lastOf(block)) return block
  return {
    ...block,
    from: Math.max(from, block.from),
    entries: block.entries.slice(
      Math.max(0, from - block.from),
      Math.max(0, upTo + 1 - block.from),
    ),
    proofs: block.proofs.filter(({ sequence }) => sequence >= from && sequence <= upTo),
  }
}

/** The number of a run's last entry. */
export function lastOf(block: {
  readonly from: number
  readonly entries: readonly StoredEntry[]
}): number {
  return block.from + block.entries.length - 1
}

/** One run of several that follow each other. */
export function joinBlocks(first: StoredBlock, others: readonly StoredBlock[]): StoredBlock {
  const blocks = [first, ...others]
  return {
    ...first,
    entries: blocks.flatMap(({ entries }) => entries),
    proofs: blocks.flatMap(({ proofs }) => proofs),
  }
}

/** A run as rows: each as large as a row may be, one entry at least. */
export function splitIntoRows(block: StoredBlock): readonly StoredBlock[] {
  const rows: StoredBlock[] = []
  let from = block.from
  let bytes = 0
  block.entries.forEach((entry, index) => {
    const sequence = block.from + index
    const more = storedEntryBytes(entry)
    const isFull = sequence - from === MAX_ROW_ENTRIES || bytes + more > MAX_ROW_BYTES
    if (isFull && sequence > from) {
      rows.push(cutBlock(block, from, sequence - 1))
      from = sequence
      bytes = 0
    }
    bytes += more
  })
  if (block.entries.length > 0) rows.push(cutBlock(block, from, lastOf(block)))
  return rows
}

/** What of `from` to `upTo` lies in none of some ranges, which stand in order. */
export function uncovered({ from, upTo }: Span, ranges: readonly Span[]): readonly Span[] {
  const gaps: Span[] = []
  let next = from
  for (const range of ranges) {
    if (range.upTo < next) continue
    if (range.from > upTo) break
    if (range.from > next) gaps.push({ from: next, upTo: range.from - 1 })
    next = range.upTo + 1
  }
  if (next <= upTo) gaps.push({ from: next, upTo })
  return gaps
}

export interface Span {
  readonly from: number
  readonly upTo: number
}
