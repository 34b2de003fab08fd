import { expect, test } from 'vitest'

import { bytesBetween, countersSince, parseCounters, type Counters } from './counters.ts'

/** As nft 1.0.6 prints a table with one element in each set. */
function listing(packets: number): string {
  const element = (concat: unknown[]): object => ({
    elem: { val: { concat }, counter: { packets, bytes: packets * 60 } },
  })
  return JSON.stringify({
    nftables: [
      { metainfo: { version: '1.0.6' } },
      { table: { family: 'ip', name: 'natlab_counters' } },
      { set: { name: 'flows', elem: [element(['10.0.0.1', '10.0.0.2', 'udp', 3478])] } },
      { set: { name: 'openings', elem: [element(['10.0.0.1', '10.0.0.2', 8080])] } },
      { set: { name: 'others', elem: [element(['10.0.0.1', '10.0.0.2', 'icmp'])] } },
      { chain: { name: 'count' } },
    ],
  })
}

const ends = { from: '10.0.0.1', to: '10.0.0.2' }

test('reads flows, TCP openings and packets without ports', () => {
  expect(parseCounters(listing(2))).toEqual({
    flows: [
      { ...ends, protocol: 'udp', port: 3478, packets: 2, bytes: 120 },
      { ...ends, protocol: 'icmp', port: 0, packets: 2, bytes: 120 },
    ],
    openings: [{ ...ends, protocol: 'tcp', port: 8080, packets: 2, bytes: 120 }],
  })
})

test('an untouched table has no elements at all', () => {
  const empty = JSON.stringify({ nftables: [{ set: { name: 'flows' } }] })
  expect(parseCounters(empty)).toEqual({ flows: [], openings: [] })
})

test('a difference keeps only what grew', () => {
  const before = parseCounters(listing(2))
  expect(countersSince(before, parseCounters(listing(5))).flows[0]).toMatchObject({
    packets: 3,
    bytes: 180,
  })
  expect(countersSince(before, before)).toEqual({ flows: [], openings: [] })
})

test('sums bytes by ends', () => {
  const counters: Counters = parseCounters(listing(1))
  expect(bytesBetween(counters.flows, { to: ['10.0.0.2'] })).toBe(120)
  expect(bytesBetween(counters.flows, { from: ['10.0.0.9'], to: ['10.0.0.2'] })).toBe(0)
})
