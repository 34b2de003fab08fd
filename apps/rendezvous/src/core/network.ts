// Who counts as one for the limits per address: an IPv4 address, or the /64 that one IPv6 host
// usually has to itself (RFC 6177).
import { ipOf } from '@knothole/traversal'
import type { TransportAddress } from '@knothole/traversal'

const IPV6_PREFIX_BYTES = 8

/** The network of an address as a key of a table. */
export function networkOf(remote: TransportAddress): string {
  if (remote.family === 'IPv4') return remote.address
  return ipOf(remote).subarray(0, IPV6_PREFIX_BYTES).join(':')
}
