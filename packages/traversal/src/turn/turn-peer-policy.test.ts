import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { isInPrefix, parseIpPrefix } from '../nat/ip-prefix.ts'
import { anyIp, anyPort } from '../stun/stun-arbitraries.testing.ts'
import { createTransportAddress } from '../address.ts'
import { createPeerPolicy } from './turn-peer-policy.ts'
import { RELAY_IPV4, TurnWorld, addressOf } from './turn-world.testing.ts'

const SIBLINGS = { first: 50_000, last: 50_009 }

describe('peers', () => {
  it.each([
    '0.0.0.0',
    '0.1.2.3',
    '10.1.2.3',
    '100.64.0.1',
    '100.127.255.255',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.8',
    '192.168.1.1',
    '198.19.255.255',
    '224.0.0.251',
    '239.255.255.250',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:10.0.0.1',
    '::ffff:127.0.0.1',
    '::7f00:1',
    '64:ff9b::a00:1',
    '100::1',
    '2001::1',
    '2002:a00:1::',
    '4000::1',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'febf::1',
    'fec0::1',
    'ff02::1',
  ])('T215 that no stranger may reach through us are refused by 403: %s', (ip) => {
    const alice = new TurnWorld().udp()
    alice.allocate([{ type: 'additional-address-family', value: 2 }])
    expect(alice.permit(addressOf(ip, 9))).toBe(403)
    expect(alice.bind(0x40_00, addressOf(ip, 9))).toBe(403)
  })

  it.each([
    '1.1.1.1',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.0.2.1',
    '198.51.100.1',
    '203.0.113.77',
    '223.255.255.255',
    '2001:db8::77',
    '2600::1',
    '3fff:ffff::1',
  ])('T215 of the internet, and of a laboratory’s, are allowed: %s', (ip) => {
    const alice = new TurnWorld().udp()
    alice.allocate([{ type: 'additional-address-family', value: 2 }])
    expect(alice.permit(addressOf(ip, 9))).toBe(0)
  })

  it('T215 may be allowed and refused by name; refusals win', () => {
    const policy = createPeerPolicy({
      relayAddresses: { IPv4: RELAY_IPV4 },
      siblingPorts: SIBLINGS,
      allowedPeers: ['10.0.0.0/8', 'fd00::1'],
      deniedPeers: ['10.9.0.0/16', '1.1.1.1'],
      ownAddresses: ['198.51.100.1', '2001:db8::77'],
    })
    const reaches = (ip: string): string => policy.reach(addressOf(ip, 9))
    expect(['10.1.1.1', 'fd00::1'].map(reaches)).toEqual(['all', 'all'])
    expect(['10.9.1.1', '1.1.1.1', 'fd00::2', '192.168.0.1'].map(reaches)).toEqual(
      Array.from({ length: 4 }, () => 'none'),
    )
    expect(['198.51.100.1', '2001:db8::77'].map(reaches)).toEqual(['none', 'none'])
  })

  it('T215 T216 at our own address are its relayed ports alone, unless it is allowed by name', () => {
    const world = new TurnWorld({ relayPorts: SIBLINGS, ownAddresses: [RELAY_IPV4] })
    const alice = world.udp()
    alice.allocate()
    expect(alice.permit(addressOf(RELAY_IPV4, 22))).toBe(0)
    expect(alice.bind(0x40_00, addressOf(RELAY_IPV4, 22))).toBe(403)
    expect(alice.bind(0x40_00, addressOf(RELAY_IPV4, 50_009))).toBe(0)
    for (const port of [53, 3478, 49_999, 50_010]) {
      alice.indicate(addressOf(RELAY_IPV4, port), Uint8Array.of(1))
    }
    expect(world.relayed).toEqual([])
    alice.indicate(addressOf(RELAY_IPV4, 50_009), Uint8Array.of(1))
    expect(world.relayed).toHaveLength(1)
    const open = new TurnWorld({ allowedPeers: ['203.0.113.0/24'] }).udp()
    open.allocate()
    expect(open.bind(0x40_00, addressOf(RELAY_IPV4, 22))).toBe(0)
    expect(open.bind(0x40_01, addressOf(RELAY_IPV4, 3478))).toBe(403)
  })

  it('T215 are judged alike whatever the port, and never by a throw', () => {
    const policy = createPeerPolicy({ relayAddresses: {}, siblingPorts: SIBLINGS })
    fc.assert(
      fc.property(anyIp, anyPort, anyPort, (ip, one, other) => {
        const first = policy.reach(createTransportAddress(ip, one))
        expect(policy.reach(createTransportAddress(ip, other))).toBe(first)
      }),
    )
  })
})

describe('ranges of addresses', () => {
  it.each([
    '',
    '10.0.0.0/33',
    '10.0.0.0/08',
    '10.0.0.1/8',
    '::/129',
    'fe80::1/10',
    'x/8',
    '1.1.1.1/',
  ])('T215 are read strictly: %s is none', (text) => {
    expect(parseIpPrefix(text)).toBeNull()
  })

  it('T215 hold what shares their bits, in their own family', () => {
    fc.assert(
      fc.property(anyIp, anyIp, fc.nat(128), (ip, other, wish) => {
        const bits = Math.min(wish, 8 * ip.length)
        const masked = ip.map(
          (byte, at) => byte & (0xff00 >> Math.min(8, Math.max(0, bits - 8 * at))),
        )
        const expected =
          ip.length === other.length && bitsOf(ip).slice(0, bits) === bitsOf(other).slice(0, bits)
        expect(isInPrefix(other, { ip: masked, bits })).toBe(expected)
      }),
    )
  })
})

function bitsOf(ip: Uint8Array): string {
  return [...ip].map((byte) => byte.toString(2).padStart(8, '0')).join('')
}
