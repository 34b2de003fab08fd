// Turns what the probe saw (probe-main.ts) into a behaviour in the words of RFC 4787. Pure.

import type { Allocation, Behaviour, Filtering, Mapping } from './behaviour.ts'
import type { Endpoint } from './binding.ts'
import { PORT_BLOCK } from './presets.ts'

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
  /** Of each answered request, one after the other. */
  readonly roundTripsMs: readonly number[]
}

/** Deltas above this are not taken for counting: RFC 4787 4.2.2 knows steps of 1 and 2. */
const LARGEST_STEP = 16

/** Classifies; `coreHops` is what the public network itself takes off the hop limit. */
export function classify(seen: Observations, coreHops: number): Behaviour {
  const { webTcp, anyTcp } = seen
  if (seen.samples.length === 0) return { udp: 'blocked', webTcp, anyTcp }
  return {
    udp: 'open',
    mapping: classifyMapping(seen.samples),
    filtering: classifyFiltering(seen),
    allocation: classifyAllocation(seen.samples),
    hairpin: seen.heardOwnExternalAddress,
    routers: (seen.hopLimit ?? Number.NaN) - 1 - coreHops,
    anyTcp,
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

function classifyFiltering(seen: Observations): Filtering {
  if (seen.heardOtherAddress) return 'endpoint-independent'
  return seen.heardOtherPort ? 'address-dependent' : 'address-and-port-dependent'
}

function classifyAllocation(samples: readonly SocketSample[]): Allocation {
  const preserved = samples.every(({ localPort, mapped }) =>
    mapped.every(({ port }) => port === localPort),
  )
  if (preserved) return 'preserving'
  const ports = samples.flatMap(({ mapped }) => mapped.map(({ port }) => port))
  const steps = ports.slice(1).map((port, index) => port - (ports[index] ?? 0))
  if (steps.every((step) => step === steps[0] && step !== 0 && Math.abs(step) <= LARGEST_STEP)) {
    return 'sequential'
  }
  const inBlock = ports.every((port) => port >= PORT_BLOCK.first && port <= PORT_BLOCK.last)
  return inBlock ? 'block' : 'random'
}
