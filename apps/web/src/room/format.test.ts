import { describe, expect, it } from 'vitest'
import { ago, byteCount, until } from './amounts.ts'
import { dayName } from './format.ts'

const now = new Date(2026, 10, 22, 12).getTime()
const HOUR = 3_600_000

describe('format', () => {
  it('says how long ago in the largest unit that fits', () => {
    expect(ago(now - 20_000, now)).toBe('just now')
    expect(ago(now - 5 * 60_000, now)).toBe('5 minutes ago')
    expect(ago(now - 3 * HOUR, now)).toBe('3 hours ago')
    expect(ago(now - 30 * HOUR, now)).toBe('yesterday')
  })

  it('says how long until then, and never a time gone by', () => {
    expect(until(now + 5 * HOUR, now)).toBe('in 5 hours')
    expect(until(now + 30 * 24 * HOUR, now)).toBe('in 30 days')
    expect(until(now - HOUR, now)).toBe('this hour')
  })

  it('names days by the calendar, not by hours', () => {
    const midnight = new Date(2026, 10, 22).getTime()
    expect(dayName(midnight, now)).toBe('Today')
    expect(dayName(midnight - 1, now)).toBe('Yesterday')
    expect(dayName(midnight - 48 * HOUR, now)).toContain('20')
  })

  it('keeps byte counts short', () => {
    expect([0, 999, 1000, 23_456, 1_500_000].map(byteCount)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '23 kB',
      '1.5 MB',
    ])
  })
})
