// Which rows a table has, as far as we know: other pages may have changed it meanwhile. A guess that is
// wrong costs another attempt, never a row.
import { overlaps } from '../../core/log-store/row-changes.ts'
import type { WeighedRow } from '../../core/log-store/merge-plan.ts'
import type { Row, RowChange, RowPlace, Window } from './row-table.ts'

export interface KnownRow extends RowPlace, WeighedRow {}

export class KnownRows {
  readonly #groups = new Map<string, readonly KnownRow[]>()

  groups(): Iterable<[string, readonly KnownRow[]]> {
    return this.#groups
  }

  /** Rows of a group, in order. */
  of(group: string): readonly KnownRow[] {
    return this.#groups.get(group) ?? []
  }

  /** Rows that overlap a window, in order. */
  in(window: Window): readonly KnownRow[] {
    const rows = this.of(window.group)
    let first = rows.length
    // Most windows are at the end.
    while (first > 0 && (rows[first - 1]?.upTo ?? 0) >= window.from) first -= 1
    return rows.slice(first).filter((row) => overlaps(row, window))
  }

  /** Takes what the table says of some windows. */
  learn(windows: readonly Window[], rows: readonly Row[]): void {
    for (const window of windows) {
      const there = rows.filter(
        ({ place }) => place.group === window.group && overlaps(place, window),
      )
      // A row that was merged reaches beyond the window, over rows that are therefore gone.
      const from = Math.min(window.from, ...there.map(({ place }) => place.from))
      const upTo = Math.max(window.upTo, ...there.map(({ place }) => place.upTo))
      this.#replace(window.group, this.in({ group: window.group, from, upTo }), there)
    }
  }

  /** Takes all that the table says. */
  learnAll(rows: readonly Row[]): void {
    this.#groups.clear()
    const groups = new Map<string, KnownRow[]>()
    for (const row of rows) {
      const group = groups.get(row.place.group)
      if (group === undefined) groups.set(row.place.group, [known(row)])
      else group.push(known(row))
    }
    for (const [group, rows] of groups) this.#groups.set(group, rows)
  }

  /** Takes a change that happened. */
  changed({ removed, put }: Pick<RowChange, 'removed' | 'put'>): void {
    const groups = new Set([...removed, ...put.map(({ place }) => place)].map(({ group }) => group))
    for (const group of groups) {
      const isOfGroup = (place: RowPlace): boolean => place.group === group
      const added = put.filter(({ place }) => isOfGroup(place))
      this.#replace(group, removed.filter(isOfGroup), added)
    }
  }

  #replace(group: string, removed: readonly RowPlace[], added: readonly Row[]): void {
    const gone = new Set(removed.map(({ revision, from }) => `${from}.${revision}`))
    const rows = this.of(group).filter(({ revision, from }) => !gone.has(`${from}.${revision}`))
    const last = rows.at(-1)
    const all = [...rows, ...added.map(known)]
    const isInOrder = added.length === 1 && (last?.from ?? 0) < (added[0]?.place.from ?? 0)
    const sorted = isInOrder ? all : all.toSorted((a, b) => a.from - b.from)
    if (sorted.length === 0) this.#groups.delete(group)
    else this.#groups.set(group, sorted)
  }
}

function known({ place, sealed }: Row): KnownRow {
  return { ...place, bytes: sealed?.length ?? 0 }
}
