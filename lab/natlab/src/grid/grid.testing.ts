// Small grids for tests of what is made from them.

import { parsePlace } from '../place.ts'
import { expectationOf } from './expectation.ts'
import type { Grid, GridCell, GridRun } from './grid-data.ts'

/** A run that ended on this path. */
export function sampleRun(path: string, pathMs = 400): GridRun {
  const isConnected = path !== 'failed'
  return { path, chatMs: isConnected ? 300 : null, pathMs: isConnected ? pathMs : null }
}

/** A grid of these cells, with the classes they name. */
export function sampleGrid(cells: readonly Pick<GridCell, 'pair' | 'runs'>[]): Grid {
  const labels = [...new Set(cells.flatMap(({ pair }) => pair))].filter((label) => label !== 'same')
  return {
    measured: '2026-01-02T03:04:05.000Z',
    machine: 'two cores & a <browser>',
    weather: '',
    classes: labels.map((label) => ({ label, about: `about ${label}`, like: `like ${label}` })),
    cells: cells.map(({ pair, runs }) => ({ pair, runs, expected: expected(pair) })),
  }
}

function expected([one, other]: readonly [string, string]): GridCell['expected'] {
  const [a, b] = [one, other].map((label) => parsePlace(label)?.preset.claims)
  if (a === undefined) throw new Error(`${one} is no place`)
  const common = b === undefined ? 'lan' : 'nothing'
  return expectationOf([a, b ?? a], { common, munging: true })
}
