import { describe, expect, test } from 'vitest'
import { samplesOf } from './nat-gathering.ts'
import type { NatSample } from './nat-report.ts'
import { reportNat } from './nat-report.ts'

const SERVERS = [
  { address: 0, port: 0 },
  { address: 0, port: 1 },
  { address: 1, port: 0 },
  { address: 1, port: 1 },
] as const

/** One socket's questions to all servers, a millisecond apart. */
function asked(ports: readonly (number | undefined)[], socket = 0, sentMs = 0): NatSample[] {
  return ports.flatMap((port, at) => {
    const server = SERVERS[at]
    if (server === undefined) return []
    const sample = { socket, server, sentMs: sentMs + at }
    return [port === undefined ? sample : { ...sample, mapped: { address: '192.0.2.1', port } }]
  })
}

describe('mapping', () => {
  test.each([
    ['endpoint-independent', [5000, 5000, 5000, 5000]],
    ['address-dependent', [5000, 5000, 5001, 5001]],
    ['address-and-port-dependent', [5000, 5001, 5002, 5003]],
    ['address-and-port-dependent', [5000, 5001, 5000, 5001]],
    ['port-independent', [5000, 5000]],
    ['unknown', [5000]],
    ['address-and-port-dependent', [5000, undefined, 5001, undefined]],
    ['endpoint-independent', [5000, undefined, undefined, 5000]],
  ] as const)('T400: %s from ports %j', (mapping, ports) => {
    expect(reportNat({ samples: asked(ports) }).mapping).toBe(mapping)
  })

  test('T400: another public address for another server is another mapping', () => {
    const [first, ...others] = asked([5000, 5000, 5000, 5000])
    const moved = others.map((sample) => ({
      ...sample,
      mapped: { address: '192.0.2.2', port: 5000 },
    }))
    const report = reportNat({ samples: first === undefined ? [] : [first, ...moved] })
    expect(report.mapping).toBe('address-and-port-dependent')
    expect(report.addresses).toEqual(['192.0.2.1', '192.0.2.2'])
  })

  test('T400: what IPv6 servers saw is no other mapping', () => {
    const six = { address: '2001:db8::1', port: 5000 }
    const mixed = [
      ...asked([5000, 5000, 5000, 5000]),
      { socket: 0, server: { address: 2, port: 0 }, sentMs: 5, mapped: six },
    ]
    expect(reportNat({ samples: mixed })).toMatchObject({
      mapping: 'endpoint-independent',
      addresses: ['192.0.2.1', '2001:db8::1'],
    })
  })

  test('T401: what one server address or one port cannot tell is said', () => {
    expect(reportNat({ samples: asked([5000, 5000]) }).unknown).toContain('one-server-address')
    expect(reportNat({ samples: asked([5000]) }).unknown).toContain('one-server-port')
    const full = { otherAddress: 'silent', otherPort: 'silent' } as const
    expect(reportNat({ samples: asked([1, 1, 1, 1]), probe: full }).unknown).toEqual([])
    expect(reportNat({ samples: asked([1, 1, 1, 1]) }).unknown).toEqual(['unprobed'])
  })
})

describe('filtering', () => {
  test.each([
    ['endpoint-independent', 'answered', 'answered'],
    ['endpoint-independent', 'answered', 'silent'],
    ['address-dependent', 'silent', 'answered'],
    ['address-and-port-dependent', 'silent', 'silent'],
    ['address-and-port-dependent', 'untested', 'silent'],
    ['port-independent', 'untested', 'answered'],
    ['unknown', 'silent', 'untested'],
    ['unknown', 'untested', 'untested'],
  ] as const)(
    'T402: %s when another address is %s, another port %s',
    (filtering, otherAddress, otherPort) => {
      const samples = asked([1, 1, 1, 1])
      expect(reportNat({ samples, probe: { otherAddress, otherPort } }).filtering).toBe(filtering)
    },
  )
})

