import type { IncomingMessage } from 'node:http'
import { expect, it } from 'vitest'
import { clientOriginOf, parseProxyTrust } from './client-origin.ts'

/** Address and protocol of a request from an address with headers, proxies trusted as told. */
function originOf(trust: string, address: string, headers: Record<string, string> = {}): string {
  const parsed = parseProxyTrust(trust)
  if (parsed === undefined) throw new Error(`${trust} is no trust`)
  const socket = { remoteAddress: address, remotePort: 5000 }
  const request = { headers, socket } as unknown as IncomingMessage
  const { remote, protocol } = clientOriginOf(request, parsed)
  return `${protocol} ${remote.address} ${remote.port}`
}

const chain = { 'x-forwarded-for': '198.51.100.1, 198.51.100.2', 'x-forwarded-proto': 'https' }

it('R27 believes no header when no proxy is trusted', () => {
  expect(originOf('0', '127.0.0.1', chain)).toBe('http 127.0.0.1 5000')
  expect(originOf('10.0.0.1', '10.0.0.2', chain)).toBe('http 10.0.0.2 5000')
})

it('R27 goes back as many proxies as are trusted', () => {
  expect(originOf('1', '10.0.0.1', chain)).toBe('https 198.51.100.2 0')
  expect(originOf('2', '10.0.0.1', chain)).toBe('https 198.51.100.1 0')
  expect(originOf('9', '10.0.0.1', chain)).toBe('https 198.51.100.1 0')
})

it('R27 goes back to the first address that is not listed', () => {
  expect(originOf('10.0.0.0/8', '10.0.0.1', chain)).toBe('https 198.51.100.2 0')
  expect(originOf('10.0.0.0/8,198.51.100.2', '10.0.0.1', chain)).toBe('https 198.51.100.1 0')
  expect(originOf('2001:db8::/32', '2001:db8::1', chain)).toBe('https 198.51.100.2 0')
})

it('R27 reads Forwarded, ports and brackets', () => {
  const forwarded = 'for="[2001:db8::7]:1234";proto=https, for=198.51.100.2:99'
  expect(originOf('2', '10.0.0.1', { forwarded })).toBe('https 2001:db8::7 1234')
  expect(originOf('1', '10.0.0.1', { forwarded })).toBe('https 198.51.100.2 99')
  expect(originOf('1', '10.0.0.1', { forwarded: 'for="[2001:db8::7]"' })).toBe('http 2001:db8::7 0')
})

it('R27 stops at what is no address', () => {
  expect(originOf('3', '10.0.0.1', { 'x-forwarded-for': '1.2.3.4, unknown' })).toBe(
    'http 10.0.0.1 5000',
  )
  expect(originOf('1', '10.0.0.1', { 'x-forwarded-for': 'a'.repeat(4000) })).toBe(
    'http 10.0.0.1 5000',
  )
  expect(originOf('1', '10.0.0.1', { forwarded: ';;=,=' })).toBe('http 10.0.0.1 5000')
})

it('R27 gives an IPv4 client of a dual-stack socket its IPv4 address', () => {
  expect(originOf('0', '::ffff:192.0.2.5')).toBe('http 192.0.2.5 5000')
  expect(originOf('0', 'fe80::1%eth0')).toBe('http fe80::1 5000')
})
