// From writes to a change of rows: what of them is new, which rows are rewritten for it, all sealed.
// Reads only rows that change in part.
import type { FeedId } from '@knothole/wire'
import { changeRows, needsBlock, overlaps, spanOf } from '../../core/log-store/row-changes.ts'
import type { FeedWrite, PresentRow } from '../../core/log-store/row-changes.ts'
import type { StoredNote, StoreWrite } from '../../ports/index.ts'
import type { KnownRow, KnownRows } from './known-rows.ts'
import type { RowChange, RowPlace, RowTable, Window } from './row-table.ts'
import { groupOf } from './sealed-rows.ts'
import type { KeptNote, SealedRows } from './sealed-rows.ts'

type Part = Omit<RowChange, 'isDurable' | 'letsGo'>

export class WritePlanner {
  readonly #table: RowTable
  readonly #rows: SealedRows
  readonly #known: KnownRows
  /** The order of notes that we have seen, by their group and revision. */
  readonly #orders = new Map<string, { readonly revision: number; readonly order: number }>()

  constructor(table: RowTable, rows: SealedRows, known: KnownRows) {
    this.#table = table
    this.#rows = rows
    this.#known = known
  }

  /** Takes a note that the table has. */
  learnNote({ place, order }: Pick<KeptNote, 'place' | 'order'>): void {
    this.#orders.set(place.group, { revision: place.revision, order })
  }

  /** The change that the writes make of the rows as they are known now. */
  async plan(writes: readonly StoreWrite[]): Promise<RowChange> {
    const feeds = new Map<FeedId, FeedWrite[]>()
    const notes = new Map<string, StoredNote>()
    for (const write of writes) {
      if (write.type !== 'note') {
        if (isSomething(write)) feeds.set(write.feed, [...(feeds.get(write.feed) ?? []), write])
      } else if ((notes.get(write.key)?.order ?? -Infinity) < write.order)
        notes.set(write.key, write)
    }
    const parts = await Promise.all([
      ...Array.from(feeds, ([feed, writes]) => this.#planFeed(feed, writes)),
      ...Array.from(notes.values(), (note) => this.#planNote(note)),
    ])
    return {
      expected: parts.flatMap(({ expected }) => expected),
      removed: parts.flatMap(({ removed }) => removed),
      put: parts.flatMap(({ put }) => put),
      isDurable: feeds.size > 0,
      letsGo: [...feeds.values()].some((writes) => writes.some(letsGo)),
    }
  }

  async #planFeed(feed: FeedId, writes: readonly FeedWrite[]): Promise<Part> {
    const spans = writes.map(spanOf)
    const from = Math.min(...spans.map((span) => span.from))
    const window = {
      group: groupOf('feed', feed),
      from,
      upTo: Math.max(...spans.map((span) => span.upTo)),
    }
    const known = this.#known.in(window)
    const rows = await Promise.all(known.map((row) => this.#presentRow(row, writes)))
    const { removed, put } = changeRows(writes, rows)
    const aside = this.#asideGoing(feed, writes)
    return {
      expected: [{ ...window, rows: known }],
      removed: [...removed, ...aside],
      put: await Promise.all(put.map((block) => this.#rows.sealBlock(block))),
    }
  }

  async #presentRow(row: KnownRow, writes: readonly FeedWrite[]): Promise<PresentRow<KnownRow>> {
    if (!writes.some((write) => needsBlock(row, write))) return { key: row, block: undefined }
    const there = await this.#table.read([row])
    // When it is another by now, the commit is refused, whatever is planned.
    const same = there.find(({ place }) => isSamePlace(place, row))
    return { key: row, block: same && (await this.#rows.openBlock(same)) }
  }

  /** Damaged rows that may hold what shall be gone. */
  #asideGoing(feed: FeedId, writes: readonly FeedWrite[]): readonly KnownRow[] {
    const going = writes.filter(letsGo)
    return this.#known
      .of(groupOf('aside', feed))
      .filter((row) => going.some((write) => overlaps(row, spanOf(write))))
  }

  async #planNote(note: StoredNote): Promise<Part> {
    const window = await this.#rows.windowOfNote(note.key)
    const known = this.#known.in(window)
    const expected = [{ ...window, rows: known }]
    if ((await this.#orderOf(window, known)) >= note.order)
      return { expected, removed: [], put: [] }
    const put = await this.#rows.sealNote(note)
    this.learnNote({ place: put.place, order: note.order })
    return { expected, removed: known, put: [put] }
  }

  /** The order of the note that is there; of none, or one that is damaged, the least. */
  async #orderOf(window: Window, [row]: readonly KnownRow[]): Promise<number> {
    if (row === undefined) return -Infinity
    const seen = this.#orders.get(window.group)
    if (seen?.revision === row.revision) return seen.order
    const [there] = await this.#table.read([window])
    const note = there && (await this.#rows.openNote(there))
    if (note === undefined) return -Infinity
    this.learnNote(note)
    return note.order
  }
}

function isSomething(write: FeedWrite): boolean {
  if (write.type === 'append') return write.entries.length > 0
  return write.type === 'remove' ? write.from <= write.upTo : write.bodies.length > 0
}

/** Whether a write lets something go for good. */
function letsGo(write: FeedWrite): boolean {
  if (write.type === 'bodies') return write.bodies.some(([, body]) => body === undefined)
  return write.type === 'remove'
}

function isSamePlace(one: RowPlace, other: RowPlace): boolean {
  return one.from === other.from && one.revision === other.revision
}
