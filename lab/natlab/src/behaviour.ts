// What a place does to datagrams, in the words of RFC 4787: mapping (section 4.1), port assignment
// (4.2), filtering (5) and hairpinning (6). The lab claims it per preset and measures it by probe.

/** Which external port a socket gets for different destinations. */
export type Mapping = 'endpoint-independent' | 'address-dependent' | 'address-and-port-dependent'

/** Who may send to a mapped port from outside. */
export type Filtering = 'endpoint-independent' | 'address-dependent' | 'address-and-port-dependent'

/** How external ports are chosen; `block` is random inside a few thousand consecutive ports. */
export type Allocation = 'preserving' | 'sequential' | 'block' | 'random'

/** Where UDP passes. */
export interface OpenBehaviour {
  readonly udp: 'open'
  readonly mapping: Mapping
  readonly filtering: Filtering
  readonly allocation: Allocation
  /** Two sockets behind the same router reach each other by their external addresses. */
  readonly hairpin: boolean
  /** Routers between the host and the public network, told by the hop limit. */
  readonly routers: number
  /** TCP to ports other than the web ports passes. */
  readonly anyTcp: boolean
}

/** Where UDP does not pass. */
export interface BlockedBehaviour {
  readonly udp: 'blocked'
  /** TCP to the web server passes. */
  readonly webTcp: boolean
  readonly anyTcp: boolean
}

/** A place's behaviour as claimed or as measured. */
export type Behaviour = OpenBehaviour | BlockedBehaviour

/** One line of words for a behaviour. */
export function describeBehaviour(behaviour: Behaviour): string {
  const tcp = behaviour.anyTcp ? 'any TCP' : 'web TCP only'
  if (behaviour.udp === 'blocked') return `UDP blocked, ${behaviour.webTcp ? tcp : 'no TCP'}`
  return [
    `mapping ${behaviour.mapping}`,
    `filtering ${behaviour.filtering}`,
    `allocation ${behaviour.allocation}`,
    behaviour.hairpin ? 'hairpin' : 'no hairpin',
    `routers ${behaviour.routers}`,
    tcp,
  ].join(', ')
}

/** Where a measured behaviour differs from the claimed one, in words; empty when it does not. */
export function behaviourDifferences(claimed: Behaviour, measured: Behaviour): string[] {
  const seen = new Map<string, unknown>(Object.entries(measured))
  return Object.entries(claimed)
    .filter(([key, value]) => seen.get(key) !== value)
    .map(([key, value]) => `${key}: claimed ${String(value)}, measured ${String(seen.get(key))}`)
}
