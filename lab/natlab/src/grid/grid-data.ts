// What a grid is made of, as it is written to docs/nat-grid.json and shown. Types, and how an older
// grid takes in newer cells; nothing is measured here.

import type { Expectation } from './expectation.ts'

/** Whose page was driven. */
export type GridDriver = 'knothole' | 'stock'

/** One meeting of two people. */
export interface GridRun {
  /** A page's word for the path in the end, `failed` or `disputed`. */
  readonly path: string
  /** From the second page's navigation to a message read both ways; null: never. */
  readonly chatMs: number | null
  /** From the same moment to both pages showing the path they ended with. */
  readonly pathMs: number | null
  /** The path on which the talk began. */
  readonly firstPath?: string
  /** The path as the lab's own counters saw it. */
  readonly wire?: string
  readonly note?: string
}

/** One pair of classes. */
export interface GridCell {
  readonly pair: readonly [string, string]
  readonly expected: Expectation
  readonly runs: Readonly<Partial<Record<GridDriver, readonly GridRun[]>>>
}

/** A class as the grid names it. */
export interface GridClass {
  readonly label: string
  readonly about: string
  /** Real equipment that behaves so. */
  readonly like: string
}

/** A whole grid. */
export interface Grid {
  /** When and where the newest of its cells was measured. */
  readonly measured: string
  readonly machine: string
  readonly weather: string
  readonly classes: readonly GridClass[]
  readonly cells: readonly GridCell[]
}

/** An older grid with newer cells, classes and drivers put in; the rest stays. */
export function mergeGrids(older: Grid, newer: Grid): Grid {
  const classes = [
    ...older.classes.map((known) => find(newer.classes, known.label) ?? known),
    ...newer.classes.filter(({ label }) => find(older.classes, label) === undefined),
  ]
  const cells = new Map(older.cells.map((cell) => [cellKey(cell.pair), cell]))
  for (const cell of newer.cells) {
    const runs = { ...cells.get(cellKey(cell.pair))?.runs, ...cell.runs }
    cells.set(cellKey(cell.pair), { ...cell, runs })
  }
  return { ...newer, classes, cells: [...cells.values()] }
}

/** A name for an unordered pair. */
export function cellKey(pair: readonly [string, string]): string {
  return pair.toSorted().join(' x ')
}

function find(classes: readonly GridClass[], label: string): GridClass | undefined {
  return classes.find((known) => known.label === label)
}
