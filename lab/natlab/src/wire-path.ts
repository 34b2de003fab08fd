// Where the bytes between two hosts really went, from the counters of the hosts and of the public
// network; and whether that agrees with what the pages say. Pure.

import { ALL_SERVER_ADDRESSES } from './addresses.ts'
import { bytesBetween, type Counters } from './counters.ts'

/** A path as seen from outside; `mixed` when the two directions differ, `none` when nothing flowed. */
export type WirePath = 'lan' | 'direct' | 'relayed' | 'mixed' | 'none'

/** One end, and what it sent while the proof messages were under way. */
export interface WireEnd {
  /** Of its own. */
  readonly addresses: readonly string[]
  /** Those under which others see it: its router's, and its own where nothing translates. */
  readonly publicAddresses: readonly string[]
  /** Names the place: two ends of one site share a LAN. */
  readonly site: number
  readonly sent: Counters
}

/** What a page may call a path (design: words), and how it must look from outside. */
const SEEN_AS: Readonly<Record<string, WirePath>> = {
  lan: 'lan',
  direct: 'direct',
  predicted: 'direct',
  birthday: 'direct',
  turn: 'relayed',
  'member-relay': 'relayed',
  'ws-relay': 'relayed',
}

/** The path of at least `proofBytes` sent each way between two ends. */
export function findWirePath(
  ends: readonly [WireEnd, WireEnd],
  evidence: { core: Counters; proofBytes: number },
): WirePath {
  const [a, b] = ends
  const there = directionPath({ from: a, to: b }, evidence)
  const back = directionPath({ from: b, to: a }, evidence)
  return there === back ? there : 'mixed'
}

/** Whether a page's word for a path agrees with what was seen. */
export function confirms(pagePath: string, seen: { wire: WirePath; translated: boolean }): boolean {
  // Two hosts without NAT see only each other's own addresses, as on a LAN.
  if (pagePath === 'lan' && seen.wire === 'direct' && !seen.translated) return true
  return SEEN_AS[pagePath] === seen.wire
}

function directionPath(
  ends: { from: WireEnd; to: WireEnd },
  evidence: { core: Counters; proofBytes: number },
): WirePath {
  const { from, to } = ends
  const { core, proofBytes } = evidence
  const sent = from.sent.flows.filter(({ protocol }) => protocol === 'udp' || protocol === 'tcp')
  const sameSite = from.site === to.site
  const reaches = (addresses: readonly string[]): boolean =>
    bytesBetween(sent, { to: addresses }) >= proofBytes
  if (sameSite && reaches(to.addresses)) return 'lan'
  if (reaches(to.publicAddresses)) {
    const crossed = bytesBetween(core.flows, {
      from: from.publicAddresses,
      to: to.publicAddresses,
    })
    // A hairpin turns round at the router that both are behind and never shows on the public network.
    const turns = sameSite || from.publicAddresses.some((own) => to.publicAddresses.includes(own))
    return turns || crossed >= proofBytes ? 'direct' : 'none'
  }
  const toServer = reaches(ALL_SERVER_ADDRESSES)
  const total = sent.reduce((sum, flow) => sum + flow.bytes, 0)
  return toServer || total >= proofBytes ? 'relayed' : 'none'
}
