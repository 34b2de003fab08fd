// All findings in one word: how well this network can talk directly. Pure; judges as the ladder does,
// against the router most homes have.
import { isPlainPossible, judgePair } from '@knothole/traversal/ladder'
import type { NatReport } from '@knothole/traversal/ladder'
import type { Findings } from './findings.ts'

/**
 * `easy`: with almost everyone at once. `tricky`: with most, by prediction. `hard`: with many, by
 * luck. `shut`: rarely. `relayed`: never, relays work. `web-only`: never, only the server is left.
 */
export type Verdict =
  | 'running'
  | 'offline'
  | 'unknown'
  | 'easy'
  | 'tricky'
  | 'hard'
  | 'shut'
  | 'relayed'
  | 'web-only'

/** The router most homes have: one port for all, open to whom it was used for. */
const HOME: NatReport = {
  udp: 'open',
  mapping: 'endpoint-independent',
  filtering: 'address-and-port-dependent',
  allocation: 'preserving',
  addresses: [],
  unknown: [],
}

/** The verdict on an examination. */
export function verdictOf({ server, nat, relay, isDone }: Findings): Verdict {
  if (server.state === 'failed') return 'offline'
  if (!isDone) return 'running'
  if (nat === undefined || nat.udp === 'unknown') return 'unknown'
  if (nat.udp === 'blocked') {
    const isRelayed = Object.values(relay).some(({ state }) => state === 'passed')
    return isRelayed ? 'relayed' : 'web-only'
  }
  if (isPlainPossible(nat, HOME)) return 'easy'
  const { best } = judgePair(nat, HOME, false)
  if (best === 'predicted') return 'tricky'
  return best === 'relay' ? 'shut' : 'hard'
}
