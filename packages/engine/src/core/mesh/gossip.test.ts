import type { PeerId } from '@knothole/wire'
import { expect, test } from 'vitest'
import { MeshGossip } from './gossip.ts'

const [alice, bob] = ['alice', 'bob'] as [PeerId, PeerId]
const here = (number: number, of = alice): { type: 'here'; of: PeerId; number: number } => ({
  type: 'here',
  of,
  number,
})

test('E456: a word is news once, and an older one is none', () => {
  const gossip = new MeshGossip(bob)
  expect(gossip.isNews(here(2), 0)).toBe(true)
  expect(gossip.isNews(here(2), 0)).toBe(false)
  expect(gossip.isNews(here(1), 0)).toBe(false)
  expect(gossip.isNews({ type: 'typing', of: alice, number: 1, active: true }, 0)).toBe(true)
  expect(gossip.isNews(here(3), 0)).toBe(true)
})

test('E456: what is said in our own name is no news', () => {
  expect(new MeshGossip(bob).isNews(here(9, bob), 0)).toBe(false)
})

test('E456: a number that somebody made up silences nobody for long', () => {
  const gossip = new MeshGossip(bob)
  gossip.isNews(here(Number.MAX_SAFE_INTEGER), 0)
  expect(gossip.isNews(here(5), 29_999)).toBe(false)
  expect(gossip.isNews(here(5), 30_000)).toBe(true)
})

test('E456: a card goes round once, whoever brings it', () => {
  const gossip = new MeshGossip(bob)
  const card = { type: 'card', of: alice, card: new Uint8Array([1, 2]) } as const
  expect(gossip.isNews(card, 0)).toBe(true)
  expect(gossip.isNews(card, 0)).toBe(false)
  expect(gossip.isNews({ ...card, card: new Uint8Array([1, 3]) }, 0)).toBe(true)
})

test('E456: a neighbour that tells too much is not heard for a while, others are', () => {
  const gossip = new MeshGossip(bob)
  const heard = Array.from({ length: 1_000 }, () => gossip.mayTell(alice, 0)).filter(Boolean)
  expect(heard.length).toBe(300)
  expect(gossip.mayTell('carol' as PeerId, 0)).toBe(true)
  expect(gossip.mayTell(alice, 1_000)).toBe(true)
})
