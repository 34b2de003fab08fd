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
  readonly delta?: number | undefined
  /** Sequential: mappings that others make on the same NAT, per second, as far as seen. */
  readonly flowsPerSecond?: number | undefined
  /** Block and random: where new ports come from. */
  readonly range?: PortRange | undefined
  readonly hairpin?: boolean | undefined
  readonly ipv6?: boolean | undefined
  /** TCP gets out to other ports than that of the web. */
  readonly tcp?: boolean | undefined
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
  readonly probe?: FilteringProbe | undefined
  /** Ports of the local sockets by number, where the runtime shows them. */
  readonly localPorts?: readonly (number | undefined)[]
  readonly hairpin?: boolean | undefined
  readonly ipv6?: boolean | undefined
  readonly tcp?: boolean | undefined
}

/** Beyond this many ports a range is no block: guessing in it needs shared credentials anyway. */
export const MAX_BLOCK_PORTS = 4_096
/** Fewer new ports than these tell no range: four random ones may lie close together by chance. */
export const MIN_RANGE_SAMPLES = 8
/** Ports that others took between two of our questions, at most, for a NAT to count as sequential. */
const MAX_STEPS = 16
/** Of two steps alone, what is larger is taken for chance. */
const MAX_LONE_DELTA = 16
/** What Linux and most others draw from, and what everybody may. */
const LINUX_PORTS: PortRange = { first: 32_768, last: 60_999 }
const ALL_PORTS: PortRange = { first: 1_024, last: 65_535 }

type Mapped = NatSample & { readonly mapped: { readonly address: string; readonly port: number } }

/** Judges the evidence. */
export function reportNat(evidence: NatEvidence): NatReport {
  const { samples, probe, hairpin, ipv6, tcp } = evidence
  const told = samples.filter((sample): sample is Mapped => sample.mapped !== undefined)
  // NATs are of IPv4; what IPv6 servers saw tells of a NAT only where nothing else does.
  const old = told.filter(({ mapped }) => !mapped.address.includes(':'))
  const answered = old.length > 0 ? old : told
  const mapping = mappingOf(answered)
  const report = {
    udp: answered.length > 0 ? 'open' : samples.length > 0 ? 'blocked' : 'unknown',
    mapping,
    filtering: filteringOf(probe),
    ...allocationOf(answered, mapping, evidence.localPorts ?? []),
    hairpin,
    ipv6,
    tcp,
    addresses: [...new Set([...answered, ...told].map(({ mapped }) => mapped.address))],
  } as const
  return { ...report, unknown: unknownOf(report) }
}

function unknownOf(report: Omit<NatReport, 'unknown'>): Unknown[] {
  const { mapping, filtering, allocation } = report
  if (report.addresses.length === 0) return ['silent']
  const reasons: readonly [Unknown, boolean][] = [
    ['one-server-port', mapping === 'unknown'],
    ['one-server-address', [mapping, filtering].includes('port-independent')],
    ['unprobed', filtering === 'unknown'],
    ['few-samples', isDependent(mapping) && allocation === 'unknown'],
  ]
  return reasons.filter(([, holds]) => holds).map(([reason]) => reason)
}

/** Whether a new destination gets a new port. */
export function isDependent(mapping: Dependence): boolean {
  return mapping === 'address-dependent' || mapping === 'address-and-port-dependent'
}

function mappingOf(answered: readonly Mapped[]): Dependence {
  const pairs = answered.flatMap((one, at) =>
    answered.slice(at + 1).flatMap((other) => {
      const isAddress = one.server.address !== other.server.address
      if (one.socket !== other.socket) return []
      if (!isAddress && one.server.port === other.server.port) return []
      const { address, port } = one.mapped
      return [
        { isAddress, differs: address !== other.mapped.address || port !== other.mapped.port },
      ]
    }),
  )
  const ports = pairs.filter(({ isAddress }) => !isAddress)
  if (ports.some(({ differs }) => differs)) return 'address-and-port-dependent'
  if (pairs.some(({ differs }) => differs))
    return ports.length > 0 ? 'address-dependent' : 'address-and-port-dependent'
  if (pairs.length > ports.length) return 'endpoint-independent'
  return pairs.length > 0 ? 'port-independent' : 'unknown'
}

