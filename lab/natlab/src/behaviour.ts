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
  /** Of a sequential allocation: from one port to the next. */
  readonly step?: number
  /** Of a block allocation: how many ports it draws from, a power of two. */
  readonly blockPorts?: number
  /** Two sockets behind the same router reach each other by their external addresses. */
  readonly hairpin: boolean
  /** Routers between the host and the public network, told by the hop limit. */
  readonly routers: number
  /** TCP to ports other than the web ports passes. */
  readonly anyTcp: boolean
  readonly ipv6: Ipv6Filtering
}

/** Who may send to a host's public IPv6 address, once it has sent; `none`: it has no address. */
export type Ipv6Filtering = Filtering | 'none'

/** Where UDP over IPv4 does not pass. */
export interface BlockedBehaviour {
  readonly udp: 'blocked'
  /** TCP to the web server passes. */
  readonly webTcp: boolean
  readonly anyTcp: boolean
  readonly ipv6: Ipv6Filtering
}

/** A place's behaviour as claimed or as measured. */
export type Behaviour = OpenBehaviour | BlockedBehaviour

/** One line of words for a behaviour. */
export function describeBehaviour(behaviour: Behaviour): string {
  const tcp = behaviour.anyTcp ? 'any TCP' : 'web TCP only'
  const ipv6 = behaviour.ipv6 === 'none' ? [] : [`IPv6 filtering ${behaviour.ipv6}`]
  if (behaviour.udp === 'blocked') {
    return ['UDP blocked', behaviour.webTcp ? tcp : 'no TCP', ...ipv6].join(', ')
  }
  const { step, blockPorts } = behaviour
  const detail = step === undefined ? (blockPorts ?? '') : `step ${step}`
  return [
    `mapping ${behaviour.mapping}`,
    `filtering ${behaviour.filtering}`,
    `allocation ${behaviour.allocation} ${detail}`.trim(),
    behaviour.hairpin ? 'hairpin' : 'no hairpin',
    `routers ${behaviour.routers}`,
    tcp,
    ...ipv6,
  ].join(', ')
}

/** Where a measured behaviour differs from the claimed one, in words; empty when it does not. */
export function behaviourDifferences(claimed: Behaviour, measured: Behaviour): string[] {
  const seen = new Map<string, unknown>(Object.entries(measured))
  return Object.entries(claimed)
    .filter(([key, value]) => seen.get(key) !== value)
    .map(([key, value]) => `${key}: claimed ${String(value)}, measured ${String(seen.get(key))}`)
}
