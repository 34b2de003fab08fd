// Which of the relays we were told of are reached how, from their URLs (RFC 7065). Pure.
import type { IceServers } from '@knothole/wire'
import type { RelayTransport } from './findings.ts'

export const RELAY_TRANSPORTS: readonly RelayTransport[] = ['udp', 'tcp', 'tls']

/** The relays that are reached this way, as a connection takes them; undefined where there are none. */
export function relayServers(
  told: IceServers | undefined,
  transport: RelayTransport,
): readonly RTCIceServer[] | undefined {
  const urls = told?.urls.filter((url) => transportOf(url) === transport) ?? []
  if (told === undefined || urls.length === 0) return undefined
  const { username, credential } = told
  return [{ urls, username, credential }]
}

function transportOf(url: string): RelayTransport | undefined {
  const isTcp = /[?&]transport=tcp/i.test(url)
  if (/^turns:/i.test(url)) return 'tls'
  if (!/^turn:/i.test(url)) return undefined
  return isTcp ? 'tcp' : 'udp'
}
