import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Ports } from './birthday.ts'
import { birthdayChance, birthdaySize, drawPorts, expectedMeetings } from './birthday.ts'

const ALL = { first: 1_024, last: 65_535 }
const BLOCK = { first: 30_720, last: 31_743 }
const chance = (meetings: number): number => Math.round(100 * (1 - Math.exp(-meetings)))
const flows = (each: number) => ({ mine: 1, theirs: 1, guesses: each })

describe('formulas', () => {
  test.each([
    [16, 256, 6],
    [48, 700, 41],
    [64, 1_024, 64],
    [128, 2_048, 98],
    [256, 256, 64],
  ])('T420: %i mappings and %i guesses in all ports: %i %%', (mappings, guesses, percent) => {
    const size = { mine: mappings, theirs: 1, guesses }
    expect(chance(expectedMeetings([ALL, 'kept'], 'shared', size))).toBe(percent)
  })

  test('T420: both drawing meet by flows times flows', () => {
    expect(chance(expectedMeetings([BLOCK, BLOCK], 'shared', flows(1_024)))).toBe(63)
    expect(chance(expectedMeetings([BLOCK, BLOCK], 'shared', flows(2_048)))).toBe(98)
    expect(chance(expectedMeetings([ALL, ALL], 'shared', flows(16_384)))).toBe(6)
  })

  test('T420: with credentials of its own a connection has one partner', () => {
    const size = { mine: 8, theirs: 8, guesses: 240 }
    expect(expectedMeetings([BLOCK, 'kept'], 'own', size)).toBeCloseTo((8 * 240) / 1_024)
    expect(expectedMeetings([BLOCK, 'kept'], 'shared', size)).toBeCloseTo((64 * 240) / 1_024)
    expect(expectedMeetings([BLOCK, 'walking'], 'own', size)).toBe(0)
  })
})

describe('sizes', () => {
  const ports = fc.constantFrom<Ports>('kept', 'walking', BLOCK, ALL, {
    first: 20_000,
    last: 22_047,
  })

  test('T421: both sides come to the same size', () => {
    fc.assert(
      fc.property(ports, ports, fc.constantFrom('own', 'shared'), (mine, theirs, credentials) => {
        const ours = birthdaySize(mine, theirs, credentials)
        const others = birthdaySize(theirs, mine, credentials)
        expect(others).toEqual({ mine: ours.theirs, theirs: ours.mine, guesses: ours.guesses })
        expect(ours.guesses).toBeLessThanOrEqual(300)
        expect(Math.max(ours.mine, ours.theirs)).toBeLessThanOrEqual(64)
      }),
    )
  })

  test('T421: 64 by 16 against all ports, and no more guesses than 99 percent need', () => {
    expect(birthdaySize(ALL, 'kept', 'shared')).toEqual({ mine: 64, theirs: 16, guesses: 300 })
    expect(birthdayChance(ALL, 'kept', 'shared')).toBeGreaterThan(0.98)
    const block = birthdaySize('kept', BLOCK, 'shared')
    expect(block.guesses * block.mine).toBeLessThan(400)
    expect(birthdayChance('kept', BLOCK, 'shared')).toBeGreaterThan(0.99)
  })

  test('T421: what has no chance is known to have none', () => {
    expect(birthdayChance(ALL, ALL, 'shared')).toBeLessThan(0.3)
    expect(birthdayChance(ALL, 'kept', 'own')).toBeLessThan(0.2)
    expect(birthdayChance(ALL, BLOCK, 'shared')).toBeLessThan(0.8)
  })
})

test('T422: drawn ports are different, in range, and the seed decides them', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 }), fc.nat({ max: 400 }), (seed, count) => {
      const drawn = drawPorts(BLOCK, count, seed)
      expect(drawn).toHaveLength(count)
      expect(new Set(drawn).size).toBe(count)
      expect(drawn.every((port) => port >= BLOCK.first && port <= BLOCK.last)).toBe(true)
      expect(drawPorts(BLOCK, count, seed)).toEqual(drawn)
    }),
  )
  expect(new Set(drawPorts({ first: 5, last: 7 }, 10, 1))).toEqual(new Set([5, 6, 7]))
  expect(drawPorts(ALL, 9, 1)).not.toEqual(drawPorts(ALL, 9, 2))
})
