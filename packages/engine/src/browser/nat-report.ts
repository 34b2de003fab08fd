// The NAT report of a browser (nat-report.ts of @knothole/traversal judges): STUN answers to one
// throw-away connection, to more where ports look random, and what the rendezvous' own packets met.
// Takes about two round trips; leaves nothing open.
import { MIN_RANGE_SAMPLES, reportNat, samplesOf } from '@knothole/traversal/ladder'
import type {
  FilteringProbe,
  LadderInput,
  NatEvidence,
  NatReport,
  NatSample,
  PortSample,
} from '@knothole/traversal/ladder'
import { Gatherer } from './gathering.ts'
import type { Gathered } from './gathering.ts'
import { stunServersOf } from './stun-servers.ts'
import type { StunServer } from './stun-servers.ts'

export { mayChooseCredentials } from './munging.ts'

/** Asks the rendezvous to send to a place out of the blue; undefined when it cannot be asked. */
export type AskProbe = (place: {
  readonly address: string
  readonly port: number
}) => Promise<FilteringProbe | undefined>

/** More connections for the range of a random NAT would cost more ports than they tell. */
const MAX_SOCKETS = 4

type SeenPort = NonNullable<Extract<LadderInput, { type: 'report' }>['seen']>

export interface MeasureOptions {
  readonly stunUrls: readonly string[]
  /** Our address as a server sees it, where known. */
  readonly publicAddress?: string | undefined
  readonly askProbe: AskProbe
}

/** A report, and where a NAT that walks its ports was when it was made. */
export interface MeasuredNat {
  readonly report: NatReport
  readonly seen?: SeenPort
}

/**
 * Measures, and tells what came of it: at once when the STUN servers have answered one socket, when they have
 * answered more, and when the rendezvous' own packets have had their time. Tells nothing when no server can be asked.
 */
export async function measureNat(
  { stunUrls, publicAddress, askProbe }: MeasureOptions,
  onMeasured: (measured: MeasuredNat) => Promise<void>,
): Promise<void> {
  const servers = stunServersOf(stunUrls)
  if (servers.length === 0) return
  let probing: ReturnType<AskProbe> = Promise.resolve(undefined)
  const gatherer = new Gatherer(0, servers, {
    publicAddress,
    onFirst: (place) => {
      probing = askProbe(place)
    },
  })
  try {
    const one = await gatherer.done
    let evidence = evidenceOf([one], servers)
    await onMeasured(measuredBy(evidence))
    const more = moreSockets(evidence)
    if (more > 0) {
      evidence = evidenceOf([one, ...(await gatherAll(1, more, servers))], servers)
      await onMeasured(measuredBy(evidence))
    }
    const probe = await probing
    if (probe !== undefined) await onMeasured(measuredBy({ ...evidence, probe }))
  } finally {
    // The probe's packets are answered by this connection's socket.
    gatherer.close()
  }
}

function measuredBy(evidence: NatEvidence): MeasuredNat {
  const seen = seenIn(evidence.samples)
  const report = reportNat(evidence)
  return seen === undefined ? { report } : { report, seen }
}

/** Which ports the NAT gives now, from this many throw-away sockets; undefined when nobody answers. */
export async function samplePorts(
  stunUrls: readonly string[],
  sockets: number,
): Promise<PortSample | undefined> {
  const servers = stunServersOf(stunUrls).filter(({ isIpv6 }) => !isIpv6)
  const all = await gatherAll(0, sockets, servers)
  const samples = all.flatMap(samplesOf)
  const mapped = samples.flatMap(({ mapped }) => mapped ?? [])
  const address = mapped[0]?.address
  return address === undefined ? undefined : { address, ports: mapped.map(({ port }) => port) }
}

function seenIn(samples: readonly NatSample[]): SeenPort | undefined {
  const last = samples.findLast(({ mapped }) => mapped !== undefined)
  if (last?.mapped === undefined) return undefined
  return { port: last.mapped.port, atMs: performance.timeOrigin + last.sentMs }
}

function evidenceOf(all: readonly Gathered[], servers: readonly StunServer[]): NatEvidence {
  return {
    samples: all.flatMap(samplesOf),
    localPorts: all.map(({ localPort }) => localPort),
    ipv6: hasIpv6(all, servers),
  }
}

/** How many further sockets to ask from, where the first one's ports tell neither a step nor a range. */
function moreSockets({ samples }: NatEvidence): number {
  const fresh = new Set(samples.map(({ mapped }) => mapped?.port)).size
  if (fresh < 2 || reportNat({ samples }).allocation === 'sequential') return 0
  return Math.min(MAX_SOCKETS, Math.ceil(MIN_RANGE_SAMPLES / fresh)) - 1
}

async function gatherAll(
  first: number,
  count: number,
  servers: readonly StunServer[],
): Promise<Gathered[]> {
  const gatherers = Array.from(
    { length: count },
    (_, index) => new Gatherer(first + index, servers),
  )
  const gathered = await Promise.all(gatherers.map(({ done }) => done))
  for (const gatherer of gatherers) gatherer.close()
  return gathered
}

/** Whether an IPv6 server answered; undefined when none could be asked. */
function hasIpv6(
  gathered: readonly Gathered[],
  servers: readonly StunServer[],
): boolean | undefined {
  if (!servers.some(({ isIpv6 }) => isIpv6)) return undefined
  return gathered.some(({ candidates }) => candidates.some(({ address }) => address.includes(':')))
}
