// Which peers clients may reach through us: without it a relay is a door into the network it stands
// in (RFC 8656 section 21.1.6). Decided by address, since permissions are; only of our own relayed
// address the port counts too. Knows no names, and no DNS.
import type { TransportAddress } from '../address.ts'
import { formatIp, ipOf, parseIp } from '../address.ts'
import { invariant } from '../invariant.ts'
import type { IpPrefix } from '../nat/ip-prefix.ts'
import { isInPrefix, parseIpPrefix } from '../nat/ip-prefix.ts'
import type { PortRange, TurnServerOptions } from './turn-interface.ts'

/** `siblings`: only ports that this server relays from, for clients that are each other's peers. */
export type PeerReach = 'all' | 'siblings' | 'none'

export interface PeerPolicy {
  reach(peer: TransportAddress): PeerReach
  /** Whether the address is our own relayed one, where our clients are each other's peers. */
  isRelayed(peer: TransportAddress): boolean
  /** Whether that port may be reached, of an address that may. */
  reachesPort(peer: TransportAddress): boolean
  /** Clients are served on this port: relaying to it would let packets go round in circles. */
  addListener(port: number): void
}

/** What RFC 6890 calls not globally reachable; of documentation prefixes see below. */
const DENIED: readonly string[] = [
  '0.0.0.0/8', // this network, unspecified
  '10.0.0.0/8', // private
  '100.64.0.0/10', // shared by carriers (CGN)
  '127.0.0.0/8', // loopback
  '169.254.0.0/16', // link-local; the metadata service of clouds
  '172.16.0.0/12', // private
  '192.0.0.0/24', // IETF protocol assignments, DS-Lite
  '192.88.99.0/24', // 6to4 relays, withdrawn
  '192.168.0.0/16', // private
  '198.18.0.0/15', // benchmarking of devices
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, broadcast
  // Of IPv6 all but global unicast, 2000::/3. In ::/8 lie unspecified, loopback and the prefixes of
  // NAT64, which hide IPv4 addresses; further up unique local, link-local, multicast.
  '::/3',
  '4000::/2',
  '8000::/1',
  '2001::/23', // IETF protocol assignments; Teredo, which hides IPv4 addresses
  '2002::/16', // 6to4, which hides them too
]
// 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24 and 2001:db8::/32 are not in the list: nobody is
// there on the internet, and in laboratories they are the internet.

export type PeerPolicyOptions = Pick<
  TurnServerOptions,
  'relayAddresses' | 'allowedPeers' | 'deniedPeers' | 'ownAddresses'
> & { readonly siblingPorts: PortRange }

/** Refusals by name come first, then what is allowed by name, then our own addresses and `DENIED`. */
export function createPeerPolicy(options: PeerPolicyOptions): PeerPolicy {
  const { allowedPeers = [], deniedPeers = [], ownAddresses = [], siblingPorts } = options
  const allowed = allowedPeers.map(prefixOf)
  const deniedByName = deniedPeers.map(prefixOf)
  const denied = [...DENIED, ...ownAddresses].map(prefixOf)
  const listeners = new Set<number>()
  const relayed = new Set(Object.values(options.relayAddresses).map(canonical))

  return {
    reach(peer) {
      const ip = ipOf(peer)
      if (isIn(ip, deniedByName)) return 'none'
      if (isIn(ip, allowed)) return 'all'
      if (relayed.has(peer.address)) return 'siblings'
      return isIn(ip, denied) ? 'none' : 'all'
    },
    isRelayed: (peer) => relayed.has(peer.address),
    reachesPort(peer) {
      if (peer.port === 0) return false
      // The usual case, and that of every packet: somebody else's address.
      if (!relayed.has(peer.address)) return true
      if (peer.port >= siblingPorts.first && peer.port <= siblingPorts.last) return true
      return !listeners.has(peer.port) && isIn(ipOf(peer), allowed)
    },
    addListener: (port) => void listeners.add(port),
  }
}

function isIn(ip: Uint8Array, prefixes: readonly IpPrefix[]): boolean {
  return prefixes.some((prefix) => isInPrefix(ip, prefix))
}

function prefixOf(text: string): IpPrefix {
  const prefix = parseIpPrefix(text)
  invariant(prefix !== null, `${text} is no range of IP addresses`)
  return prefix
}

function canonical(text: string): string {
  const ip = parseIp(text)
  invariant(ip !== null, `${text} is no IP address`)
  return formatIp(ip)
}
