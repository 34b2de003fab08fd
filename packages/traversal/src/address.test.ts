import { isIP } from 'node:net'

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  createTransportAddress,
  formatIp,
  formatTransportAddress,
  ipOf,
  parseIp,
  parseTransportAddress,
  toTransportAddress,
} from './address.ts'
import { anyIp, anyTransportAddress } from './stun/stun-arbitraries.testing.ts'

describe('parseIp', () => {
  it.each([
    ['192.0.2.1', [192, 0, 2, 1]],
    ['0.0.0.0', [0, 0, 0, 0]],
    ['255.255.255.255', [255, 255, 255, 255]],
    ['::', Array.from({ length: 16 }, () => 0)],
    ['::1', [...Array.from({ length: 15 }, () => 0), 1]],
    ['2001:DB8::a', [0x20, 1, 0xd, 0xb8, ...Array.from({ length: 11 }, () => 0), 0xa]],
    ['1:2:3:4:5:6:7:8', [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]],
    ['64:ff9b::192.0.2.33', [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, 192, 0, 2, 33]],
  ])('T1 reads %s', (text, bytes) => {
    expect(parseIp(text)).toEqual(Uint8Array.from(bytes))
  })

  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.0x4',
    ' 1.2.3.4',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4::5:6:7:8',
    ':1:2:3:4:5:6:7:8',
    '1:2:3:4:5:6:7:8:',
    '12345::',
    'g::',
    '1.2.3.4::',
    '::1.2.3.4:5',
    '::1.2.3',
    'fe80::1%eth0',
    '[::1]',
    'localhost',
    `::${'0'.repeat(60)}`,
  ])('T1 refuses %j', (text) => {
    expect(parseIp(text)).toBeNull()
  })

  it('T1 agrees with Node on what an address is', () => {
    const nearAddress = fc.string({
      unit: fc.constantFrom('0', '1', '2', '5', 'a', 'f', ':', '::', '.'),
      maxLength: 24,
    })
    fc.assert(
      fc.property(fc.oneof(nearAddress, fc.string(), fc.ipV4(), fc.ipV6()), (text) => {
        fc.pre(!text.includes('%'))
        expect(parseIp(text) !== null).toBe(isIP(text) !== 0)
      }),
      { numRuns: 500 },
    )
  })
})

describe('formatIp', () => {
  it.each([
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:0DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['0:1:1:1:1:1:0:0', '0:1:1:1:1:1::'],
  ])('T2 writes %s as %s', (long, short) => {
    expect(formatIp(parseIp(long) ?? new Uint8Array())).toBe(short)
  })

  it('T2 writes IPv6 as the URL standard does, and reads it back', () => {
    fc.assert(
      fc.property(anyIp, (ip) => {
        const { address, family } = createTransportAddress(ip, 1)
        const host = family === 'IPv6' ? `[${address}]` : address
        expect(new URL(`http://${host}/`).hostname).toBe(host)
        expect(formatIp(parseIp(address) ?? new Uint8Array())).toBe(address)
      }),
    )
  })
})

describe('transport addresses', () => {
  it('T2 reads back what it wrote', () => {
    fc.assert(
      fc.property(anyTransportAddress, (address) => {
        expect(parseTransportAddress(formatTransportAddress(address))).toEqual(address)
        expect(createTransportAddress(ipOf(address), address.port)).toEqual(address)
      }),
    )
  })

  it.each([
    '192.0.2.1',
    '192.0.2.1:',
    '192.0.2.1:65536',
    '192.0.2.1:080',
    '[192.0.2.1]:80',
    '::1:80',
  ])('T1 refuses %j as a transport address', (text) => {
    expect(parseTransportAddress(text)).toBeNull()
  })

  it.each([-1, 65_536, 1.5, Number.NaN])('T1 refuses port %d', (port) => {
    expect(toTransportAddress('192.0.2.1', port)).toBeNull()
  })

  it.each(['::ffff:192.0.2.1', '::FFFF:c000:201', '0:0:0:0:0:ffff:192.0.2.1'])(
    'T3 takes %s for the IPv4 address it stands for',
    (text) => {
      const ipv4 = { family: 'IPv4', address: '192.0.2.1', port: 80 }
      expect(toTransportAddress(text, 80)).toEqual(ipv4)
      expect(parseTransportAddress(`[${text}]:80`)).toEqual(ipv4)
    },
  )

  it('T3 leaves the deprecated IPv4-compatible form alone', () => {
    expect(toTransportAddress('::192.0.2.1', 80)).toMatchObject({
      family: 'IPv6',
      address: '::c000:201',
    })
  })

  it('T14 throws for an address nobody could have parsed', () => {
    expect(() => createTransportAddress(new Uint8Array(5), 1)).toThrow('4 or 16 bytes')
    expect(() => createTransportAddress(new Uint8Array(4), 70_000)).toThrow('a port is')
    expect(() => ipOf({ family: 'IPv4', address: 'here', port: 1 })).toThrow('valid IP address')
  })
})
