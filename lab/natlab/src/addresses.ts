// The address plan of the lab. Public addresses are the documentation network of RFC 5737; operator
// networks lie in 100.64.0.0/10 (RFC 6598); every LAN has its own 192.168.N.0/24. IPv6 is all
// 2001:db8::/32 (RFC 3849), with a network of its own per site.

/** The gateway every public attachment uses; it lives on each port of the core. */
export const CORE_ADDRESS = '203.0.113.1'
/** What is public here: documentation networks, which servers elsewhere rightly refuse to relay to. */
export const PUBLIC_NETWORKS: readonly string[] = ['203.0.113.0/24', '2001:db8::/32']
/** The server's two addresses: STUN that tells mapping and filtering needs two (RFC 5780). */
export const SERVER_ADDRESSES: readonly [string, string] = ['203.0.113.10', '203.0.113.11']
/** The same in IPv6, for those who have it. */
export const CORE_ADDRESS6 = '2001:db8::1'
export const SERVER_ADDRESSES6: readonly [string, string] = ['2001:db8::10', '2001:db8::11']
/** A third address of the server, for the stock baseline's page beside Knothole's. */
export const STOCK_ADDRESS = '203.0.113.12'
/** Everything that is the server. */
export const ALL_SERVER_ADDRESSES: readonly string[] = [
  ...SERVER_ADDRESSES,
  STOCK_ADDRESS,
  ...SERVER_ADDRESSES6,
]
/** Where the page is served: the port that passes where nothing else does. */
export const WEB_PORT = 443
/** An address nobody has (RFC 5737): the public network drops what goes there. */
export const NOBODY_ADDRESS = '198.51.100.1'
/** The two STUN ports of the server. */
export const STUN_PORTS: readonly [number, number] = [3478, 3479]
/** The origin of the page. */
export const WEB_ORIGIN: string = `http://${SERVER_ADDRESSES[0]}:${WEB_PORT}`
/** The origin of the stock page where both run side by side. */
export const STOCK_ORIGIN: string = `http://${STOCK_ADDRESS}:${WEB_PORT}`

/** First last byte given to sites; below are the core and the server. */
const FIRST_SITE_BYTE = 20
const LAST_SITE_BYTE = 250

/** The n-th public address for sites, n from 0. */
export function sitePublicAddress(n: number): string {
  const byte = FIRST_SITE_BYTE + n
  if (byte > LAST_SITE_BYTE) throw new RangeError('the public network of the lab is full')
  return `203.0.113.${byte}`
}

/** The network between an operator's NAT (.1) and its subscribers, from .2. */
export function operatorNetwork(n: number): {
  gateway: string
  subscriber: (index: number) => string
} {
  return { gateway: `100.64.${n}.1`, subscriber: (index) => `100.64.${n}.${2 + index}` }
}

/** A site's IPv6: its router's address outside, and the LAN's network. */
export function siteNetwork6(n: number): {
  router: string
  network: string
  gateway: string
  host: (index: number) => string
} {
  const prefix = `2001:db8:0:${n.toString(16)}::`
  return {
    router: `2001:db8::f:${n.toString(16)}`,
    network: `${prefix}/64`,
    gateway: `${prefix}1`,
    host: (index) => `${prefix}${(16 + index).toString(16)}`,
  }
}

/** A site's LAN: the router is .1, hosts count from .10. */
export function lanNetwork(n: number): { gateway: string; host: (index: number) => string } {
  return { gateway: `192.168.${n}.1`, host: (index) => `192.168.${n}.${10 + index}` }
}
