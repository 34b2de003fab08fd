// How often one source address is answered: a token bucket per source in a table of bounded size.
// A UDP source is easily forged, so this does not keep attackers out; it keeps anyone from being
// flooded through us. A full bucket needs no memory, so addresses are soon forgotten.
import type { TransportAddress } from './address.ts'
import { ipOf } from './address.ts'

export interface SourceRateLimitOptions {
  /** What a source may take at once after a rest. */
  readonly burst: number
  readonly perSecond: number
  /** Sources remembered at a time, 2 or more; those silent longest are forgotten first. */
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
  // Two generations instead of a queue by age: who asks moves to the young one; when that is half
  // the table, or old enough for every bucket in the other to be full, the other is dropped whole.
  const maxYoung = Math.max(1, Math.floor(options.maxSources / 2))
  const fullAfterMs = (options.burst / options.perSecond) * 1000
  let young = new Map<string, Bucket>()
  let old = new Map<string, Bucket>()
  let turnedMs = -Infinity

  function turn(nowMs: number): void {
    old = young
    young = new Map()
    turnedMs = nowMs
  }

  function bucketOf(key: string, nowMs: number): Bucket {
    if (nowMs - turnedMs > fullAfterMs) turn(nowMs)
    const known = young.get(key)
    if (known !== undefined) return known
    if (young.size >= maxYoung) turn(nowMs)
    const bucket = old.get(key) ?? { tokens: options.burst, atMs: nowMs }
    old.delete(key)
    young.set(key, bucket)
    return bucket
  }

  return {
    take(source, nowMs) {
      const bucket = bucketOf(keyOf(source), nowMs)
      refill(bucket, nowMs, options)
      if (bucket.tokens < 1) return false
      bucket.tokens -= 1
      return true
    },
    size: () => young.size + old.size,
  }
}

function refill(bucket: Bucket, nowMs: number, { burst, perSecond }: SourceRateLimitOptions): void {
  const gained = (Math.max(0, nowMs - bucket.atMs) / 1000) * perSecond
  bucket.tokens = Math.min(burst, bucket.tokens + gained)
  bucket.atMs = nowMs
}

function keyOf(source: TransportAddress): string {
  if (source.family === 'IPv4') return source.address
  return ipOf(source).subarray(0, IPV6_PREFIX_BYTES).join(':')
}
