// A table of rows in memory: for what all sealed stores have in common, and to spoil rows as disks do.
import { overlaps } from '../../core/log-store/row-changes.ts'
import { StoreError } from '../../ports/index.ts'
import { placeText } from './row-table.ts'
import type { Row, RowChange, RowPlace, RowTable, Window } from './row-table.ts'

/** What stands for the file. */
export class MemoryDisk {
  readonly rows: Map<string, Row> = new Map()
  erased = 0
}

/** A connection to it. */
export class MemoryRows implements RowTable {
  hasLostRows = false
  commits = 0
  /** Called before each commit; what it throws is the commit's answer. */
  onCommit: (change: RowChange) => void = () => undefined
  readonly #disk: MemoryDisk
  readonly #erased: number
  #isClosed = false

  constructor(disk: MemoryDisk = new MemoryDisk()) {
    this.#disk = disk
    this.#erased = disk.erased
  }

  async readAll(): Promise<readonly Row[]> {
    return [...this.#open().values()].toSorted(byPlace)
  }

  async read(windows: readonly Window[]): Promise<readonly Row[]> {
    const rows = [...this.#open().values()].toSorted(byPlace)
    return rows.filter(({ place }) => windows.some((window) => isIn(place, window)))
  }

  async commit(change: RowChange): Promise<boolean> {
    this.onCommit(change)
    const rows = this.#open()
    const isAsExpected = change.expected.every((window) => {
      const there = [...rows.values()].filter(({ place }) => isIn(place, window))
      const revisions = new Set(window.rows.map(({ revision }) => revision))
      return (
        there.length === window.rows.length &&
        there.every(({ place }) => revisions.has(place.revision))
      )
    })
    if (!isAsExpected) return false
    this.commits += 1
    for (const place of change.removed) rows.delete(placeText(place))
    for (const row of change.put) rows.set(placeText(row.place), row)
    return true
  }

  async erase(): Promise<void> {
    this.#open().clear()
    this.#disk.erased += 1
  }

  close(): void {
    this.#isClosed = true
  }

  #open(): Map<string, Row> {
    if (this.#isClosed || this.#erased !== this.#disk.erased)
      throw new StoreError('closed', 'closed')
    return this.#disk.rows
  }
}

function isIn(place: RowPlace, window: Window): boolean {
  return place.group === window.group && overlaps(place, window)
}

function byPlace({ place: one }: Row, { place: other }: Row): number {
  if (one.group !== other.group) return one.group < other.group ? -1 : 1
  return one.from - other.from
}
