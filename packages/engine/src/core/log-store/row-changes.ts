// What writes make of the rows of one feed: pure, so that a store can plan, and plan again when another
// page was faster. Rows are never changed in place: a changed one is removed and put under a new revision.
import type { StoredBlock, StoreWrite } from '../../ports/index.ts'
import { cutBlock, joinBlocks, lastOf, splitIntoRows, uncovered } from './runs.ts'
import type { Span } from './runs.ts'

/** A write to a feed. */
export type FeedWrite = Exclude<StoreWrite, { readonly type: 'note' }>

/** A row that is there: its place, and its block where `needsBlock` asked for it. */
export interface PresentRow<Key extends Span> {
  readonly key: Key
  readonly block: StoredBlock | undefined
}

export interface RowChanges<Key extends Span> {
  readonly removed: readonly Key[]
  readonly put: readonly StoredBlock[]
}

interface Run<Key extends Span> extends Span {
  /** The row this run is in; none when it is new. */
  readonly key: Key | undefined
  readonly block: StoredBlock | undefined
  readonly isChanged: boolean
}

/** The entries a write concerns: from its first to its last. */
export function spanOf(write: FeedWrite): Span {
  if (write.type === 'remove') return write
  if (write.type === 'append') return { from: write.from, upTo: lastOf(write) }
  const sequences = write.bodies.map(([sequence]) => sequence)
  return { from: Math.min(...sequences), upTo: Math.max(...sequences) }
}

/** Whether a write changes part of a row, so that its block must be read first. */
export function needsBlock(row: Span, write: FeedWrite): boolean {
  if (write.type === 'append') return false
  if (write.type === 'bodies')
    return write.bodies.some(([sequence]) => sequence >= row.from && sequence <= row.upTo)
  return overlaps(row, write) && !(write.from <= row.from && write.upTo >= row.upTo)
}

export function overlaps(one: Span, other: Span): boolean {
  return one.from <= other.upTo && other.from <= one.upTo
}

/** What the writes make of the rows they overlap, in the order of both. */
export function changeRows<Key extends Span>(
  writes: readonly FeedWrite[],
  rows: readonly PresentRow<Key>[],
): RowChanges<Key> {
  let runs: readonly Run<Key>[] = rows.map(({ key, block }) => ({
    key,
    block,
    from: key.from,
    upTo: key.upTo,
    isChanged: false,
  }))
  for (const write of writes) runs = changed(runs, write)
  const kept = new Set(runs.flatMap(({ key, isChanged }) => (isChanged ? [] : [key])))
  return {
    removed: rows.flatMap(({ key }) => (kept.has(key) ? [] : [key])),
    put: joinNew(runs).flatMap((block) => splitIntoRows(block)),
  }
}

function changed<Key extends Span>(
  runs: readonly Run<Key>[],
  write: FeedWrite,
): readonly Run<Key>[] {
  if (write.type === 'append') return withAppended(runs, write)
  return runs.flatMap((run) => {
    if (!overlaps(run, spanOf(write))) return [run]
    return write.type === 'remove' ? withoutRange(run, write) : [withBodies(run, write.bodies)]
  })
}

function withAppended<Key extends Span>(
  runs: readonly Run<Key>[],
  block: StoredBlock,
): readonly Run<Key>[] {
  const gaps = uncovered({ from: block.from, upTo: lastOf(block) }, runs)
  const added = gaps.map(({ from, upTo }) => newRun<Key>(cutBlock(block, from, upTo)))
  return added.length === 0 ? runs : [...runs, ...added].toSorted((a, b) => a.from - b.from)
}

function newRun<Key extends Span>(block: StoredBlock): Run<Key> {
  return { key: undefined, block, from: block.from, upTo: lastOf(block), isChanged: true }
}

function withoutRange<Key extends Span>(run: Run<Key>, { from, upTo }: Span): Run<Key>[] {
  const { block } = run
  if (block === undefined) return []
  const before = cutBlock(block, block.from, from - 1)
  const after = cutBlock(block, upTo + 1, lastOf(block))
  return [before, after].flatMap((rest) => (rest.entries.length === 0 ? [] : [newRun<Key>(rest)]))
}

function withBodies<Key extends Span>(
  run: Run<Key>,
  bodies: (FeedWrite & { readonly type: 'bodies' })['bodies'],
): Run<Key> {
  const { block } = run
  if (block === undefined) return run
  const entries = [...block.entries]
  let isChanged = false
  for (const [sequence, body] of bodies) {
    const entry = entries[sequence - block.from]
    if (entry === undefined || entry.body === body) continue
    entries[sequence - block.from] = { header: entry.header, body }
    isChanged = true
  }
  return isChanged ? { ...run, block: { ...block, entries }, isChanged } : run
}

/** What is new or changed, joined where it is adjacent. */
function joinNew<Key extends Span>(runs: readonly Run<Key>[]): readonly StoredBlock[] {
  const blocks = runs.flatMap(({ block, isChanged }) =>
    isChanged && block !== undefined ? [block] : [],
  )
  const groups: StoredBlock[][] = []
  for (const block of blocks) {
    const last = groups.at(-1)?.at(-1)
    if (last !== undefined && lastOf(last) + 1 === block.from) groups.at(-1)?.push(block)
    else groups.push([block])
  }
  return groups.flatMap(([first, ...others]) =>
    first === undefined ? [] : [joinBlocks(first, others)],
  )
}
