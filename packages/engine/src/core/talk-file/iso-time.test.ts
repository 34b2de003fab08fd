import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { isoTime } from './iso-time.ts'

test('E380: a time is written as ECMA-262 writes it, and beyond its end as the end', () => {
  const MAX = 8_640_000_000_000_000
  fc.assert(
    fc.property(fc.integer({ min: -MAX, max: MAX }), (atMs) => {
      expect(isoTime(atMs)).toBe(new Date(atMs).toISOString())
    }),
    { numRuns: 2_000 },
  )
  for (const atMs of [0, -1, 951_782_400_000, 1_800_000_000_000, MAX, -MAX])
    expect(isoTime(atMs)).toBe(new Date(atMs).toISOString())
  expect(isoTime(2 * MAX)).toBe(new Date(MAX).toISOString())
})
