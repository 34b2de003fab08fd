// The grid with real browsers: three cells always, all of them (an hour) with KNOTHOLE_LONG=1. What is
// expected of a cell is the oracle's word, so a wrong cell shows as a surprise.

import { expect, test } from 'vitest'

import { parseLabArguments } from '../arguments.ts'
import { chromiumSupport, labSupport } from '../support.ts'
import type { GridCell } from './grid-data.ts'
import { summarize } from './grid-summary.ts'
import { runGrid } from './grid.ts'

const lab = labSupport()
const support = lab.ok ? chromiumSupport() : lab
const why = support.ok ? '' : ` (skipped: ${support.reason})`
const isLong = process.env['KNOTHOLE_LONG'] === '1'
const whyNotLong = isLong ? why : ' (skipped: only with KNOTHOLE_LONG=1, npm run test:long)'
const HOURS = 3 * 3600 * 1000

/** What was not as expected, in the cells these words ask for. */
async function surprisesOf(words: string): Promise<string[]> {
  const command = parseLabArguments(`--grid ${words}`.split(' '))
  if (command.type !== 'grid') throw new Error('no grid')
  const cells: GridCell[] = []
  await runGrid(command.plan, {
    onSelfTest: () => undefined,
    onCell: (cell) => Promise.resolve(void cells.push(cell)),
  })
  expect(cells.length).toBeGreaterThan(0)
  return cells.flatMap((cell) =>
    (['knothole', 'stock'] as const).flatMap((driver) => {
      const summary = summarize(cell, driver)
      const notes = (cell.runs[driver] ?? []).flatMap(({ note }) => note ?? [])
      if (summary === undefined) return [`${cell.pair.join(' x ')} ${driver}: not run`]
      return summary.surprises.map((said) =>
        [cell.pair.join(' x '), driver, said, ...notes].join(' '),
      )
    }),
  )
}

test.skipIf(!support.ok)(
  `a home meets a home, a counting router and the locked-down office${why}`,
  async () => {
    const words = '--pair C3,C3 --pair C3,Ss --pair C3,H'
    expect(await surprisesOf(words)).toEqual([])
  },
)

test.skipIf(!support.ok || !isLong)(
  `every pair of classes is as the oracle says${whyNotLong}`,
  { timeout: HOURS },
  async () => {
    expect(await surprisesOf('--runs 1 --trials 20 --bound 60')).toEqual([])
    expect(await surprisesOf('--special --runs 1 --trials 20 --bound 60')).toEqual([])
  },
)
