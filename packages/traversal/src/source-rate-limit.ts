// How often one source address is answered: a token bucket per source in a table of bounded size.
// A UDP source is easily forged, so this does not keep attackers out; it keeps anyone from being
// flooded through us. Holds no addresses longer than it takes a bucket to fill up again.
import type { TransportAddress } from './address.ts'
import { ipOf } from './address.ts'

export interface SourceRateLimitOptions {
  /** What a source may take at once after a rest. */
  readonly burst: number
  readonly perSecond: number
  /** Sources remembered at a time; the one silent longest is forgotten first. */
  readonly maxSources: number
}

/** Decides by source address and time who is answered. */
export interface SourceRateLimit {
  /** Takes one from the source's bucket; false when it is empty. `nowMs` never runs backwards. */
  take(source: TransportAddress, nowMs: number): boolean
  /** Sources remembered now. */
  size(): number
}

interface Bucket {
  tokens: number
  atMs: number
}

/** One host usually has a whole /64 of IPv6 to draw addresses from (RFC 6177). */
const IPV6_PREFIX_BYTES = 8

export function createSourceRateLimit(options: SourceRateLimitOptions): SourceRateLimit {
  // A Map keeps insertion order, and every take moves its source to the end: the first is the
  // one silent longest.
  const buckets = new Map<string, Bucket>()
  const fullAfterMs = (options.burst / options.perSecond) * 1000
  return {
    take(source, nowMs) {
      const key = keyOf(source)
      const bucket = refilled(buckets.get(key), nowMs, options)
      buckets.delete(key)
      buckets.set(key, bucket)
      forgetOldest(buckets, options.maxSources, nowMs - fullAfterMs)
      if (bucket.tokens < 1) return false
      bucket.tokens -= 1
      return true
    },
    size: () => buckets.size,
  }
}

function keyOf(source: TransportAddress): string {
  if (source.family === 'IPv4') return source.address
  return ipOf(source).subarray(0, IPV6_PREFIX_BYTES).join(':')
}

function refilled(
  bucket: Bucket | undefined,
  nowMs: number,
  { burst, perSecond }: SourceRateLimitOptions,
): Bucket {
  if (bucket === undefined) return { tokens: burst, atMs: nowMs }
  const gained = (Math.max(0, nowMs - bucket.atMs) / 1000) * perSecond
  return { tokens: Math.min(burst, bucket.tokens + gained), atMs: nowMs }
}

/** Two per take: enough to shrink the table again, and never a pause to sweep it. */
const FORGOTTEN_PER_TAKE = 2

function forgetOldest(buckets: Map<string, Bucket>, maxSources: number, fullSinceMs: number): void {
  let left = FORGOTTEN_PER_TAKE
  for (const [key, bucket] of buckets) {
    if (left === 0 || (bucket.atMs > fullSinceMs && buckets.size <= maxSources)) return
    buckets.delete(key)
    left -= 1
  }
}
