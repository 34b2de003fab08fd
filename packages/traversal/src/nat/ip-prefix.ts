// Ranges of IP addresses: `192.0.2.0/24`, `2001:db8::/32`, or one address. Read strictly: bits behind
// the prefix must be zero, since who writes others means another range.
import { parseIp } from '../address.ts'

/** A range of addresses of one family. */
export interface IpPrefix {
  /** 4 or 16 bytes. */
  readonly ip: Uint8Array
  readonly bits: number
}

/** The range that `text` names, or null. */
export function parseIpPrefix(text: string): IpPrefix | null {
  const [, address = '', digits] = /^([^/]+)(?:\/(0|[1-9]\d{0,2}))?$/.exec(text) ?? []
  const ip = parseIp(address)
  if (ip === null) return null
  const bits = digits === undefined ? 8 * ip.length : Number(digits)
  if (bits > 8 * ip.length) return null
  const hasRest = ip.some((byte, index) => (byte & ~maskAt(bits, index)) !== 0)
  return hasRest ? null : { ip, bits }
}

/** Whether `ip` of 4 or 16 bytes lies in the range; never when it is of the other family. */
export function isInPrefix(ip: Uint8Array, prefix: IpPrefix): boolean {
  if (ip.length !== prefix.ip.length) return false
  return ip.every((byte, index) => (byte & maskAt(prefix.bits, index)) === prefix.ip[index])
}

function maskAt(bits: number, index: number): number {
  const inByte = Math.min(8, Math.max(0, bits - 8 * index))
  return 0xff & (0xff << (8 - inByte))
}
