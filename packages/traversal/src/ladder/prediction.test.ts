import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Walk } from './prediction.ts'
import {
  alignedPorts,
  coveredShifts,
  expectedFlows,
  portAfter,
  predictedPorts,
  walkOf,
  windowSize,
} from './prediction.ts'

const WALK: Walk = { last: 40_000, delta: 1, flows: 0, overMs: 1_000, ageMs: 100 }

describe('one side walks', () => {
  test.each([
    [0, 8],
    [1, 8],
    [5, 13],
    [7.5, 17],
    [1_000, 48],
  ])('T410: for %d flows of others a window of %i', (flows, size) => {
    expect(windowSize(flows)).toBe(size)
  })

  test('T410: expected flows follow the rate and the age', () => {
    expect(expectedFlows({ ...WALK, flows: 50, ageMs: 200 })).toBe(10)
    expect(expectedFlows({ ...WALK, flows: 50, overMs: 0 })).toBe(0)
  })

  test('T411: ports continue the walk by its step', () => {
    expect(predictedPorts({ ...WALK, delta: 2 }).slice(0, 3)).toEqual([40_002, 40_004, 40_006])
    expect(predictedPorts({ ...WALK, delta: -1 }).slice(0, 3)).toEqual([39_999, 39_998, 39_997])
    const sample = { address: '192.0.2.1', ports: [7, 8, 9], flows: 3, overMs: 500, lagMs: 20 }
    expect(walkOf(sample, 1, 30)).toEqual({ last: 9, delta: 1, flows: 3, overMs: 500, ageMs: 50 })
  })

  test('T411: no port leaves the range that NATs use', () => {
    expect(portAfter({ last: 65_534, delta: 1 }, 5)).toBe(65_535)
    expect(portAfter({ last: 1_030, delta: -8 }, 5)).toBe(1_024)
  })
})

describe('both walk', () => {
  const walks = fc.record({
    last: fc.integer({ min: 20_000, max: 40_000 }),
    delta: fc.constantFrom(1, 2, -1),
    flows: fc.nat({ max: 40 }),
    overMs: fc.integer({ min: 100, max: 2_000 }),
    ageMs: fc.integer({ min: 0, max: 500 }),
  })

  test('T412: both sides cover the same cases, the very likeliest first of all', () => {
    fc.assert(
      fc.property(walks, walks, fc.integer({ min: 1, max: 24 }), (a, b, connections) => {
        const shifts = coveredShifts([a, b], connections)
        expect(shifts).toHaveLength(connections)
        expect(coveredShifts([{ ...a }, { ...b }], connections)).toEqual(shifts)
      }),
    )
    expect(coveredShifts([WALK, WALK], 1)).toEqual([[0, 0]])
    const late = { ...WALK, flows: 40, ageMs: 200 }
    const covered = coveredShifts([WALK, late], 16)
    expect(covered[0]).toEqual([0, 0])
    expect(covered.filter(([first, second]) => first === 0 && second > 5).length).toBeGreaterThan(4)
  })

  test('T412: each connection meets its own when others burn what it stands for', () => {
    fc.assert(
      fc.property(walks, walks, (a, b) => {
        const shifts = coveredShifts([a, b], 16)
        const toB = alignedPorts(
          b,
          shifts.map(([, second]) => second),
        )
        const toA = alignedPorts(
          a,
          shifts.map(([first]) => first),
        )
        for (const [i, [mine, theirs]] of shifts.entries()) {
          // Connection i leaves as the (i + 1)th of ours, after as many of others.
          expect(toA[i]?.[0]).toBe(portAfter(a, i + 1 + mine))
          expect(toB[i]?.[0]).toBe(portAfter(b, i + 1 + theirs))
        }
      }),
    )
  })

  test('T412: later rounds go on where the round before ended', () => {
    const [first, second] = alignedPorts(WALK, [0, 0, 0])
    expect(first?.slice(0, 3)).toEqual([40_001, 40_004, 40_007])
    expect(second?.slice(0, 3)).toEqual([40_002, 40_005, 40_008])
  })
})
