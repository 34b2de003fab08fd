// The address plan of the lab. Public addresses are the documentation network of RFC 5737; operator
// networks lie in 100.64.0.0/10 (RFC 6598); every LAN has its own 192.168.N.0/24.

/** The gateway every public attachment uses; it lives on each port of the core. */
export const CORE_ADDRESS = '203.0.113.1'
/** The server's two addresses: STUN that tells mapping and filtering needs two (RFC 5780). */
export const SERVER_ADDRESSES: readonly [string, string] = ['203.0.113.10', '203.0.113.11']
/** Where the rendezvous (or the stock server) serves its page. */
export const WEB_PORT = 8080
/** TCP ports that pass where nothing else does. */
export const WEB_PORTS: readonly number[] = [443, WEB_PORT]
/** An address nobody has (RFC 5737): the public network drops what goes there. */
export const NOBODY_ADDRESS = '198.51.100.1'
/** The two STUN ports of the server. */
export const STUN_PORTS: readonly [number, number] = [3478, 3479]
/** The origin of the page. */
export const WEB_ORIGIN: string = `http://${SERVER_ADDRESSES[0]}:${WEB_PORT}`

/** First last byte given to sites; below are the core and the server. */
const FIRST_SITE_BYTE = 20
const LAST_SITE_BYTE = 250

/** The n-th public address for sites, n from 0. */
export function sitePublicAddress(n: number): string {
  const byte = FIRST_SITE_BYTE + n
  if (byte > LAST_SITE_BYTE) throw new RangeError('the public network of the lab is full')
  return `203.0.113.${byte}`
}

/** The network between an operator's NAT (.1) and its subscriber (.2). */
export function operatorNetwork(n: number): { gateway: string; subscriber: string } {
  return { gateway: `100.64.${n}.1`, subscriber: `100.64.${n}.2` }
}

/** A site's LAN: the router is .1, hosts count from .10. */
export function lanNetwork(n: number): { gateway: string; host: (index: number) => string } {
  return { gateway: `192.168.${n}.1`, host: (index) => `192.168.${n}.${10 + index}` }
}
