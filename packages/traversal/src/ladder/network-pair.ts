// The name under which it is remembered what worked between two networks.
import type { NatReport } from '../nat/nat-report.ts'

/** Networks change their addresses within these prefixes; a pair is the same from both sides. */
export function networkPairKey(mine: NatReport, theirs: NatReport): string {
  return [mine, theirs].map(prefixOf).toSorted().join(' ')
}

/** IPv4 /24 or IPv6 /48, as text. */
function prefixOf({ addresses: [address = 'unknown'] }: NatReport): string {
  const isIpv6 = address.includes(':')
  return address
    .split(isIpv6 ? ':' : '.')
    .slice(0, 3)
    .join(isIpv6 ? ':' : '.')
}
