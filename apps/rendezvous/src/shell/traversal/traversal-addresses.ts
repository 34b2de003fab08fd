// Where STUN and TURN listen, by which address peers reach what is relayed, and by which URLs pages
// and clients are told to ask.
import { isIP, isIPv6 } from 'node:net'
import type { PublicHost } from '../http/public-host.ts'
import { isLoopbackName } from '../http/public-host.ts'
import type { TurnSettings } from './turn-sockets.ts'
import { addressesOfThisMachine } from './turn-sockets.ts'

const WILDCARDS: readonly string[] = ['0.0.0.0', '::']

/** What was configured of addresses. */
export interface ConfiguredAddresses {
  /** Undefined or a wildcard: all. */
  readonly host: string | undefined
  /** Names and addresses that browsers are told; IPv6 in brackets. */
  readonly stunHosts: readonly string[] | undefined
}

/**
 * Of several addresses of this machine a wildcard socket answers from one only, so addresses that
 * browsers are told to ask, and that are ours, get sockets of their own.
 */
export function listenHosts({ host, stunHosts = [] }: ConfiguredAddresses): readonly string[] {
  if (host !== undefined && !WILDCARDS.includes(host)) return [host]
  const own = new Set(addressesOfThisMachine())
  const ownNamed = literalsOf(stunHosts).filter(
    // Of 127.0.0.0/8 systems list one address and have them all.
    (address) => own.has(address) || address.startsWith('127.'),
  )
  if (ownNamed.length > 0) return ownNamed
  return host === '0.0.0.0' ? ['0.0.0.0'] : WILDCARDS
}

/** The relayed addresses as peers see them: as configured, else those told to browsers, else ours. */
export function relayAddressesOf(
  publicAddresses: readonly string[],
  { host, stunHosts = [] }: ConfiguredAddresses,
): TurnSettings['relayAddresses'] {
  if (publicAddresses.length > 0) return firstOfEach(publicAddresses)
  if (host !== undefined && !WILDCARDS.includes(host)) return firstOfEach([host])
  const outside = addressesOfThisMachine('outside')
  const global = outside.filter((address) => !/^f[cd]/i.test(address))
  return firstOfEach([...literalsOf(stunHosts), ...global, ...outside])
}

/** The names by which a page's visitor asks for STUN and TURN; none for a loopback name. */
export function namesFor(
  { hostname }: PublicHost,
  stunHosts: readonly string[] | undefined,
): readonly string[] {
  return stunHosts ?? (isLoopbackName(hostname) ? [] : [hostname])
}

export interface TurnPorts {
  readonly port: number
  readonly tlsPort: number | undefined
}

/**
 * The relay over UDP, TCP and TLS (RFC 7065). The certificate names the host of the page, so TLS is
 * asked for by that name where it is one, and else by the addresses that are told.
 */
export function turnUrlsOf(
  names: readonly string[],
  { hostname }: PublicHost,
  { port, tlsPort }: TurnPorts,
): readonly string[] {
  if (names.length === 0) return []
  const isName = isIP(hostname) === 0 && !hostname.startsWith('[') && !isLoopbackName(hostname)
  const tlsNames = tlsPort === undefined ? [] : isName ? [hostname] : names
  return [
    ...names.map((name) => `turn:${name}:${port}`),
    ...names.map((name) => `turn:${name}:${port}?transport=tcp`),
    ...tlsNames.map((name) => `turns:${name}:${tlsPort}?transport=tcp`),
  ]
}

function literalsOf(hosts: readonly string[]): string[] {
  return hosts.map((name) => name.replaceAll(/[[\]]/g, '')).filter((address) => isIP(address) !== 0)
}

function firstOfEach(addresses: readonly string[]): TurnSettings['relayAddresses'] {
  const ipv4 = addresses.find((address) => !isIPv6(address))
  const ipv6 = addresses.find((address) => isIPv6(address))
  return {
    ...(ipv4 === undefined ? {} : { IPv4: ipv4 }),
    ...(ipv6 === undefined ? {} : { IPv6: ipv6 }),
  }
}
