import { expect, test } from 'vitest'

import type { GridDriver, GridRun } from './grid-data.ts'
import { summarize } from './grid-summary.ts'
import { sampleGrid, sampleRun } from './grid.testing.ts'

function summary(
  pair: readonly [string, string],
  runs: readonly GridRun[],
  driver: GridDriver = 'knothole',
): ReturnType<typeof summarize> {
  const [cell] = sampleGrid([{ pair, runs: { [driver]: runs } }]).cells
  return cell === undefined ? undefined : summarize(cell, driver)
}

const many = (path: string, count: number): GridRun[] =>
  Array.from({ length: count }, () => sampleRun(path))

test('the path of most runs, and the median of the direct ones', () => {
  const runs = [sampleRun('turn', 100), sampleRun('birthday', 3000), sampleRun('birthday', 5000)]
  expect(summary(['C3', 'Sr'], runs)).toMatchObject({
    family: 'birthday',
    runs: 3,
    direct: 2,
    pathMs: 4000,
    chatMs: 300,
  })
})

test('two hosts without NAT talk directly, whatever ICE calls it; neighbours on a LAN do not', () => {
  expect([...(summary(['O', 'O'], [sampleRun('lan')])?.paths ?? [])]).toEqual([['direct', 1]])
  expect([...(summary(['C3', 'same'], [sampleRun('lan')])?.paths ?? [])]).toEqual([['lan', 1]])
})

test.each<[readonly [string, string], readonly GridRun[], GridDriver, string[]]>([
  [['C3', 'C3'], many('direct', 3), 'knothole', []],
  [['C3', 'C3'], [...many('direct', 2), sampleRun('turn')], 'knothole', ['direct in 2 of 3']],
  [['C3', 'Sr'], [...many('birthday', 18), ...many('turn', 2)], 'knothole', []],
  [['C3', 'Sr'], [...many('birthday', 17), ...many('turn', 3)], 'knothole', ['direct in 17 of 20']],
  [
    ['C3', 'Ss'],
    [...many('predicted', 18), ...many('turn', 2)],
    'knothole',
    ['direct in 18 of 20'],
  ],
  [['C3', 'Sr'], many('turn', 3), 'stock', []],
  [['Sr', 'Sr'], [sampleRun('direct')], 'stock', ['direct in 1, which nobody expected']],
  [['Sr', 'Sr'], [sampleRun('failed')], 'stock', ['1 of 1 did not connect']],
  [['C3', 'H'], [sampleRun('disputed')], 'knothole', ['1 of 1 disputed']],
])('%j with %j of %s: %j', (...row) => {
  const [pair, runs, driver, surprises] = row
  expect(summary(pair, runs, driver)?.surprises).toEqual(surprises)
})

test.each<[readonly [string, string], GridRun, GridDriver, string[]]>([
  [['C3', 'C3'], sampleRun('direct', 1200), 'knothole', ['median 1200 ms, not 1000']],
  [['C3', 'C3'], sampleRun('direct', 1200), 'stock', []],
  [['C3', 'Ss'], sampleRun('predicted', 1200), 'knothole', []],
  [['C3', 'Sr'], sampleRun('birthday', 21_000), 'knothole', ['1 of 1 direct only after 20000 ms']],
  [
    ['Sr', 'Sr'],
    { ...sampleRun('turn'), chatMs: 3100 },
    'knothole',
    ['1 of 1 talked only after 3000 ms'],
  ],
])('%j with %j of %s is late: %j', (...row) => {
  const [pair, run, driver, late] = row
  expect(summary(pair, [run], driver)?.late).toEqual(late)
})

test('a driver that was not run has no summary', () => {
  expect(summary(['C3', 'C3'], [])).toBeUndefined()
})
