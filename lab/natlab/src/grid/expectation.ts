// What is possible between two places: the oracle of packages/traversal, asked about what the lab has
// measured of them (not about what a page believes of its network). Pure.

import { judgePair, type NatReport, type Verdict } from '@knothole/traversal/ladder'

import type { Behaviour } from '../behaviour.ts'

/** The lightest way to a direct path; `relay` when there is none. */
export type Way = Verdict['best']

/** What to expect of a pair. */
export interface Expectation {
  readonly way: Way
  /** Whether plain ICE must connect it directly: what stock WebRTC is expected to do. */
  readonly stock: 'direct' | 'relay'
  /** Of a way that needs luck: how often it is there before it gives up. */
  readonly chance?: number
}

/** What two places have in common: nothing, a network of their own, or an operator's router. */
export type Common = 'nothing' | 'lan' | 'operator'

/** Judges a pair of places by what they do. */
export function expectationOf(
  [a, b]: readonly [Behaviour, Behaviour],
  about: { readonly common: Common; readonly munging: boolean },
): Expectation {
  const turnsRound = a.udp === 'open' && a.hairpin
  if (about.common === 'lan') return { way: 'plain', stock: 'direct' }
  if (about.common === 'operator' && !turnsRound) return { way: 'relay', stock: 'relay' }
  const { best, tricks } = judgePair(reportOf(a, 1), reportOf(b, 2), about.munging)
  const trick = tricks.find(({ rung }) => rung === best)
  return {
    way: best,
    stock: best === 'plain' ? 'direct' : 'relay',
    ...(trick === undefined ? {} : { chance: trick.chance }),
  }
}

/** All ports an unprivileged mapping may have. */
const ALL_PORTS = { first: 1024, last: 65_535 }

/** What a perfect measurement from inside would say. */
function reportOf(place: Behaviour, number: number): NatReport {
  const ipv6 = place.ipv6 !== 'none'
  const common = { ipv6, tcp: place.anyTcp, addresses: [`203.0.113.${number}`], unknown: [] }
  if (place.udp === 'blocked') {
    const nothing = 'unknown' as const
    return { ...common, udp: 'blocked', mapping: nothing, filtering: nothing, allocation: nothing }
  }
  const { mapping, filtering, allocation, step, blockPorts, hairpin } = place
  const last = blockPorts === undefined ? ALL_PORTS.last : ALL_PORTS.first + blockPorts - 1
  return {
    ...common,
    udp: 'open',
    mapping,
    filtering,
    allocation,
    delta: step,
    hairpin,
    range: { first: ALL_PORTS.first, last },
  }
}
