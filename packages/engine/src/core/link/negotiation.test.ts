import { MAX_CANDIDATES_PER_SIGNAL } from '@knothole/wire'
import { describe, expect, test } from 'vitest'
import { Negotiation } from './negotiation.ts'

const candidate = { candidate: 'candidate:1', ufrag: 'u' }

describe('offers that meet', () => {
  test('E13: the impolite side ignores an offer while it makes one or has one out', () => {
    const impolite = new Negotiation(false)
    impolite.making()
    expect(impolite.takesOffer()).toBe(false)
    expect(impolite.wantsOffer).toBe(true)
    impolite.offered(3)
    expect(impolite.takesOffer()).toBe(false)
    expect(impolite.takesAnswer(3)).toBe(true)
    expect(impolite.takesOffer()).toBe(true)
  })

  test('E13: the polite side takes it and forgets its own', () => {
    const polite = new Negotiation(true)
    polite.offered(3)
    expect(polite.takesOffer()).toBe(true)
    expect(polite.takesAnswer(3)).toBe(false)
  })

  test('E13: an offer still in the making when the polite side yields is not sent', () => {
    const polite = new Negotiation(true)
    polite.making()
    expect(polite.takesOffer()).toBe(true)
    expect(polite.wantsOffer).toBe(false)
  })
})

test('E14: an answer is taken once, and only to the newest offer', () => {
  const negotiation = new Negotiation(false)
  expect(negotiation.takesAnswer(0)).toBe(false)
  negotiation.offered(3)
  negotiation.offered(5)
  expect([3, 5, 5].map((sequence) => negotiation.takesAnswer(sequence))).toEqual([
    false,
    true,
    false,
  ])
})

describe('candidates', () => {
  test('E15: early ones are kept until there is a description', () => {
    const negotiation = new Negotiation(true)
    expect(negotiation.takesCandidate(candidate)).toBe(false)
    expect(negotiation.hasRemote).toBe(false)
    negotiation.takesOffer()
    expect(negotiation.hasRemote).toBe(true)
    expect(negotiation.earlyCandidates()).toEqual([candidate])
    expect(negotiation.earlyCandidates()).toEqual([])
    expect(negotiation.takesCandidate(candidate)).toBe(true)
  })

  test('E15: no more of them than one signal may hold', () => {
    const negotiation = new Negotiation(true)
    for (let i = 0; i < 1_000; i++) negotiation.takesCandidate(candidate)
    expect(negotiation.earlyCandidates().length).toBe(MAX_CANDIDATES_PER_SIGNAL)
  })
})
