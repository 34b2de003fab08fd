import { expect, test } from 'vitest'
import type { FaultRun } from './fault-rows.ts'
import { faultTables } from './fault-rows.ts'

const WHOLE = { lost: 0, doubled: 0, misplaced: 0, invented: 0 }

function runOf(
  disturbances: FaultRun['facts']['disturbances'],
  numbers: FaultRun['facts']['numbers'] = [WHOLE],
): FaultRun {
  return { scenario: 'x', faults: [], facts: { disturbances, numbers, isSameOrder: true } }
}

test('a run that lost a message, or never healed, has failed; others give their time', () => {
  const flush = { fault: 'flush', isServerAlive: true }
  const [served] = faultTables([
    runOf([{ ...flush, healMs: 900, directAgainMs: 1000 }]),
    runOf([{ ...flush, healMs: 800, directAgainMs: 1000 }], [WHOLE, { ...WHOLE, lost: 1 }]),
    runOf([flush]),
  ])
  expect(served?.entries.map(({ contender, row }) => [contender, row.runs, row.failed])).toEqual([
    ['asked', [3000], 0],
    ['flush', [900], 2],
  ])
})

test('what happened without the server stands in a table of its own', () => {
  const [served, alone, direct] = faultTables([
    runOf([
      { fault: 'kill-rendezvous', isServerAlive: false, healMs: 50 },
      { fault: 'flush', isServerAlive: false, healMs: 2000 },
    ]),
    runOf([{ fault: 'flush', isServerAlive: true, healMs: 100, directAgainMs: 0 }]),
  ])
  const names = (table: typeof served): string[] =>
    table?.entries.map(({ contender, row }) => `${contender} ${row.runs.join(' ')}`) ?? []
  expect(names(served)).toEqual(['asked 3000', 'flush 100'])
  expect(names(alone)).toEqual(['asked 6000', 'kill-rendezvous 50', 'flush 2000'])
  expect(names(direct)).toEqual(['flush 0'])
})
