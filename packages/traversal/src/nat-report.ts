// What a peer can tell of its NAT, from STUN answers (RFC 5780, RFC 4787 section 4 and 5) and from
// who gets in unasked. Judges evidence, sends nothing. What cannot be known is said to be unknown,
// and why: a guess would cost seconds of vain punching.

/**
 * How much of a destination decides over a mapping, or over who may answer through it.
 * `port-independent` is what one server address can tell: not the port; the address may matter.
 */
export type Dependence =
  | 'endpoint-independent'
  | 'address-dependent'
  | 'address-and-port-dependent'
  | 'port-independent'
  | 'unknown'

/** How external ports are chosen; a `block` is a range of at most `MAX_BLOCK_PORTS`. */
export type Allocation = 'preserving' | 'sequential' | 'block' | 'random' | 'unknown'

/** Ports from `first` to `last`, both included. */
export interface PortRange {
  readonly first: number
  readonly last: number
}

/** Why a part of the report is unknown. */
export type Unknown =
  | 'silent'
  | 'one-server-address'
  | 'one-server-port'
  | 'few-samples'
  | 'unprobed'

/** What is known of the way from a host to the internet. Plain data. */
export interface NatReport {
  readonly udp: 'open' | 'blocked' | 'unknown'
  readonly mapping: Dependence
  readonly filtering: Dependence
  readonly allocation: Allocation
  /** Sequential: from one port to the next, negative when they fall. */
  readonly delta?: number
  /** Sequential: mappings that others make on the same NAT, per second, as far as seen. */
  readonly flowsPerSecond?: number
  /** Block and random: where new ports come from. */
  readonly range?: PortRange
  readonly hairpin?: boolean
  readonly ipv6?: boolean
  /** TCP gets out to other ports than that of the web. */
  readonly tcp?: boolean
  /** Public addresses in the order seen; more than one IPv4 address is pooling (RFC 4787, 4.1). */
  readonly addresses: readonly string[]
  readonly unknown: readonly Unknown[]
}

/** One STUN question, in the order sent. */
export interface NatSample {
  /** Which local socket asked, by number. */
  readonly socket: number
  /** Which address and which port of the server, by number. */
  readonly server: { readonly address: number; readonly port: number }
  readonly sentMs: number
  /** What the server saw; absent when it did not answer. */
  readonly mapped?: { readonly address: string; readonly port: number }
}

/** What the server's own questions gave (RFC 5780 section 4.4), as the rendezvous says it. */
export interface FilteringProbe {
  readonly otherAddress: 'answered' | 'silent' | 'untested'
  readonly otherPort: 'answered' | 'silent' | 'untested'
}

/** All there is to judge; more samples make a better report. */
export interface NatEvidence {
  readonly samples: readonly NatSample[]
  readonly probe?: FilteringProbe
  /** Ports of the local sockets by number, where the runtime shows them. */
  readonly localPorts?: readonly (number | undefined)[]
  readonly hairpin?: boolean
  readonly ipv6?: boolean
  readonly tcp?: boolean
}
