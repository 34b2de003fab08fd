// The grid as text, for a terminal. Pure.

import type { Grid, GridCell, GridDriver } from './grid-data.ts'
import { cellKey } from './grid-data.ts'
import { complaintsOf, summarize, type CellSummary, type PathFamily } from './grid-summary.ts'

const LETTERS: Readonly<Record<PathFamily, string>> = {
  direct: 'D',
  predicted: 'P',
  birthday: 'B',
  relayed: 'R',
  failed: '-',
  disputed: '?',
}
const LEGEND =
  'D direct, P predicted port, B birthday, R relayed, - no connection, ? disputed; ' +
  'number: median ms to that path; ! not as expected'
const DRIVERS: readonly GridDriver[] = ['knothole', 'stock']

/** One line for a cell that has just been run. */
export function cellLine(cell: GridCell): string {
  const drivers = DRIVERS.flatMap((driver) => {
    const summary = summarize(cell, driver)
    return summary === undefined ? [] : [`${driver} ${summaryWords(summary)}`]
  })
  const notes = DRIVERS.flatMap((driver) => cell.runs[driver] ?? []).flatMap(({ note }) =>
    note === undefined ? [] : [`\n    ${note.replaceAll('\n', '\n    ')}`],
  )
  return `${cell.pair.join(' x ')} (${cell.expected.way}): ${drivers.join('; ')}${notes.join('')}`
}

/** All of it, a table for each driver. */
export function gridText(grid: Grid): string {
  const tables = DRIVERS.filter((driver) => grid.cells.some(({ runs }) => runs[driver])).map(
    (driver) => `${driver}\n${driverTable(grid, driver)}`,
  )
  const surprises = grid.cells.flatMap((cell) =>
    DRIVERS.flatMap((driver) =>
      complaintsOf(summarize(cell, driver)).map(
        (words) => `! ${cell.pair.join(' x ')} (${driver}): ${words}`,
      ),
    ),
  )
  return [...tables, LEGEND, ...surprises].join('\n\n')
}

function driverTable(grid: Grid, driver: GridDriver): string {
  const cells = new Map(grid.cells.map((cell) => [cellKey(cell.pair), cell]))
  const labels = grid.classes.map(({ label }) => label)
  const rows = labels.map((row, index) => [
    row,
    ...labels.map((column, at) => {
      const cell = at < index ? undefined : cells.get(cellKey([row, column]))
      const summary = cell === undefined ? undefined : summarize(cell, driver)
      return summary === undefined ? '' : shortWords(summary)
    }),
  ])
  const table = [['', ...labels], ...rows]
  const width = Math.max(...table.flat().map((word) => word.length))
  return table
    .map((row) =>
      row
        .map((word) => word.padEnd(width))
        .join(' ')
        .trimEnd(),
    )
    .join('\n')
}

function shortWords(summary: CellSummary): string {
  const time = summary.pathMs === undefined ? '' : ` ${Math.round(summary.pathMs)}`
  return `${LETTERS[summary.family]}${time}${complaintsOf(summary).length > 0 ? '!' : ''}`
}

function summaryWords(summary: CellSummary): string {
  const paths = [...summary.paths].map(([path, count]) => `${path} ${count}/${summary.runs}`)
  const chat = summary.chatMs === undefined ? '' : `, talk ${Math.round(summary.chatMs)} ms`
  const path = summary.pathMs === undefined ? '' : `, path ${Math.round(summary.pathMs)} ms`
  const surprises = complaintsOf(summary).map((words) => ` ! ${words}`)
  return `${paths.join(', ')}${chat}${path}${surprises.join('')}`
}
