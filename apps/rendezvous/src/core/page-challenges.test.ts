import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { SeededRandom } from '@knothole/testkit'
import type { CryptoPort } from './crypto-port.ts'
import { MAX_TAKEN_CHALLENGES, PAGE_CHALLENGE_MS } from './limits.ts'
import { PageChallenges } from './page-challenges.ts'

function create(run: number): PageChallenges {
  const random = new SeededRandom(`page-challenges ${run}`)
  const crypto: Pick<CryptoPort, 'hmacSha256' | 'randomBytes'> = {
    hmacSha256: (key, data) => createHmac('sha256', key).update(data).digest(),
    randomBytes: (length) => random.bytes(length),
  }
  return new PageChallenges(crypto)
}

const NOW_MS = 1_000_000.25

describe('challenges that travel with the page', () => {
  it('R36 each is taken once, while it is young', () => {
    const challenges = create(1)
    const [first, second] = [challenges.issue(NOW_MS), challenges.issue(NOW_MS)]
    expect(first).not.toEqual(second)
    expect(challenges.take(first, NOW_MS + 1)).toBe(true)
    expect(challenges.take(first, NOW_MS + 2)).toBe(false)
    expect(challenges.take(second, NOW_MS + PAGE_CHALLENGE_MS)).toBe(false)
    // Forgotten as taken, it is too old.
    expect(challenges.take(first, NOW_MS + 2 * PAGE_CHALLENGE_MS)).toBe(false)
  })

  it('R36 another server, or an earlier run of this one, made none of ours', () => {
    const theirs = create(2).issue(NOW_MS)
    expect(create(1).take(theirs, NOW_MS)).toBe(false)
  })

  it('R36 one with any bit changed, cut short or longer is none', () => {
    const challenges = create(1)
    const nonce = challenges.issue(NOW_MS)
    for (let bit = 0; bit < 8 * nonce.length; bit++) {
      const changed = nonce.slice()
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(challenges.take(changed, NOW_MS)).toBe(false)
    }
    expect(challenges.take(nonce.slice(1), NOW_MS)).toBe(false)
    expect(challenges.take(new Uint8Array([...nonce, 0]), NOW_MS)).toBe(false)
    expect(challenges.take(nonce, NOW_MS)).toBe(true)
  })

  it('R36 no more are kept than the limit, and room comes back with time', () => {
    const challenges = create(1)
    let taken = 0
    while (challenges.take(challenges.issue(NOW_MS), NOW_MS)) taken += 1
    expect(taken).toBe(MAX_TAKEN_CHALLENGES)
    expect(challenges.take(challenges.issue(NOW_MS), NOW_MS)).toBe(false)
    const laterMs = NOW_MS + PAGE_CHALLENGE_MS
    expect(challenges.take(challenges.issue(laterMs), laterMs)).toBe(true)
  })
})
