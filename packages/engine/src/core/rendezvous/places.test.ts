import { describe, expect, test } from 'vitest'
import { Places } from './places.ts'

const out = { wasOnline: false, isFinal: false }

describe('the places of a room', () => {
  test('E440: one is tried again and again, after a pause', () => {
    const places = new Places(1, () => 0)
    expect([places.next(), places.lost(out), places.next(), places.lost(out)]).toEqual([
      0,
      'again',
      0,
      'again',
    ])
    places.welcomed(true, 0)
    expect([places.hasOther, places.moveAtMs]).toEqual([false, undefined])
  })

  test('E440: when the first does not answer the others are tried at once, then all again after a pause', () => {
    const places = new Places(3, () => 0)
    const tried = [0, 1, 2, 3].map(() => [places.next(), places.lost(out)])
    expect(tried).toEqual([
      [0, 'next'],
      [1, 'next'],
      [2, 'again'],
      [0, 'next'],
    ])
  })

  test('E440: whoever was in tries the same place once more before others', () => {
    const places = new Places(2, () => 0)
    places.next()
    places.welcomed(false, 0)
    expect(places.lost({ wasOnline: true, isFinal: false })).toBe('again')
    expect([places.next(), places.lost(out), places.next()]).toEqual([0, 'next', 1])
  })

  test('E440: a place that refuses for good is left out; the last that does so ends it', () => {
    const places = new Places(2, () => 0)
    places.next()
    expect(places.lost({ wasOnline: false, isFinal: true })).toBe('next')
    expect([places.next(), places.hasOther]).toEqual([1, false])
    expect(places.lost({ wasOnline: true, isFinal: true })).toBe('none')
  })

  test('E441: from a later place the first is looked at after half a minute, less up to half of it', () => {
    for (const [random, atMs] of [
      [0, 30_000],
      [0.999999, 15_000],
    ] as const) {
      const places = new Places(2, () => random)
      places.next()
      places.lost(out)
      places.next()
      places.welcomed(false, 0)
      expect(Math.round(places.moveAtMs ?? 0)).toBe(atMs)
      places.move()
      expect(places.next()).toBe(0)
    }
  })

  test('E441: in vain, twice as late the next time, and at most after ten minutes', () => {
    const places = new Places(2, () => 0)
    const waits = Array.from({ length: 7 }, () => {
      places.next()
      places.lost(out)
      places.next()
      places.welcomed(false, 0)
      const atMs = places.moveAtMs
      places.move()
      return atMs
    })
    expect(waits).toEqual([30_000, 60_000, 120_000, 240_000, 480_000, 600_000, 600_000])
  })

  test('E441: who is alone at the first looks at the second, and back', () => {
    const places = new Places(2, () => 0)
    places.next()
    places.welcomed(true, 0)
    expect(places.moveAtMs).toBe(3_000)
    places.move()
    expect(places.next()).toBe(1)
    places.welcomed(true, 5_000)
    expect(places.moveAtMs).toBe(11_000)
    places.move()
    expect(places.next()).toBe(0)
  })

  test('E441: not once somebody came', () => {
    const places = new Places(2, () => 0)
    places.next()
    places.welcomed(true, 0)
    places.joined(1_000)
    expect(places.moveAtMs).toBeUndefined()
    places.lost(out)
    places.next()
    places.welcomed(true, 2_000)
    places.joined(3_000)
    expect(places.moveAtMs).toBe(33_000)
  })
})
