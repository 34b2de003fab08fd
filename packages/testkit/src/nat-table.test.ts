import { describe, expect, test } from 'vitest'
import type { NatBehaviour } from './nat-table.ts'
import { NatTable } from './nat-table.ts'
import { SeededRandom } from './seeded-random.ts'

const HOST = { address: '192.168.0.2', port: 5_000 }
const PEER = { address: '203.0.113.1', port: 1_000 }
const OTHER_PORT = { ...PEER, port: 1_001 }
const OTHER_ADDRESS = { ...PEER, address: '203.0.113.2' }
const outside = (port: number) => ({ address: '198.51.100.1', port })

function table(behaviour: Partial<NatBehaviour> = {}): NatTable {
  return new NatTable(
    {
      mapping: 'endpoint-independent',
      filtering: 'address-and-port-dependent',
      allocation: { type: 'preserving' },
      timeoutMs: 30_000,
      hairpin: false,
      flowsPerSecond: 0,
      udp: true,
      ...behaviour,
    },
    new SeededRandom('nat-table'),
  )
}

/** The external ports towards a peer, another of its ports, and another address. */
function portsOf(nat: NatTable): (number | undefined)[] {
  return [PEER, OTHER_PORT, OTHER_ADDRESS].map((to) => nat.outbound(HOST, to, 0)?.port)
}

describe('mapping', () => {
  const allocation = { type: 'sequential', first: 40_000, count: 1_000, delta: 1 } as const

  test.each([
    ['endpoint-independent', [0, 0]],
    ['address-dependent', [0, 1]],
    ['address-and-port-dependent', [1, 2]],
  ] as const)('%s: a new port where the destination counts', (mapping, steps) => {
    const [first = 0, ...others] = portsOf(table({ mapping, allocation }))
    expect(others.map((port = 0) => port - first)).toEqual(steps)
  })

  test('the same flow keeps its port', () => {
    const nat = table({ mapping: 'address-and-port-dependent', allocation })
    expect(portsOf(nat)).toEqual(portsOf(nat))
    expect(nat.made).toBe(3)
  })

  test('a firewall translates nothing and lets only answers in', () => {
    const nat = table({ mapping: 'none' })
    expect(nat.outbound(HOST, PEER, 0)).toEqual({ port: HOST.port })
    expect(nat.inbound(PEER, HOST, 1)).toEqual(HOST)
    expect(nat.inbound(OTHER_PORT, HOST, 1)).toBeUndefined()
    expect(nat.inbound(PEER, { ...HOST, address: '203.0.113.9' }, 1)).toBeUndefined()
  })

  test('without UDP nothing passes', () => {
    expect(table({ udp: false }).outbound(HOST, PEER, 0)).toBeUndefined()
    expect(table({ udp: false }).inbound(PEER, outside(5_000), 0)).toBeUndefined()
  })
})

describe('filtering', () => {
  test.each([
    ['endpoint-independent', [true, true, true]],
    ['address-dependent', [true, true, false]],
    ['address-and-port-dependent', [true, false, false]],
  ] as const)('%s: who may answer', (filtering, expected) => {
    const nat = table({ filtering })
    const port = nat.outbound(HOST, PEER, 0)?.port ?? 0
    const seen = [PEER, OTHER_PORT, OTHER_ADDRESS].map((from) =>
      nat.inbound(from, outside(port), 1),
    )
    expect(seen.map((internal) => internal !== undefined)).toEqual(expected)
    expect(nat.inbound(PEER, outside(port + 1), 1)).toBeUndefined()
  })
})

describe('allocation', () => {
  const symmetric = { mapping: 'address-and-port-dependent' } as const

  test('a preserved port that another host has is given up', () => {
    const nat = table()
    expect(nat.outbound(HOST, PEER, 0)?.port).toBe(HOST.port)
    const other = nat.outbound({ ...HOST, address: '192.168.0.3' }, PEER, 0)?.port
    expect(other).not.toBe(HOST.port)
    expect(other).toBeDefined()
  })

  test.each([2, -1, 256])('a sequential NAT steps by %i and comes round', (delta) => {
    const nat = table({
      ...symmetric,
      allocation: { type: 'sequential', first: 2_000, count: 1_024, delta },
    })
    const ports = Array.from(
      { length: 600 },
      (_, at) => nat.outbound(HOST, { ...PEER, port: at + 1 }, 0)?.port ?? 0,
    )
    const steps = new Set(
      ports.slice(1).map((port, at) => (port - (ports[at] ?? 0) + 2 * 1_024) % 1_024),
    )
    expect(steps).toEqual(new Set([(delta + 1_024) % 1_024]))
    expect(Math.min(...ports)).toBeGreaterThanOrEqual(2_000)
    expect(Math.max(...ports)).toBeLessThan(3_024)
  })

  test('flows of others burn ports at their rate', () => {
    const allocation = { type: 'sequential', first: 1_024, count: 60_000, delta: 1 } as const
    const nat = table({ ...symmetric, allocation, flowsPerSecond: 50 })
    const first = nat.outbound(HOST, PEER, 0)?.port ?? 0
    const later = nat.outbound(HOST, OTHER_PORT, 10_000)?.port ?? 0
    expect(later - first).toBeGreaterThan(400)
    expect(later - first).toBeLessThan(600)
  })

  test('random ports cover their range and nothing else', () => {
    const nat = table({ ...symmetric, allocation: { type: 'random', first: 7_000, last: 7_063 } })
    const ports = Array.from(
      { length: 1_000 },
      (_, at) => nat.outbound(HOST, { ...PEER, port: at + 1 }, 0)?.port,
    )
    expect(new Set(ports).size).toBe(64)
    expect(ports.every((port = 0) => port >= 7_000 && port <= 7_063)).toBe(true)
  })

  test('one destination gets each port once, and nothing when all are taken', () => {
    const nat = table({ ...symmetric, allocation: { type: 'random', first: 7_000, last: 7_001 } })
    const ports = [1, 2, 3].map((port) => nat.outbound({ ...HOST, port }, PEER, 0)?.port)
    expect(new Set(ports)).toEqual(new Set([7_000, 7_001, undefined]))
  })
})

describe('time', () => {
  test('a session lives as long as packets pass, in either direction', () => {
    const nat = table()
    nat.outbound(HOST, PEER, 0)
    expect(nat.inbound(PEER, outside(5_000), 29_000)).toEqual(HOST)
    expect(nat.inbound(PEER, outside(5_000), 58_000)).toEqual(HOST)
    expect(nat.inbound(PEER, outside(5_000), 88_001)).toBeUndefined()
  })

  test('a dead session is made anew, on another port where ports walk', () => {
    const allocation = { type: 'sequential', first: 1_024, count: 9_000, delta: 1 } as const
    const nat = table({ allocation })
    const first = nat.outbound(HOST, PEER, 0)?.port ?? 0
    expect(nat.outbound(HOST, PEER, 30_001)?.port).toBe(first + 1)
  })

  test('a router that restarts forgets everybody', () => {
    const nat = table()
    nat.outbound(HOST, PEER, 0)
    nat.flush()
    expect(nat.inbound(PEER, outside(5_000), 1)).toBeUndefined()
  })
})
