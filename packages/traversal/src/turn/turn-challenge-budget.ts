// What strangers are answered: a server that answers forged requests sends its answers to somebody who
// never asked. Two bounds: so many answers for one source, and for all strangers together no more
// bytes than they sent, but for a small allowance. Who is refused an answer asks again, as STUN does.
import type { TransportAddress } from '../address.ts'
import type { SourceRateLimitOptions } from '../source-rate-limit.ts'
import { createSourceRateLimit } from '../source-rate-limit.ts'
import { CHALLENGE_ALLOWANCE, CHALLENGE_RATE_LIMIT } from './turn-limits.ts'

/** Bytes that may be answered beyond those that were asked. */
export interface ChallengeAllowance {
  readonly burstBytes: number
  readonly bytesPerSecond: number
}

export interface ChallengeBudget {
  /** A stranger sent a request of so many bytes. */
  asked(bytes: number, nowMs: number): void
  /** Whether this source may be answered with up to so many bytes; counts as an answer to it. */
  mayAnswer(source: TransportAddress, maxBytes: number, nowMs: number): boolean
  /** An answer of so many bytes was sent. */
  answered(bytes: number): void
}

export function createChallengeBudget(
  rateLimit: SourceRateLimitOptions = CHALLENGE_RATE_LIMIT,
  allowance: ChallengeAllowance = CHALLENGE_ALLOWANCE,
): ChallengeBudget {
  const sources = createSourceRateLimit(rateLimit)
  const { burstBytes, bytesPerSecond } = allowance
  let credit = burstBytes
  let atMs: number | undefined

  return {
    asked(bytes, nowMs) {
      const gained = (bytesPerSecond * Math.max(0, nowMs - (atMs ?? nowMs))) / 1000
      credit = Math.min(burstBytes, credit + bytes + gained)
      atMs = nowMs
    },
    // The bytes first: a source is not to be charged for an answer it does not get.
    mayAnswer: (source, maxBytes, nowMs) => credit >= maxBytes && sources.take(source, nowMs),
    answered(bytes) {
      credit -= bytes
    },
  }
}
