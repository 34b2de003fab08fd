// The STUN servers of the page's configuration that can tell a NAT's behaviour: those named by an
// address, since a name says nothing of whether two of them are one. In the order a browser asks them.
import type { NatSample } from '@knothole/traversal/ladder'

export interface StunServer {
  readonly url: string
  /** Which address and which port, by number. */
  readonly place: NatSample['server']
  readonly isIpv6: boolean
}

/** Two addresses with two ports each tell everything; of each family. */
const MAX_SERVERS = 8

const LITERAL = /^stun:(?:\[([\da-f:.]+)\]|(\d{1,3}(?:\.\d{1,3}){3})):(\d{1,5})$/i

/**
 * The servers named by address, sorted by address and port: Chromium asks in this order whatever the
 * order given, and others in the order given.
 */
export function stunServersOf(urls: readonly string[]): StunServer[] {
  const literals = urls.flatMap((url) => {
    const [, six, four, port] = LITERAL.exec(url) ?? []
    const address = six ?? four
    if (address === undefined) return []
    return [{ url, address, isIpv6: six !== undefined, port: Number(port) }]
  })
  const sorted = literals.toSorted(
    (one, other) =>
      Number(one.isIpv6) - Number(other.isIpv6) ||
      compareAddresses(one.address, other.address) ||
      one.port - other.port,
  )
  const addresses = [...new Set(sorted.map(({ address }) => address))]
  const ports = [...new Set(sorted.map(({ port }) => port))]
  return sorted.slice(0, MAX_SERVERS).map(({ url, address, port, isIpv6 }) => {
    return {
      url,
      isIpv6,
      place: { address: addresses.indexOf(address), port: ports.indexOf(port) },
    }
  })
}

function compareAddresses(one: string, other: string): number {
  const [ones, others] = [one.split('.'), other.split('.')]
  // Compressed IPv6 texts do not sort as numbers; their order is not used to tell sequences.
  if (ones.length !== 4 || others.length !== 4) return one < other ? -1 : Number(one > other)
  for (const [index, part] of ones.entries()) {
    const difference = Number(part) - Number(others[index])
    if (difference !== 0) return difference
  }
  return 0
}
