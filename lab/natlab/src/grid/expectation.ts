// What is possible between two places, by the table of RFC 4787 behaviours: the lab's own word, made
// from what the self-test has measured, not from what the product believes of a network. Pure.

import type { Behaviour, OpenBehaviour } from '../behaviour.ts'

/** The lightest way to a direct path; `relay` when there is none. */
export type Way = 'plain' | 'predicted' | 'birthday-block' | 'birthday' | 'relay'

/** What to expect of a pair. */
export interface Expectation {
  readonly way: Way
  /** Whether plain ICE must connect it directly: what stock WebRTC is expected to do. */
  readonly stock: 'direct' | 'relay'
}

/** Judges a pair of places by what they do. */
export function expectationOf(a: Behaviour, b: Behaviour): Expectation {
  const way = wayOf(a, b)
  return { way, stock: way === 'plain' ? 'direct' : 'relay' }
}

function wayOf(a: Behaviour, b: Behaviour): Way {
  if (a.ipv6 !== 'none' && b.ipv6 !== 'none') return 'plain'
  if (a.udp === 'blocked' || b.udp === 'blocked') return 'relay'
  if (letsIn(a, b) || letsIn(b, a)) return 'plain'
  return trick(a, b)
}

/** Whether what one knows of its own ports is enough for the other to get in. */
function letsIn(one: OpenBehaviour, other: OpenBehaviour): boolean {
  if (!isPredictable(one)) return false
  return isPredictable(other) || one.filtering !== 'address-and-port-dependent'
}

function isPredictable({ mapping }: OpenBehaviour): boolean {
  return mapping === 'endpoint-independent'
}

type Ports = 'known' | 'walking' | 'block' | 'any'

/** Unknown ports of one side can be guessed; of both sides only where there are few. */
function trick(a: OpenBehaviour, b: OpenBehaviour): Way {
  const ports = [portsOf(a), portsOf(b)]
  const unknown = ports.filter((one) => one === 'block' || one === 'any')
  if (unknown.length === 0) return 'predicted'
  if (ports.includes('known')) return unknown[0] === 'block' ? 'birthday-block' : 'birthday'
  return unknown.includes('any') ? 'relay' : 'birthday-block'
}

function portsOf(place: OpenBehaviour): Ports {
  if (isPredictable(place)) return 'known'
  if (place.allocation === 'sequential') return 'walking'
  return place.allocation === 'block' ? 'block' : 'any'
}
