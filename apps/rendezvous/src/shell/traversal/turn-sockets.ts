// The TURN server of one thread: the pure server of @knothole/traversal with our cryptography, our
// addresses and sockets for its relayed addresses.
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { networkInterfaces } from 'node:os'
import { checkRestUsername, createTurnServer } from '@knothole/traversal'
import type { PortRange, StunCrypto, TurnQuotas, TurnServer } from '@knothole/traversal'
import { nowMs } from '../clock.ts'
import { createRelayOpener } from './relay-sockets.ts'
import type { UdpNetwork } from '../udp/udp-network.ts'

/** What a thread needs to know to relay; passes between threads. */
export interface TurnSettings {
  readonly secret: string
  /** The same in all threads, for nonces. */
  readonly nonceKey: Uint8Array
  /** As peers see them. */
  readonly relayAddresses: { readonly IPv4?: string; readonly IPv6?: string }
  /** Ports of this thread, and of all. */
  readonly relayPorts: PortRange
  readonly siblingPorts: PortRange
  readonly allowedPeers: readonly string[]
  readonly quotas: Partial<TurnQuotas>
}

/** Shown by no browser; names what the credentials are for. */
const REALM = 'knothole'

const crypto: StunCrypto = {
  hmac: {
    sha1: (key, data) => createHmac('sha1', key).update(data).digest(),
    sha256: (key, data) => createHmac('sha256', key).update(data).digest(),
  },
  md5: (data) => createHash('md5').update(data).digest(),
  sha256: (data) => createHash('sha256').update(data).digest(),
}

/** A TURN server that relays over sockets of this machine. */
export function createTurnOverSockets(settings: TurnSettings, udp: UdpNetwork): TurnServer {
  const { secret, relayAddresses } = settings
  const ownAddresses = addressesOfThisMachine()
  const credentials = { secret, hmacSha1: crypto.hmac.sha1 }
  return createTurnServer({
    realm: REALM,
    passwordOf: (username) =>
      checkRestUsername(credentials, { username, nowUnixS: Math.floor(nowMs() / 1000) }),
    relayAddresses,
    openRelay: createRelayOpener(udp, {
      IPv4: bindFor(relayAddresses.IPv4, ownAddresses, '0.0.0.0'),
      IPv6: bindFor(relayAddresses.IPv6, ownAddresses, '::'),
    }),
    crypto,
    randomBytes: (count) => randomBytes(count),
    nonceKey: settings.nonceKey,
    relayPorts: settings.relayPorts,
    siblingPorts: settings.siblingPorts,
    allowedPeers: settings.allowedPeers,
    ownAddresses,
    quotas: settings.quotas,
    canForbidFragments: udp.canForbidFragments,
  })
}

/** Addresses of this machine's interfaces; `outside`: those that others may reach it by. */
export function addressesOfThisMachine(which: 'all' | 'outside' = 'all'): string[] {
  return Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).flatMap(({ address, internal }) => {
      const isInside = internal || /^fe80:/i.test(address)
      return which === 'outside' && isInside ? [] : [address]
    }),
  )
}

/** A relayed address of this machine is bound as it is; one that a NAT maps to us is not ours to bind. */
function bindFor(address: string | undefined, own: readonly string[], wildcard: string): string {
  return address !== undefined && own.includes(address) ? address : wildcard
}
