import { expect, test } from 'vitest'

import type { Counters } from './counters.ts'
import { confirms, findWirePath, type WireEnd } from './wire-path.ts'

const PROOF_BYTES = 4000
const SERVER = '203.0.113.10'

function sent(to: string, bytes = PROOF_BYTES, from = ''): Counters {
  return { flows: [{ from, to, protocol: 'udp', port: 5000, packets: 4, bytes }], openings: [] }
}

function end(n: number, counters: Counters): WireEnd {
  return {
    addresses: [`192.168.${n}.10`],
    publicAddresses: [`203.0.113.2${n}`],
    site: n,
    sent: counters,
  }
}

function crossing(a: WireEnd, b: WireEnd): Counters {
  return {
    flows: [
      ...sent(b.publicAddresses[0] ?? '', PROOF_BYTES, a.publicAddresses[0]).flows,
      ...sent(a.publicAddresses[0] ?? '', PROOF_BYTES, b.publicAddresses[0]).flows,
    ],
    openings: [],
  }
}

const nothing: Counters = { flows: [], openings: [] }

test('bytes to each other that cross the public network: direct', () => {
  const a = end(1, sent('203.0.113.22'))
  const b = end(2, sent('203.0.113.21'))
  const core = crossing(a, b)
  expect(findWirePath([a, b], { core, proofBytes: PROOF_BYTES })).toBe('direct')
})

test('the hosts say direct but nothing crossed the public network: not believed', () => {
  const a = end(1, sent('203.0.113.22'))
  const b = end(2, sent('203.0.113.21'))
  expect(findWirePath([a, b], { core: nothing, proofBytes: PROOF_BYTES })).toBe('none')
})

test('bytes to the address of an operator that both are behind turn round there: direct', () => {
  const operator = { publicAddresses: ['203.0.113.29'] }
  const a = { ...end(1, sent('203.0.113.29')), ...operator }
  const b = { ...end(2, sent('203.0.113.29')), ...operator }
  expect(findWirePath([a, b], { core: nothing, proofBytes: PROOF_BYTES })).toBe('direct')
})

test('keep-alives alone prove no path', () => {
  const a = end(1, sent('203.0.113.22', 300))
  const b = end(2, sent('203.0.113.21', 300))
  const core = crossing(a, b)
  expect(findWirePath([a, b], { core, proofBytes: PROOF_BYTES })).toBe('none')
})

test('bytes to the private address of a host of the same site: lan', () => {
  const a = { ...end(1, sent('192.168.1.11')) }
  const b = { ...end(1, sent('192.168.1.10')), addresses: ['192.168.1.11'] }
  expect(findWirePath([a, b], { core: nothing, proofBytes: PROOF_BYTES })).toBe('lan')
})

test('bytes to the server, or to somebody else: relayed', () => {
  const ends = [end(1, sent(SERVER)), end(2, sent('203.0.113.99'))] as const
  expect(findWirePath(ends, { core: nothing, proofBytes: PROOF_BYTES })).toBe('relayed')
})

test('one way direct and one way relayed: mixed', () => {
  const a = end(1, sent('203.0.113.22'))
  const b = end(2, sent(SERVER))
  const core = crossing(a, b)
  expect(findWirePath([a, b], { core, proofBytes: PROOF_BYTES })).toBe('mixed')
})

test.each([
  ['direct', 'direct', true, true],
  ['predicted', 'direct', true, true],
  ['lan', 'lan', true, true],
  ['turn', 'relayed', true, true],
  ['direct', 'relayed', true, false],
  ['lan', 'direct', true, false],
  ['lan', 'direct', false, true],
  ['', 'direct', true, false],
] as const)('a page that says %s is seen %s, translated %s: %s', (...row) => {
  const [page, wire, translated, ok] = row
  expect(confirms(page, { wire, translated })).toBe(ok)
})
