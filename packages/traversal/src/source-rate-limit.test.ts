import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { TransportAddress } from './address.ts'
import { toTransportAddress } from './address.ts'
import { createSourceRateLimit } from './source-rate-limit.ts'
import { anyTransportAddress } from './stun/stun-arbitraries.testing.ts'

const LIMITS = { burst: 3, perSecond: 2, maxSources: 4 }

function at(address: string, port = 5000): TransportAddress {
  const source = toTransportAddress(address, port)
  if (source === null) throw new Error(`not an address: ${address}`)
  return source
}

const ALICE = at('192.0.2.1')
const BOB = at('192.0.2.2')

/** How many of `tries` a source gets at one instant. */
function taken(
  limit: ReturnType<typeof createSourceRateLimit>,
  source: TransportAddress,
  { tries, nowMs }: { tries: number; nowMs: number },
): number {
  return Array.from({ length: tries }, () => limit.take(source, nowMs)).filter(Boolean).length
}

describe('rate', () => {
  it('T20 gives a burst, then what time brings, and never more than a burst', () => {
    const limit = createSourceRateLimit(LIMITS)
    expect(taken(limit, ALICE, { tries: 10, nowMs: 0 })).toBe(3)
    expect(taken(limit, ALICE, { tries: 10, nowMs: 499 })).toBe(0)
    expect(taken(limit, ALICE, { tries: 10, nowMs: 1000 })).toBe(2)
    expect(taken(limit, ALICE, { tries: 10, nowMs: 3_600_000 })).toBe(3)
  })

  it("T20 one source's excess costs no other anything", () => {
    const limit = createSourceRateLimit(LIMITS)
    taken(limit, ALICE, { tries: 100, nowMs: 0 })
    expect(taken(limit, BOB, { tries: 10, nowMs: 0 })).toBe(3)
  })

  it('T20 counts by IPv4 address, whatever the port', () => {
    const limit = createSourceRateLimit(LIMITS)
    const ports = [1, 2, 3, 4, 5].map((port) => limit.take(at('192.0.2.1', port), 0))
    expect(ports).toEqual([true, true, true, false, false])
  })

  it('T20 counts by IPv6 /64', () => {
    const limit = createSourceRateLimit(LIMITS)
    const hosts = ['::1', '::2', 'ffff::', '::4'].map((host, index) =>
      limit.take(at(`2001:db8:0:1${host === 'ffff::' ? ':ffff::' : host}`), index),
    )
    expect(hosts).toEqual([true, true, true, false])
    expect(limit.take(at('2001:db8:0:2::1'), 0)).toBe(true)
    expect(limit.size()).toBe(2)
  })

  it('T20 a clock that stands still or jumps back gives nothing', () => {
    const limit = createSourceRateLimit(LIMITS)
    taken(limit, ALICE, { tries: 3, nowMs: 10_000 })
    expect(limit.take(ALICE, 0)).toBe(false)
    expect(limit.take(ALICE, 0)).toBe(false)
  })
})

describe('memory', () => {
  it('T21 never holds more sources than it may, whoever asks and when', () => {
    const asks = fc.array(fc.tuple(anyTransportAddress, fc.nat(2000)), { maxLength: 100 })
    fc.assert(
      fc.property(asks, (sources) => {
        const limit = createSourceRateLimit(LIMITS)
        let nowMs = 0
        for (const [source, waitedMs] of sources) {
          nowMs += waitedMs
          limit.take(source, nowMs)
          expect(limit.size()).toBeLessThanOrEqual(LIMITS.maxSources)
        }
      }),
    )
  })

  it('T21 forgets the source silent longest, not one that keeps asking', () => {
    const limit = createSourceRateLimit(LIMITS)
    taken(limit, ALICE, { tries: 3, nowMs: 0 })
    for (let host = 1; host <= 50; host++) {
      limit.take(at(`198.51.100.${host}`), 0)
      expect(limit.take(ALICE, 0)).toBe(false)
    }
  })

  it('T21 forgets sources whose bucket is full again, once another asks', () => {
    // A bucket is full after 1500 ms.
    const limit = createSourceRateLimit({ ...LIMITS, maxSources: 100 })
    for (const host of [1, 2, 3]) limit.take(at(`198.51.100.${host}`), 0)
    limit.take(ALICE, 1499)
    expect(limit.size()).toBe(4)
    limit.take(ALICE, 1501)
    limit.take(ALICE, 3002)
    expect(limit.size()).toBe(1)
  })

  it('T21 forgets nobody whose bucket is not full, while there is room', () => {
    const limit = createSourceRateLimit({ ...LIMITS, maxSources: 100 })
    limit.take(BOB, 0)
    expect(taken(limit, ALICE, { tries: 3, nowMs: 1400 })).toBe(3)
    limit.take(BOB, 1501)
    expect(taken(limit, ALICE, { tries: 3, nowMs: 1600 })).toBe(0)
  })
})
