// Reads the packet counters a namespace keeps (ruleset.ts) and subtracts two readings. This is how
// the lab checks by itself where bytes really flow, whatever a page claims.

import type { Namespace } from './namespaces.ts'

/** Packets of one kind from one address to another. */
export interface Flow {
  readonly from: string
  readonly to: string
  readonly protocol: string
  /** Destination port; 0 where the protocol has none. */
  readonly port: number
  readonly packets: number
  readonly bytes: number
}

/** A reading of one namespace's counters. */
export interface Counters {
  /** Everything sent, TCP openings included. */
  readonly flows: readonly Flow[]
  /** TCP packets that open a connection (SYN without ACK). */
  readonly openings: readonly Flow[]
}

/** Reads the counters of a namespace. */
export async function readCounters(namespace: Namespace): Promise<Counters> {
  return parseCounters(await namespace.run(['nft', '-j', 'list', 'ruleset']))
}

/** What happened between two readings. */
export function countersSince(before: Counters, after: Counters): Counters {
  return {
    flows: flowsSince(before.flows, after.flows),
    openings: flowsSince(before.openings, after.openings),
  }
}

/** Bytes in these flows that go from one of these addresses to one of those. */
export function bytesBetween(
  flows: readonly Flow[],
  ends: { from?: readonly string[]; to: readonly string[] },
): number {
  return flows
    .filter((flow) => ends.to.includes(flow.to) && (ends.from?.includes(flow.from) ?? true))
    .reduce((sum, flow) => sum + flow.bytes, 0)
}

/** Parses `nft -j list ruleset`: one table of counters for each version of IP. */
export function parseCounters(listing: string): Counters {
  const sets = new Map<string, Flow[]>()
  for (const item of listOf(JSON.parse(listing), 'nftables')) {
    const set = property(item, 'set')
    const name = property(set, 'name')
    if (typeof name !== 'string') continue
    sets.set(name, [...(sets.get(name) ?? []), ...listOf(set, 'elem').map(parseFlow)])
  }
  return {
    flows: [...(sets.get('flows') ?? []), ...(sets.get('others') ?? [])],
    openings: sets.get('openings') ?? [],
  }
}

function parseFlow(element: unknown): Flow {
  const body = property(element, 'elem')
  const words = listOf(property(body, 'val'), 'concat')
  const [from, to] = words
  const protocol = words.slice(2).find((word) => typeof word === 'string')
  const port = words.slice(2).find((word) => typeof word === 'number')
  const counter = property(body, 'counter')
  return {
    from: String(from),
    to: String(to),
    protocol: typeof protocol === 'string' ? protocol : 'tcp',
    port: port ?? 0,
    packets: Number(property(counter, 'packets')),
    bytes: Number(property(counter, 'bytes')),
  }
}

function flowsSince(before: readonly Flow[], after: readonly Flow[]): Flow[] {
  const key = (flow: Flow): string => [flow.from, flow.to, flow.protocol, flow.port].join(' ')
  const earlier = new Map(before.map((flow) => [key(flow), flow]))
  return after
    .map((flow) => {
      const old = earlier.get(key(flow))
      return {
        ...flow,
        packets: flow.packets - (old?.packets ?? 0),
        bytes: flow.bytes - (old?.bytes ?? 0),
      }
    })
    .filter((flow) => flow.packets > 0)
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? new Map<string, unknown>(Object.entries(value)).get(name)
    : undefined
}

function listOf(value: unknown, name: string): unknown[] {
  const list = property(value, name)
  return Array.isArray(list) ? list : []
}
