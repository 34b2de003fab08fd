// All rows of a table, opened: blocks, notes, and what is damaged. Damaged rows are set aside, not thrown
// away: their places become free for the same entries from others, and should they open another day, be it
// with another release, they count again.
import type { FeedId } from '@knothole/wire'
import { uncovered } from '../../core/log-store/runs.ts'
import type { StoredBlock, StoredRange } from '../../ports/index.ts'
import type { Row, RowChange, RowPlace } from './row-table.ts'
import { groupOf, kindOf, nameOf } from './sealed-rows.ts'
import type { KeptNote, SealedRows } from './sealed-rows.ts'

export interface OpenedRows {
  readonly blocks: readonly StoredBlock[]
  readonly notes: readonly KeptNote[]
  readonly damaged: readonly StoredRange[]
  readonly hasDamage: boolean
  /** What to do about damage. */
  readonly change: RowChange | undefined
}

interface OpenedBlock {
  readonly row: Row
  readonly block: StoredBlock | undefined
}

export async function openRows(rows: readonly Row[], sealed: SealedRows): Promise<OpenedRows> {
  const ofKind = (kind: string): Row[] => rows.filter(({ place }) => kindOf(place.group) === kind)
  const open = (row: Row): Promise<OpenedBlock> =>
    sealed.openBlock(row).then((block) => ({ row, block }))
  const [feeds, aside, notes] = await Promise.all([
    Promise.all(ofKind('feed').map(open)),
    Promise.all(ofKind('aside').map(open)),
    Promise.all(ofKind('note').map((row) => sealed.openNote(row))),
  ])
  const keptNotes = notes.filter((note): note is KeptNote => note !== undefined)
  const hasDamage =
    feeds.some(({ block }) => block === undefined) || keptNotes.length < notes.length
  return { notes: keptNotes, ...judge(feeds, aside, hasDamage) }
}

/** Sorts out what opens, what does not, and what of it others have replaced by now. */
function judge(
  feeds: readonly OpenedBlock[],
  aside: readonly OpenedBlock[],
  hasDamage: boolean,
): Omit<OpenedRows, 'notes'> {
  const good = feeds.filter(({ block }) => block !== undefined)
  const bad = feeds.filter(({ block }) => block === undefined)
  const missing = new Map(aside.map((one) => [one, missingOf(good, one.row.place)]))
  const replaced = aside.filter((one) => missing.get(one) === 0)
  const healed = aside.filter(
    (one) => one.block !== undefined && missing.get(one) === one.block.entries.length,
  )
  const lost = [...bad, ...aside.filter((one) => !replaced.includes(one) && !healed.includes(one))]
  const blocks = [...good, ...healed].flatMap(({ block }) => (block === undefined ? [] : [block]))
  return {
    blocks: healed.length === 0 ? blocks : blocks.toSorted(compareBlocks),
    damaged: lost.map(({ row }) => rangeOf(row.place)),
    hasDamage: hasDamage || lost.length > 0,
    change: movesOf(bad, healed, replaced),
  }
}

function movesOf(
  bad: readonly OpenedBlock[],
  healed: readonly OpenedBlock[],
  replaced: readonly OpenedBlock[],
): RowChange | undefined {
  const removed = [...bad, ...healed, ...replaced].map(({ row }) => row.place)
  if (removed.length === 0) return undefined
  return {
    expected: [
      ...bad.map(({ row: { place } }) => ({ ...place, rows: [place] })),
      ...healed.map(({ row: { place } }) => ({ ...movedTo('feed', place), rows: [] })),
    ],
    removed,
    put: [
      ...bad.flatMap(({ row }) => moved(row, 'aside')),
      ...healed.flatMap(({ row }) => moved(row, 'feed')),
    ],
    isDurable: false,
    letsGo: false,
  }
}

/** What the database cannot read cannot be moved. */
function moved({ place, sealed }: Row, kind: 'aside' | 'feed'): RowChange['put'] {
  return sealed === undefined ? [] : [{ place: movedTo(kind, place), sealed }]
}

function movedTo(kind: 'aside' | 'feed', place: RowPlace): RowPlace {
  return { ...place, group: groupOf(kind, nameOf(place.group)) }
}

/** How many entries of a place no good row has. */
function missingOf(good: readonly OpenedBlock[], place: RowPlace): number {
  const { group } = movedTo('feed', place)
  const spans = good.flatMap(({ row }) => (row.place.group === group ? [row.place] : []))
  return uncovered(place, spans).reduce((sum, { from, upTo }) => sum + upTo - from + 1, 0)
}

function rangeOf({ group, from, upTo }: RowPlace): StoredRange {
  return { feed: nameOf(group) as FeedId, from, upTo }
}

function compareBlocks(one: StoredBlock, other: StoredBlock): number {
  if (one.feed !== other.feed) return one.feed < other.feed ? -1 : 1
  return one.from - other.from
}
