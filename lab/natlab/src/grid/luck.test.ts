import { expect, test } from 'vitest'

import type { GridCell } from './grid-data.ts'
import { sampleRun } from './grid.testing.ts'
import { atMost, luckOf, quantile } from './luck.ts'

test('the binomial sum', () => {
  expect(atMost(0, { trials: 3, chance: 0.5 })).toBeCloseTo(1 / 8)
  expect(atMost(1, { trials: 3, chance: 0.5 })).toBeCloseTo(1 / 2)
  expect(atMost(3, { trials: 3, chance: 0.5 })).toBeCloseTo(1)
  expect(atMost(17, { trials: 20, chance: 0.99 })).toBeLessThan(0.01)
  expect([atMost(19, { trials: 20, chance: 1 }), atMost(20, { trials: 20, chance: 1 })]).toEqual([
    0, 1,
  ])
})

test('quantiles of sorted values', () => {
  expect([0.5, 0.95].map((share) => quantile([1, 2, 3, 4], share))).toEqual([3, 4])
  expect(quantile([], 0.5)).toBeUndefined()
})

test('counts direct runs of a cell that needs luck, and only there', () => {
  const cell = {
    pair: ['C3', 'Sr'],
    expected: { way: 'birthday-shared', stock: 'relay', chance: 0.5 },
    runs: {
      knothole: [sampleRun('birthday', 4000), sampleRun('turn', 500), sampleRun('birthday', 2000)],
    },
  } as const satisfies GridCell
  expect(luckOf(cell)).toMatchObject({ trials: 3, direct: 2, meanMs: 3000, medianMs: 4000 })
  expect(luckOf(cell)?.likelihood).toBeCloseTo(7 / 8)
  expect(luckOf({ ...cell, runs: {} })).toBeUndefined()
  expect(luckOf({ ...cell, expected: { way: 'relay', stock: 'relay' } })).toBeUndefined()
})