function filteringOf(probe: FilteringProbe | undefined): Dependence {
  if (probe?.otherAddress === 'answered') return 'endpoint-independent'
  if (probe?.otherPort === 'answered')
    return probe.otherAddress === 'silent' ? 'address-dependent' : 'port-independent'
  // A NAT that keeps strangers' ports out of a known address keeps strangers out.
  return probe?.otherPort === 'silent' ? 'address-and-port-dependent' : 'unknown'
}

type AllocationReport = Pick<NatReport, 'allocation' | 'delta' | 'flowsPerSecond' | 'range'>

function allocationOf(
  answered: readonly Mapped[],
  mapping: Dependence,
  localPorts: readonly (number | undefined)[],
): AllocationReport {
  if (!isDependent(mapping)) {
    const isKept = answered.some(({ socket, mapped }) => mapped.port === localPorts[socket])
    return { allocation: isKept ? 'preserving' : 'unknown' }
  }
  // Two destinations may have drawn the same port; one address seen twice is one mapping.
  const isOnce = ({ socket, server }: Mapped, at: number): boolean =>
    answered.findIndex(
      (before) => before.socket === socket && before.server.address === server.address,
    ) === at
  const fresh = mapping === 'address-dependent' ? answered.filter(isOnce) : answered
  const delta = deltaOf(fresh)
  if (delta === undefined) return drawnFrom(fresh.map(({ mapped }) => mapped.port))
  return { allocation: 'sequential', delta, flowsPerSecond: flowsOf(fresh, delta) }
}

/** The step of a sequential NAT; undefined when the ports do not walk. */
function deltaOf(fresh: readonly Mapped[]): number | undefined {
  const last = new Map<number, number>()
  const steps: number[] = []
  for (const { socket, mapped } of fresh) {
    const before = last.get(socket)
    if (before !== undefined) steps.push(mapped.port - before)
    last.set(socket, mapped.port)
  }
  const [first = 0] = steps
  const largest = Math.max(...steps.map(Math.abs))
  // Sockets that asked at the same time took turns, so all ports together tell the step.
  const unit = fresh.reduce((unit, { mapped }) => {
    const distance = mapped.port - (fresh[0]?.mapped.port ?? 0)
    return greatestDivisor(unit, Math.abs(distance))
  }, 0)
  const walks =
    steps.length > 1 &&
    steps.every((step) => step !== 0 && step > 0 === first > 0) &&
    largest <= unit * MAX_STEPS &&
    (steps.length > 2 || largest <= MAX_LONE_DELTA)
  return walks ? Math.sign(first) * unit : undefined
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b)
}

function flowsOf(fresh: readonly Mapped[], delta: number): number {
  const first = fresh[0]
  const last = fresh.at(-1)
  if (first === undefined || last === undefined) return 0
  const others = (last.mapped.port - first.mapped.port) / delta - (fresh.length - 1)
  return flowRate(others, last.sentMs - first.sentMs)
}

/** Whole flows per second; 0 when there was no time to see any. */
export function flowRate(flows: number, elapsedMs: number): number {
  return elapsedMs > 0 ? Math.max(0, Math.round((flows * 1_000) / elapsedMs)) : 0
}

function drawnFrom(ports: readonly number[]): AllocationReport {
  const spread = Math.max(...ports) - Math.min(...ports)
  if (spread >= MAX_BLOCK_PORTS) {
    const isLinux =
      ports.length >= MIN_RANGE_SAMPLES &&
      ports.every((port) => port >= LINUX_PORTS.first && port <= LINUX_PORTS.last)
    return { allocation: 'random', range: isLinux ? LINUX_PORTS : ALL_PORTS }
  }
  if (ports.length < MIN_RANGE_SAMPLES) return { allocation: 'unknown' }
  return { allocation: 'block', range: blockOf(ports) }
}

/**
 * The range that ports drawn at random come from. Of n ports, what lies beyond the outermost is the
 * spread / (n - 1) on average; twice as much leaves out little of the block and adds little to it.
 */
export function blockOf(ports: readonly number[]): PortRange {
  const low = Math.min(...ports)
  const high = Math.max(...ports)
  const beyond = Math.ceil((2 * (high - low)) / Math.max(1, ports.length - 1))
  return {
    first: Math.max(ALL_PORTS.first, low - beyond),
    last: Math.min(ALL_PORTS.last, high + beyond),
  }
}
