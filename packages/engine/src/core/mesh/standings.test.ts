import type { PeerId } from '@knothole/wire'
import { expect, test } from 'vitest'
import { Standings } from './standings.ts'

const alice = 'alice' as PeerId

test('E451: an ask that nobody answers is over after 2.5 s, and counts as a failure', () => {
  const standings = new Standings()
  standings.asked(alice, 0)
  standings.expire(2_499)
  expect([standings.asks, standings.isAsked(alice)]).toEqual([1, true])
  standings.expire(2_500)
  expect([standings.asks, standings.isAsked(alice)]).toEqual([0, false])
  expect(standings.of(alice)).toMatchObject({ failures: 1, notBeforeMs: 12_500 })
})

test('E451: each failure doubles the time until the next ask, up to a limit', () => {
  const standings = new Standings()
  const pauses = Array.from({ length: 6 }, () => {
    standings.failed(alice, 0)
    return standings.of(alice).notBeforeMs
  })
  expect(pauses).toEqual([10_000, 20_000, 40_000, 80_000, 160_000, 160_000])
})

test('E453: those who parted leave each other alone for a minute', () => {
  const standings = new Standings()
  expect(standings.isParted(alice, 0)).toBe(false)
  standings.parted(alice, 0)
  expect(standings.isParted(alice, 59_999)).toBe(true)
  expect(standings.isParted(alice, 60_000)).toBe(false)
})

test('E451: no more are remembered than pass through a few full rooms', () => {
  const standings = new Standings()
  standings.failed(alice, 0)
  for (let i = 0; i < 512; i++) standings.of(`p${i}` as PeerId)
  expect(standings.of(alice).failures).toBe(0)
})
