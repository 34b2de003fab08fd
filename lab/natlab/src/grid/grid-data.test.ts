import { expect, test } from 'vitest'

import { mergeGrids, type Grid, type GridRun } from './grid-data.ts'
import { sampleGrid, sampleRun } from './grid.testing.ts'

const stock: GridRun = sampleRun('turn')

test('newer cells replace those of the same pair and driver, either way round; the rest stays', () => {
  const older: Grid = sampleGrid([
    { pair: ['C3', 'Sr'], runs: { stock: [stock, stock], knothole: [sampleRun('failed')] } },
    { pair: ['C3', 'C3'], runs: { stock: [sampleRun('direct')] } },
  ])
  const newer: Grid = sampleGrid([
    { pair: ['Sr', 'C3'], runs: { knothole: [sampleRun('birthday')] } },
  ])
  const merged = mergeGrids(older, newer)
  expect(merged.cells.map(({ pair, runs }) => [pair.join(), Object.keys(runs).toSorted()])).toEqual(
    [
      ['Sr,C3', ['knothole', 'stock']],
      ['C3,C3', ['stock']],
    ],
  )
  expect(merged.cells[0]?.runs.knothole?.map(({ path }) => path)).toEqual(['birthday'])
  expect(merged.cells[0]?.runs.stock).toHaveLength(2)
})

function named(labels: string[]): Grid {
  return {
    ...sampleGrid([]),
    classes: labels.map((label) => ({ label, about: `about ${label}`, like: '' })),
  }
}

test('classes keep their order, new ones come last', () => {
  const merged = mergeGrids(named(['O', 'C3']), named(['U', 'C3']))
  expect(merged.classes.map(({ label }) => label)).toEqual(['O', 'C3', 'U'])
})
