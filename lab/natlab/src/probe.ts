// Turns what the probe saw (probe-main.ts) into a behaviour in the words of RFC 4787. Pure.

import type { Behaviour, Filtering, Mapping, OpenBehaviour } from './behaviour.ts'
import type { Endpoint } from './binding.ts'

/** One socket's external endpoints for the four destinations, in the order they were asked. */
export interface SocketSample {
  readonly localPort: number
  /** Address 1 port 1, address 1 port 2, address 2 port 1, address 2 port 2. */
  readonly mapped: readonly Endpoint[]
}

/** Everything the probe saw from one host. */
export interface Observations {
  /** Sockets in the order they were used; empty when nothing answered. */
  readonly samples: readonly SocketSample[]
  /** A socket that had only contacted address 1 port 1 heard from address 2. */
  readonly heardOtherAddress: boolean
  /** A socket that had only contacted address 1 port 1 heard from address 1 port 2. */
  readonly heardOtherPort: boolean
  readonly heardOwnExternalAddress: boolean
  /** Smallest hop limit with which a request was answered. */
  readonly hopLimit: number | undefined
  readonly webTcp: boolean
  readonly anyTcp: boolean
  /** From which other ends the host's IPv6 address was heard; undefined when it has none. */
  readonly ipv6: { readonly otherAddress: boolean; readonly otherPort: boolean } | undefined
  /**
   * Whether an answer held back for less, and one held back for more than the claimed life of a
   * mapping arrived; undefined where no life is claimed.
   */
  readonly lateAnswers: { readonly within: boolean; readonly beyond: boolean } | undefined
  /** Of each answered request, one after the other. */
  readonly roundTripsMs: readonly number[]
}

/** Deltas above this are not taken for counting: RFC 4787 4.2.2 knows steps of 1 and 2. */
const LARGEST_STEP = 16
/** A block is smaller than this; random ports of all would have to be very lucky to lie so close. */
const LARGEST_BLOCK_PORTS = 8192

/** Classifies; `coreHops` is what the public network itself takes off the hop limit. */
export function classify(seen: Observations, coreHops: number): Behaviour {
  const { webTcp, anyTcp } = seen
  const ipv6 =
    seen.ipv6 === undefined ? 'none' : filteringOf(seen.ipv6.otherAddress, seen.ipv6.otherPort)
  if (seen.samples.length === 0) return { udp: 'blocked', webTcp, anyTcp, ipv6 }
  return {
    udp: 'open',
    mapping: classifyMapping(seen.samples),
    filtering: filteringOf(seen.heardOtherAddress, seen.heardOtherPort),
    ...classifyAllocation(seen.samples),
    hairpin: seen.heardOwnExternalAddress,
    routers: (seen.hopLimit ?? Number.NaN) - 1 - coreHops,
    anyTcp,
    ipv6,
  }
}

function classifyMapping(samples: readonly SocketSample[]): Mapping {
  const same = (...indices: number[]): boolean =>
    samples.every(({ mapped }) => {
      const names = indices.map((index) => `${mapped[index]?.address}:${mapped[index]?.port}`)
      return new Set(names).size === 1
    })
  if (same(0, 1, 2, 3)) return 'endpoint-independent'
  if (same(0, 1) && same(2, 3)) return 'address-dependent'
  return 'address-and-port-dependent'
}

function filteringOf(heardOtherAddress: boolean, heardOtherPort: boolean): Filtering {
  if (heardOtherAddress) return 'endpoint-independent'
  return heardOtherPort ? 'address-dependent' : 'address-and-port-dependent'
}

function classifyAllocation(
  samples: readonly SocketSample[],
): Pick<OpenBehaviour, 'allocation' | 'step' | 'blockPorts'> {
  const preserved = samples.every(({ localPort, mapped }) =>
    mapped.every(({ port }) => port === localPort),
  )
  if (preserved) return { allocation: 'preserving' }
  const ports = samples.flatMap(({ mapped }) => mapped.map(({ port }) => port))
  const steps = ports.slice(1).map((port, index) => port - (ports[index] ?? 0))
  const [step = 0] = steps
  if (step !== 0 && Math.abs(step) <= LARGEST_STEP && steps.every((other) => other === step)) {
    return { allocation: 'sequential', step }
  }
  const spread = Math.max(...ports) - Math.min(...ports) + 1
  if (spread > LARGEST_BLOCK_PORTS) return { allocation: 'random' }
  return { allocation: 'block', blockPorts: 2 ** Math.ceil(Math.log2(spread)) }
}
