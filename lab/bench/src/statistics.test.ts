import { describe, expect, it } from 'vitest'
import { median, ratio, summarise } from './statistics.ts'

describe('median', () => {
  it('is the middle value whatever the order', () => {
    expect(median([9, 1, 5])).toBe(5)
  })

  it('is the mean of the two middle values of an even number', () => {
    expect(median([10, 1, 4, 2])).toBe(3)
  })

  it('does not exist for no values', () => {
    expect(median([])).toBeNull()
  })
})

describe('summarise', () => {
  it('keeps the runs in order and counts failures apart', () => {
    const row = summarise({ name: 'a', unit: 'ms' }, [30.04, undefined, 10.26, 20])
    expect(row).toEqual({
      name: 'a',
      unit: 'ms',
      median: 20,
      min: 10.3,
      max: 30,
      runs: [30, 10.3, 20],
      failed: 1,
    })
  })

  it('has no numbers when all runs failed', () => {
    const row = summarise({ name: 'a', unit: 'ms' }, [undefined, undefined])
    expect(row).toMatchObject({ median: null, min: null, max: null, runs: [], failed: 2 })
  })
})

describe('ratio', () => {
  const limit = summarise({ name: 'limit', unit: 'ms' }, [100])

  it('compares medians', () => {
    expect(ratio(summarise({ name: 'a', unit: 'ms' }, [150]), limit)).toBe(1.5)
  })

  it('does not exist without a limit or without a value', () => {
    expect(ratio(limit, undefined)).toBeNull()
    expect(ratio(summarise({ name: 'a', unit: 'ms' }, [undefined]), limit)).toBeNull()
  })
})
