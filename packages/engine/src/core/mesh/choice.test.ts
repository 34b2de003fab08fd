import type { Card } from '@knothole/wire'
import { expect, test } from 'vitest'
import { choose, chooseToPart, isPoor } from './choice.ts'
import type { Candidate, Neighbour } from './choice.ts'
import type { LinkStatus, Path } from '../room-state.ts'

/** Draws the first, the second and the third of what is left. */
const first = (): number => 0

function candidate(
  who: string,
  card: Partial<Card> = {},
  rest: Partial<Candidate<string>> = {},
): Candidate<string> {
  const whole: Card = { name: who, device: 'desktop', ...card }
  return { who, card: whole, failures: 0, rttMs: undefined, ...rest }
}

function neighbour(
  who: string,
  link: { rttMs?: number; path?: Path } = {},
  rest: Partial<Neighbour<string>> = {},
): Neighbour<string> {
  const status: LinkStatus = {
    state: 'connected',
    path: 'direct',
    rttMs: 50,
    bytesSent: 0,
    bytesReceived: 0,
    sinceMs: 0,
    ...link,
  }
  return { who, link: status, failures: 0, upForMs: 60_000, ...rest }
}

test('E452: the best of three is chosen: near, reliable, no phone, not hidden', () => {
  const plain = candidate('plain')
  expect(choose([candidate('phone', { device: 'phone' }), plain], first)).toBe('plain')
  expect(choose([candidate('hidden', { hidden: true }), plain], first)).toBe('plain')
  expect(choose([candidate('failed', {}, { failures: 1 }), plain], first)).toBe('plain')
  expect(choose([plain, candidate('near', {}, { rttMs: 5 })], first)).toBe('near')
  expect(choose([], first)).toBe(undefined)
})

test('E452: only three are drawn, so that a mesh stays random', () => {
  const far = ['a', 'b', 'c'].map((who) => candidate(who, {}, { rttMs: 200 }))
  const near = candidate('near', {}, { rttMs: 1 })
  expect(choose([...far, near], first)).toBe('a')
  expect(choose([...far, near], () => 0.99)).toBe('near')
})

test('E453: the worst of three is parted from: relayed, broken often, slow, young', () => {
  const plain = neighbour('plain')
  expect(chooseToPart([plain, neighbour('relayed', { path: 'ws-relay' })], first)).toBe('relayed')
  expect(chooseToPart([plain, neighbour('broken', {}, { failures: 2 })], first)).toBe('broken')
  expect(chooseToPart([neighbour('slow', { rttMs: 300 }), plain], first)).toBe('slow')
  expect(chooseToPart([neighbour('old', {}, { upForMs: 600_000 }), plain], first)).toBe('plain')
})

test('E452: a link is poor that is relayed, broken often, or slow beside the others', () => {
  const plain = ['a', 'b', 'c'].map((who) => neighbour(who))
  const poor = (one: Neighbour<string>): boolean => isPoor(one, [...plain, one])
  expect(plain.some((one) => isPoor(one, plain))).toBe(false)
  expect(poor(neighbour('relayed', { path: 'turn' }))).toBe(true)
  expect(poor(neighbour('broken', {}, { failures: 3 }))).toBe(true)
  expect(poor(neighbour('slow', { rttMs: 251 }))).toBe(true)
  expect(poor(neighbour('a little slow', { rttMs: 249 }))).toBe(false)
})
