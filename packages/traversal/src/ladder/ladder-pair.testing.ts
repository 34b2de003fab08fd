// Two peers behind NATs of given behaviour, on the testkit's internet, in virtual time: one seed gives
// one run, and a run gives what a laboratory would measure.
import { NatNetwork, SeededRandom, VirtualClock } from '@knothole/testkit'
import type { CheckPacket, NatBehaviour, NatRouter, NatSocket } from '@knothole/testkit'
import { LadderPeer } from './ladder-peer.testing.ts'
import type { LadderSettings } from './ladder-types.ts'
import type { NatReport } from '../nat/nat-report.ts'

const PRESERVING = { type: 'preserving' } as const
const KEPT = {
  mapping: 'endpoint-independent',
  filtering: 'address-and-port-dependent',
  allocation: PRESERVING,
  timeoutMs: 60_000,
  hairpin: false,
  flowsPerSecond: 0,
  udp: true,
} as const satisfies NatBehaviour
const DEPENDENT = { ...KEPT, mapping: 'address-and-port-dependent' } as const
const WALK = { type: 'sequential', first: 20_000, count: 40_000, delta: 1 } as const
const SEQUENTIAL = { ...DEPENDENT, allocation: WALK } as const
const BLOCK = { type: 'random', first: 20_000, last: 22_047 } as const

/** The classes of the laboratory, and more. */
export const NATS = {
  C1: { ...KEPT, filtering: 'endpoint-independent' },
  C2: { ...KEPT, filtering: 'address-dependent' },
  /** A carrier's: hosts behind it reach each other through it. */
  C3h: { ...KEPT, hairpin: true },
  C3: KEPT,
  Ss: SEQUENTIAL,
  Ss2: { ...SEQUENTIAL, allocation: { ...WALK, delta: 2 } },
  'Ss-': { ...SEQUENTIAL, allocation: { ...WALK, delta: -1 } },
  Ss10: { ...SEQUENTIAL, flowsPerSecond: 10 },
  Ss50: { ...SEQUENTIAL, flowsPerSecond: 50 },
  Sa: { ...SEQUENTIAL, mapping: 'address-dependent' },
  Sb: { ...DEPENDENT, allocation: BLOCK },
  Sb1: { ...DEPENDENT, allocation: { type: 'random', first: 30_720, last: 31_743 } },
  Sr: { ...DEPENDENT, allocation: { type: 'random', first: 1_024, last: 65_535 } },
  U: { ...KEPT, udp: false },
} as const satisfies Record<string, NatBehaviour>

export type NatName = keyof typeof NATS | 'O'

/** One NAT, or several from the host outwards. */
export type Place = NatName | readonly NatName[]

export interface PairOptions {
  readonly seed: string
  readonly nats: readonly [Place, Place]
  /** Both behind one more NAT. */
  readonly shared?: keyof typeof NATS
  /** Round trip between a host and any other. */
  readonly tripMs?: number
  readonly loss?: number
  readonly settings?: Partial<LadderSettings>
  readonly forMs?: number
  /** What busy pages take to make an attempt's connections, beyond the usual. */
  readonly prepareMs?: number
}

export interface PairResult {
  readonly path: 'direct' | 'ws-relay' | undefined
  /** From the start to the direct path on both sides. */
  readonly directMs: number | undefined
  readonly directBy: string | undefined
  readonly relayMs: number | undefined
  /** Mappings made on both NATs, and packets sent. */
  readonly mappings: number
  readonly packets: number
  readonly plans: number
  /** What alice measured of her way. */
  readonly report: NatReport | undefined
}

/** One run. */
export function runPair(options: PairOptions): PairResult {
  const { seed, nats, tripMs = 20, loss = 0, forMs = 25_000, prepareMs = 0 } = options
  const random = new SeededRandom(seed)
  const clock = new VirtualClock()
  const network = new NatNetwork<CheckPacket>({ clock, random, loss })
  // Starting at another moment finds beats and counters elsewhere.
  clock.advance(random.below(1_000))
  const delayMs = tripMs / 4
  const [first, second] = [openServer(network, delayMs), openServer(network, delayMs)]
  const settings = {
    munging: true,
    hideAddress: false,
    saveData: false,
    relays: ['ws-relay'],
    ...options.settings,
  } as const
  const servers = [first.slice(0, 2), second.slice(0, 2)]
  const probers = [first[2], second[2]] as const
  const world = { clock, random, servers, probers, signalMs: tripMs, settings, prepareMs }
  const routers: NatRouter<CheckPacket>[] = []
  const together =
    options.shared === undefined ? undefined : network.addRouter(NATS[options.shared])
  const [alice, bob] = (['alice', 'bob'] as const).map((name, at) => {
    const chain = [nats[at] ?? 'O'].flat().filter((nat) => nat !== 'O')
    let router = together
    for (const nat of chain.toReversed()) {
      router = network.addRouter(NATS[nat], router)
      routers.push(router)
    }
    return new LadderPeer(name, network.addHost({ delayMs, behind: router }), world)
  })
  if (alice === undefined || bob === undefined) throw new Error('a pair has two')
  alice.meet(bob)
  bob.meet(alice)
  const startMs = clock.elapsedMs()
  for (const peer of [alice, bob]) {
    peer.measure()
    peer.handle({ type: 'signalling', up: true })
  }
  clock.runUntilTrue(() => alice.path === 'direct' && bob.path === 'direct', forMs)
  const ends = [alice.directMs, bob.directMs].filter((ms) => ms !== undefined)
  return {
    path: alice.path === bob.path ? alice.path : undefined,
    directMs: ends.length === 2 ? Math.max(...ends) - startMs : undefined,
    directBy: alice.directBy,
    relayMs: alice.relayMs === undefined ? undefined : alice.relayMs - startMs,
    mappings: routers.reduce((sum, { table }) => sum + table.made, 0),
    packets: network.sent,
    plans: alice.plans + bob.plans,
    report: alice.report,
  }
}

/** A STUN server: two ports to ask, and one that nobody asks. */
function openServer(network: NatNetwork<CheckPacket>, delayMs: number) {
  const host = network.addHost({ delayMs })
  const open = (port: number): NatSocket<CheckPacket> => {
    const socket = host.open(port)
    socket.onPacket = (packet, from) => {
      if (packet.type === 'ask') socket.send(from, { type: 'told', mapped: from })
    }
    return socket
  }
  return [open(3_478), open(3_479), open(3_480)] as const
}
