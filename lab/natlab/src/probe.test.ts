import { describe, expect, test } from 'vitest'

import { behaviourDifferences, type Behaviour } from './behaviour.ts'
import { PRESETS } from './presets.ts'
import { classify, type Observations, type SocketSample } from './probe.ts'

type PortRule = (about: { localPort: number; destination: number; flow: number }) => number

const LOCAL_PORTS = [50_001, 50_733, 51_200, 58_888]

/** What four sockets see of a NAT that gives ports by this rule, each to four destinations. */
function samplesOf(rule: PortRule): SocketSample[] {
  return LOCAL_PORTS.map((localPort, socket) => ({
    localPort,
    mapped: [0, 1, 2, 3].map((destination) => ({
      address: '203.0.113.20',
      port: rule({ localPort, destination, flow: socket * 4 + destination }),
    })),
  }))
}

function observe(rule: PortRule, rest: Partial<Observations> = {}): Observations {
  return {
    samples: samplesOf(rule),
    heardOtherAddress: false,
    heardOtherPort: false,
    heardOwnExternalAddress: false,
    hopLimit: 3,
    webTcp: true,
    anyTcp: true,
    ipv6: undefined,
    lateAnswers: undefined,
    roundTripsMs: [],
    ...rest,
  }
}

const keepPort: PortRule = ({ localPort }) => localPort

describe('mapping and allocation', () => {
  test.each<[string, PortRule, Partial<Behaviour>]>([
    ['the own port', keepPort, { mapping: 'endpoint-independent', allocation: 'preserving' }],
    [
      'another port for each socket',
      ({ localPort }) => localPort - 1000 + (localPort % 7) * 13,
      { mapping: 'endpoint-independent', allocation: 'random' },
    ],
    [
      'another port for each address',
      ({ localPort, destination }) => localPort - 9000 + (destination < 2 ? 0 : 731),
      { mapping: 'address-dependent', allocation: 'random' },
    ],
    [
      'the next port for each flow',
      ({ flow }) => 40_000 + flow,
      { mapping: 'address-and-port-dependent', allocation: 'sequential', step: 1 },
    ],
    [
      'the next port but one, downwards',
      ({ flow }) => 40_000 - 2 * flow,
      { mapping: 'address-and-port-dependent', allocation: 'sequential', step: -2 },
    ],
    [
      'any port of a block',
      ({ flow }) => 20_000 + ((flow * 797) % 2048),
      { mapping: 'address-and-port-dependent', allocation: 'block', blockPorts: 2048 },
    ],
    [
      'any port',
      ({ flow }) => 1024 + ((flow * 40_503) % 64_000),
      { mapping: 'address-and-port-dependent', allocation: 'random' },
    ],
  ])('%s', (_, rule, expected) => {
    expect(classify(observe(rule), 1)).toMatchObject(expected)
  })
})

test.each([
  [true, true, 'endpoint-independent'],
  [false, true, 'address-dependent'],
  [false, false, 'address-and-port-dependent'],
])('heard from the other address %s, from the other port %s: filtering %s', (...row) => {
  const [heardOtherAddress, heardOtherPort, filtering] = row
  const seen = observe(keepPort, { heardOtherAddress, heardOtherPort })
  expect(classify(seen, 1)).toMatchObject({ filtering })
})

test.each([
  [undefined, 'none'],
  [{ otherAddress: false, otherPort: false }, 'address-and-port-dependent'],
  [{ otherAddress: true, otherPort: true }, 'endpoint-independent'],
])('IPv6 heard from %o: %s', (ipv6, expected) => {
  expect(classify(observe(keepPort, { ipv6 }), 1)).toMatchObject({ ipv6: expected })
})

test('the hop limit tells how many routers are on the way', () => {
  expect(classify(observe(keepPort, { hopLimit: 4 }), 1)).toMatchObject({ routers: 2 })
  expect(classify(observe(keepPort, { hopLimit: 4 }), 2)).toMatchObject({ routers: 1 })
})

test('silence is blocked UDP', () => {
  const seen = { ...observe(keepPort), samples: [], anyTcp: false }
  expect(classify(seen, 1)).toEqual({
    udp: 'blocked',
    webTcp: true,
    anyTcp: false,
    ipv6: 'none',
  })
})

test('a place that does something else than it claims is named with both words', () => {
  const measured = classify(
    observe(({ flow }) => 40_000 + flow),
    1,
  )
  expect(behaviourDifferences(PRESETS.home.claims, measured)).toEqual([
    'mapping: claimed endpoint-independent, measured address-and-port-dependent',
    'allocation: claimed preserving, measured sequential',
  ])
  expect(behaviourDifferences(PRESETS.sequential.claims, measured)).toEqual([])
})
