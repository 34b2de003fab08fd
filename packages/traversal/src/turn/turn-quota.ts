// How many allocations a user, an address and all together hold (RFC 8656 section 7.2, 486 and 508).
// Counts only; a name or address with none is forgotten.
import type { TransportAddress } from '../address.ts'
import { ipOf } from '../address.ts'
import type { TurnQuotas } from './turn-interface.ts'

/** Who holds an allocation. */
export interface TurnHolder {
  readonly user: string
  /** See `networkOf`. */
  readonly network: string
}

export interface TurnQuotaTable {
  /** Counts one more, or says why not. */
  take(holder: TurnHolder): 'taken' | 'quota-reached' | 'server-full'
  release(holder: TurnHolder): void
  size(): number
}

/** One host usually has a whole /64 of IPv6 to draw addresses from (RFC 6177). */
const IPV6_PREFIX_BYTES = 8

export function createQuotaTable(quotas: TurnQuotas): TurnQuotaTable {
  const byUser = new Map<string, number>()
  const byNetwork = new Map<string, number>()
  let total = 0
  return {
    take({ user, network }) {
      if (total >= quotas.allocations) return 'server-full'
      const isUserFull = (byUser.get(user) ?? 0) >= quotas.allocationsPerUser
      if (isUserFull || (byNetwork.get(network) ?? 0) >= quotas.allocationsPerAddress) {
        return 'quota-reached'
      }
      add(byUser, user, 1)
      add(byNetwork, network, 1)
      total += 1
      return 'taken'
    },
    release({ user, network }) {
      add(byUser, user, -1)
      add(byNetwork, network, -1)
      total -= 1
    },
    size: () => total,
  }
}

/** What counts as one address for a quota: all of IPv4, the first half of IPv6. */
export function networkOf(client: TransportAddress): string {
  if (client.family === 'IPv4') return client.address
  return ipOf(client).subarray(0, IPV6_PREFIX_BYTES).join(':')
}

function add(counts: Map<string, number>, key: string, difference: number): void {
  const count = (counts.get(key) ?? 0) + difference
  if (count === 0) counts.delete(key)
  else counts.set(key, count)
}
