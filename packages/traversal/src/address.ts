// Transport addresses: an IP address and a port, as values and as text. Text is read strictly (no
// leading zeros, no zone) and written in the canonical form of RFC 5952. An IPv4-mapped IPv6
// address (::ffff:0:0/96) always becomes the IPv4 address it stands for, so that one host has one
// spelling and a rule about IPv4 ranges cannot be walked around. No names, no DNS.
import { invariant } from './invariant.ts'

export type AddressFamily = 'IPv4' | 'IPv6'

/** An IP address in canonical text with a port; build it with the functions below. */
export interface TransportAddress {
  readonly family: AddressFamily
  readonly address: string
  readonly port: number
}

const IPV4_BYTES = 4
const IPV6_BYTES = 16
const IPV6_GROUPS = 8
/** Longest text of an IPv6 address: six groups and a dotted quad. */
const MAX_IP_TEXT = 45
const MAX_PORT = 65_535
const DOT = 0x2e
const ZERO = 0x30
const MAPPED_PREFIX = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff] as const

/** The 4 or 16 bytes of an IP address in text, or null when it is none. */
export function parseIp(text: string): Uint8Array | null {
  if (text.length > MAX_IP_TEXT) return null
  const bytes = text.includes(':') ? parseIpv6(text) : parseIpv4(text)
  return bytes === null ? null : unmapped(Uint8Array.from(bytes))
}

/** Canonical text of an IP address of 4 or 16 bytes. */
export function formatIp(ip: Uint8Array): string {
  const bytes = unmapped(ip)
  if (bytes.length !== IPV4_BYTES) return formatIpv6(bytes)
  return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`
}

/** The transport address of an IP address of 4 or 16 bytes and a port. */
export function createTransportAddress(ip: Uint8Array, port: number): TransportAddress {
  invariant(ip.length === IPV4_BYTES || ip.length === IPV6_BYTES, 'an IP address has 4 or 16 bytes')
  invariant(isPort(port), 'a port is an integer from 0 to 65535')
  const bytes = unmapped(ip)
  const family = bytes.length === IPV4_BYTES ? 'IPv4' : 'IPv6'
  return { family, address: formatIp(bytes), port }
}

/** The transport address of an IP address in text and a port, or null when they are none. */
export function toTransportAddress(address: string, port: number): TransportAddress | null {
  const ip = parseIp(address)
  return ip === null || !isPort(port) ? null : createTransportAddress(ip, port)
}

/**
 * The transport address that a socket speaks of, or null when it is none. Link-local ones come with the zone
 * of our interface, which means nothing to others.
 */
export function addressOfSocket(remote: {
  readonly address: string
  readonly port: number
}): TransportAddress | null {
  const [ip = ''] = remote.address.split('%')
  return toTransportAddress(ip, remote.port)
}

/** Reads `192.0.2.1:3478` or `[2001:db8::1]:3478`; null for anything else. */
export function parseTransportAddress(text: string): TransportAddress | null {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(0|[1-9]\d{0,4})$/.exec(text)
  if (match === null) return null
  const [, bracketed, bare, port] = match
  const address = bracketed ?? bare ?? ''
  // Brackets belong to IPv6 alone (RFC 5952 section 6).
  if ((bracketed !== undefined) !== address.includes(':')) return null
  return toTransportAddress(address, Number(port))
}

/** Writes `192.0.2.1:3478` or `[2001:db8::1]:3478`. */
export function formatTransportAddress({ family, address, port }: TransportAddress): string {
  return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`
}

/** The 4 or 16 bytes of a transport address. */
export function ipOf({ address }: TransportAddress): Uint8Array {
  const ip = parseIp(address)
  invariant(ip !== null, 'a transport address holds a valid IP address')
  return ip
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 0 && port <= MAX_PORT
}

function unmapped(ip: Uint8Array): Uint8Array {
  const isMapped = ip.length === IPV6_BYTES && MAPPED_PREFIX.every((byte, at) => ip[at] === byte)
  return isMapped ? ip.subarray(MAPPED_PREFIX.length) : ip
}

function parseIpv4(text: string): number[] | null {
  const bytes: number[] = []
  let value = -1
  for (let at = 0; at <= text.length; at++) {
    // The end closes the last part as a dot does.
    const digit = (at === text.length ? DOT : text.charCodeAt(at)) - ZERO
    if (digit === DOT - ZERO) {
      if (value < 0) return null
      bytes.push(value)
      value = -1
      continue
    }
    // No leading zeros: some readers take them as octal, so the text would mean two addresses.
    if (digit < 0 || digit > 9 || value === 0) return null
    value = value < 0 ? digit : 10 * value + digit
    if (value > 255) return null
  }
  return bytes.length === IPV4_BYTES ? bytes : null
}

function parseIpv6(text: string): number[] | null {
  const [left = '', right, surplus] = text.split('::')
  if (surplus !== undefined) return null
  if (right === undefined) {
    const bytes = parseGroups(left, true)
    return bytes?.length === IPV6_BYTES ? bytes : null
  }
  const head = parseGroups(left, false)
  const tail = parseGroups(right, true)
  if (head === null || tail === null) return null
  const missing = IPV6_BYTES - head.length - tail.length
  // `::` stands for at least one group.
  return missing < 2 ? null : [...head, ...Array.from({ length: missing }, () => 0), ...tail]
}

function parseGroups(text: string, mayEndInIpv4: boolean): number[] | null {
  if (text === '') return []
  const bytes: number[] = []
  const groups = text.split(':')
  for (const [index, group] of groups.entries()) {
    if (/^[\da-f]{1,4}$/i.test(group)) {
      const value = Number.parseInt(group, 16)
      bytes.push(value >> 8, value & 0xff)
      continue
    }
    const quad = mayEndInIpv4 && index === groups.length - 1 ? parseIpv4(group) : null
    if (quad === null) return null
    bytes.push(...quad)
  }
  return bytes
}

function formatIpv6(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const groups = Array.from({ length: IPV6_GROUPS }, (_, index) => view.getUint16(2 * index))
  const { start, length } = longestZeroRun(groups)
  const text = groups.map((group) => group.toString(16))
  // One zero group is written out (RFC 5952 section 4.2.2).
  if (length < 2) return text.join(':')
  return `${text.slice(0, start).join(':')}::${text.slice(start + length).join(':')}`
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let longest = { start: 0, length: 0 }
  let length = 0
  for (const [index, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0
    // Strictly longer: of equal runs the first is shortened (RFC 5952 section 4.2.3).
    if (length > longest.length) longest = { start: index - length + 1, length }
  }
  return longest
}