describe('allocation', () => {
  test.each([
    [1, [40, 41, 42, 43]],
    [2, [40, 42, 44, 46]],
    [-1, [43, 42, 41, 40]],
    [256, [16_540, 16_796, 17_052, 17_308]],
    [1, [40, 41, 44, 45]],
    [2, [40, 42, 48, 50]],
  ] as const)('T403: a step of %i in ports %j', (delta, ports) => {
    expect(reportNat({ samples: asked(ports) })).toMatchObject({ allocation: 'sequential', delta })
  })

  test('T403: sockets that asked at the same time took turns', () => {
    const samples = [...asked([40, 42, 44, 46], 0), ...asked([41, 43, 45, 47], 1)]
    expect(reportNat({ samples })).toMatchObject({ allocation: 'sequential', delta: 1 })
  })

  test.each([[[40, 41]], [[40, 50_000]], [[50_000, 40, 30_000, 7]], [[40, 41, 4_000, 4_001]]])(
    'T403: no step in ports %j',
    (ports) => {
      expect(reportNat({ samples: asked(ports) }).allocation).not.toBe('sequential')
    },
  )

  test('T403: flows of others are counted between looks', () => {
    const samples = [...asked([40, 41, 42, 43], 0, 0), ...asked([54, 55, 56, 57], 1, 497)]
    expect(reportNat({ samples }).flowsPerSecond).toBe(20)
    expect(reportNat({ samples: asked([40, 41, 42, 43]) }).flowsPerSecond).toBe(0)
  })

  test('T404: eight ports close together are a block, with room at both ends', () => {
    const samples = [
      ...asked([30_800, 31_700, 31_000, 30_900]),
      ...asked([31_200, 30_750, 31_650, 31_111], 1),
    ]
    const { allocation, range } = reportNat({ samples })
    expect(allocation).toBe('block')
    expect(range?.first).toBeLessThan(30_750)
    expect(range?.first).toBeGreaterThan(30_400)
    expect(range?.last).toBeGreaterThan(31_700)
    expect(range?.last).toBeLessThan(32_050)
  })

  test('T404: fewer are not judged, and more are asked for', () => {
    const report = reportNat({ samples: asked([30_800, 31_700, 31_000, 30_900]) })
    expect(report.allocation).toBe('unknown')
    expect(report.unknown).toContain('few-samples')
  })

  test('T404: ports far apart are random, of all ports or of those Linux draws', () => {
    expect(reportNat({ samples: asked([5_000, 61_000, 33_000, 20_000]) })).toMatchObject({
      allocation: 'random',
      range: { first: 1_024, last: 65_535 },
    })
    const linux = [
      ...asked([33_000, 60_000, 41_000, 55_000]),
      ...asked([52_000, 38_000, 47_000, 59_000], 1),
    ]
    expect(reportNat({ samples: linux }).range).toEqual({ first: 32_768, last: 60_999 })
  })

  test('T404: a mapped port that is the local one is preserved', () => {
    const samples = asked([5_000, 5_000, 5_000, 5_000])
    expect(reportNat({ samples, localPorts: [5_000] }).allocation).toBe('preserving')
    expect(reportNat({ samples, localPorts: [5_001] }).allocation).toBe('unknown')
  })
})

describe('silence', () => {
  test('T405: nobody answers: UDP is blocked; nobody was asked: unknown', () => {
    const silent = [undefined, undefined, undefined, undefined]
    expect(reportNat({ samples: asked(silent) })).toMatchObject({
      udp: 'blocked',
      unknown: ['silent'],
    })
    expect(reportNat({ samples: [] })).toMatchObject({ udp: 'unknown', mapping: 'unknown' })
    expect(reportNat({ samples: asked([5_000, ...silent.slice(1)]) }).udp).toBe('open')
  })
})

describe('gathering', () => {
  const gathering = {
    socket: 0,
    servers: SERVERS,
    sentMs: 0,
    candidates: [{ server: 0, address: '192.0.2.1', port: 5_000 }],
    silent: [],
    isComplete: true,
  }

  test('T406: what a browser leaves out is the same mapping once gathering is complete', () => {
    expect(reportNat({ samples: samplesOf(gathering) }).mapping).toBe('endpoint-independent')
    const two = [...gathering.candidates, { server: 2, address: '192.0.2.1', port: 5_001 }]
    const samples = samplesOf({ ...gathering, candidates: two })
    expect(reportNat({ samples }).mapping).toBe('address-dependent')
  })

  test('T406: until then it is nothing, and who gave an error is silent', () => {
    expect(samplesOf({ ...gathering, isComplete: false })).toHaveLength(1)
    const samples = samplesOf({ ...gathering, silent: [2, 3] })
    expect(samples).toHaveLength(4)
    expect(reportNat({ samples }).mapping).toBe('port-independent')
    const none = samplesOf({ ...gathering, candidates: [] })
    expect(reportNat({ samples: none }).udp).toBe('blocked')
  })
})
