import { describe, expect, it } from 'vitest'
import { toTransportAddress } from '@knothole/traversal'
import type { TransportAddress } from '@knothole/traversal'
import { MAX_PLACES, PLACE_LIFE_MS, RecentPlaces } from './recent-places.ts'

function at(address: string, port: number): TransportAddress {
  const place = toTransportAddress(address, port)
  if (place === null) throw new Error(`${address} is no address`)
  return place
}

const home = at('192.0.2.1', 40_000)

describe('recent places', () => {
  it('R106 remember which sockets told a place, and only that very address and port', () => {
    const places = new RecentPlaces()
    places.note(home, 0, 0)
    places.note(home, 5, 1)
    expect(places.socketsOf(home, 2)).toBe(0b10_0001)
    expect(places.socketsOf(at('192.0.2.1', 40_001), 2)).toBeUndefined()
    expect(places.socketsOf(at('192.0.2.2', 40_000), 2)).toBeUndefined()
  })

  it('R106 know a place for ten seconds at least, and for twenty at most', () => {
    for (const startMs of [0, 1, 3333, PLACE_LIFE_MS - 1]) {
      const places = new RecentPlaces()
      places.note(at('192.0.2.9', 1), 0, 0)
      places.note(home, 0, startMs)
      expect(places.socketsOf(home, startMs + PLACE_LIFE_MS - 1)).toBe(1)
      expect(places.socketsOf(home, startMs + 2 * PLACE_LIFE_MS)).toBeUndefined()
    }
  })

  it('R106 keep what is told again, with all its sockets', () => {
    const places = new RecentPlaces()
    for (let n = 0; n < 5; n++) places.note(home, n, n * (PLACE_LIFE_MS - 1))
    expect(places.socketsOf(home, 5 * (PLACE_LIFE_MS - 1))).toBe(0b1_1111)
  })

  it('R106 are bounded in number, whoever forges sources', () => {
    const places = new RecentPlaces()
    for (let n = 0; n < 5 * MAX_PLACES; n++) {
      places.note(at(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`, 1), 0, 0)
      expect(places.size).toBeLessThanOrEqual(2 * MAX_PLACES)
    }
    places.note(home, 0, 0)
    expect(places.socketsOf(home, 0)).toBe(1)
  })
})
