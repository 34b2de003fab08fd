// STUN and TURN beside the rooms: what to open in how many threads, what pages and clients are told
// of it, and credentials' secret. Ports that are taken cost a warning only, unless somebody asked for
// them: most pairs of people connect without.
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { createSecureContext } from 'node:tls'
import { formatTransportAddress, toTransportAddress } from '@knothole/traversal'
import type { PortRange } from '@knothole/traversal'
import type { Observed, PageConfig } from '@knothole/wire'
import { UNTESTED } from './filter-probe.ts'
import type { ProbeVerdicts } from './filter-probe.ts'
import { ListenError } from '../listen-error.ts'
import type { Logger } from '../logger.ts'
import type { StunOptions } from '../options/options.ts'
import type { PublicHost } from '../http/public-host.ts'
import type { Certificate } from './stream-listener.ts'
import { listenHosts, namesFor, relayAddressesOf, turnUrlsOf } from './traversal-addresses.ts'
import { openTraversalServer } from './traversal-server.ts'
import type { TraversalOptions } from './traversal-server.ts'
import { openTraversalThreads } from './traversal-threads.ts'
import type { Traversal } from './traversal-threads.ts'
import type { OwnTurnOptions, TurnOptions, TurnTlsOptions } from '../options/turn-options.ts'
import { keepTurnSecret } from './turn-secret.ts'
import type { UdpKind } from '../udp/udp-network.ts'

export interface TraversalService {
  /** What the page reached by a name is told. */
  configFor(host: PublicHost): PageConfig
  /** Relays as a visitor of that name reaches them. */
  turnUrlsFor(host: PublicHost): readonly string[]
  /** What credentials of the relays are made with; absent where none are offered. */
  readonly turnSecret: string | undefined
  /** What a NAT lets in at a place. */
  probe(place: Observed): Promise<ProbeVerdicts>
  close(): Promise<void>
}

export interface TraversalServiceOptions {
  readonly stun: StunOptions
  readonly turn: TurnOptions
  /** Undefined: as many as make sense; 0: the calling one. */
  readonly turnThreads: number | undefined
  readonly turnUdp: UdpKind
  readonly host: string | undefined
  readonly dataFolder: string
}

/** More threads than this relay more than most servers' networks carry. */
const MOST_DEFAULT_THREADS = 4

/** Names of this server whose URLs are kept, so that not every socket has a list of its own. */
const MAX_NAMES = 16

/** Opens STUN and TURN as configured. @throws ListenError when ports that were asked for are not to be had */
export async function openTraversalService(
  options: TraversalServiceOptions,
  logger: Logger,
): Promise<TraversalService> {
  const { stun, turn } = options
  const opened = await open(options, logger)
  const urls = new Map<string, readonly string[]>()
  const hasStun = opened !== undefined ? stun.isOn : !stun.isOn && stun.hosts !== undefined
  return {
    configFor(host) {
      const names = hasStun ? namesFor(host, stun.hosts) : []
      return {
        stunUrls: names.flatMap((name) => stun.ports.map((port) => `stun:${name}:${port}`)),
      }
    },
    turnUrlsFor(host) {
      if (turn.mode === 'external') return turn.urls
      if (opened?.secret === undefined || turn.mode === 'off') return []
      const known = urls.get(host.hostname)
      if (known !== undefined) return known
      const ports = { port: turn.port, tlsPort: turn.tls?.port }
      const made = turnUrlsOf(namesFor(host, stun.hosts), host, ports)
      if (urls.size < MAX_NAMES) urls.set(host.hostname, made)
      return made
    },
    turnSecret: turn.mode === 'external' ? turn.secret : opened?.secret,
    async probe({ address, port }) {
      const place = toTransportAddress(address, port)
      if (place === null || opened === undefined) return UNTESTED
      return opened.traversal.probe(place)
    },
    async close() {
      await opened?.traversal.close()
    },
  }
}

interface Opened {
  readonly traversal: Traversal
  /** Present when the relay is open. */
  readonly secret: string | undefined
}

/** Opens STUN and TURN; where that fails STUN alone; where that fails nothing. */
async function open(options: TraversalServiceOptions, logger: Logger): Promise<Opened | undefined> {
  const { stun, turn } = options
  let failure: ListenError | undefined
  if (turn.mode === 'on') {
    try {
      return await openWithTurn(options, turn, logger)
    } catch (error) {
      if (!(error instanceof ListenError) || turn.isExplicit) throw error
      failure = error
    }
  }
  const opened = stun.isOn ? await openStun(options, logger) : undefined
  // Without STUN there is no relay either, and the reason has been told.
  if (failure !== undefined && opened !== undefined) {
    logger.warn(`${failure.message}. Going on without a relay: --turn-port chooses another port.`)
  }
  return opened
}

async function openWithTurn(
  options: TraversalServiceOptions,
  turn: OwnTurnOptions,
  logger: Logger,
): Promise<Opened> {
  const { stun, host, dataFolder } = options
  const secret = turn.secret ?? (await keepTurnSecret(dataFolder))
  const addresses = { host, stunHosts: stun.hosts }
  const threads = threadCountOf(options.turnThreads, logger)
  const nonceKey = randomBytes(32)
  const base: TraversalOptions = {
    hosts: listenHosts(addresses),
    udpPorts: [...new Set([...(stun.isOn ? stun.ports : []), turn.port])],
    tcpPorts: [turn.port],
    tls: turn.tls === undefined ? undefined : await readTls(turn.tls),
    isShared: threads > 1,
    udpKind: udpKindIn(threads, options.turnUdp),
  }
  const allocations = turn.quotas.allocations
  const settings = {
    secret,
    nonceKey,
    relayAddresses: relayAddressesOf(turn.publicAddresses, addresses),
    siblingPorts: turn.relayPorts,
    allowedPeers: turn.allowedPeers,
    quotas:
      allocations === undefined
        ? turn.quotas
        : { ...turn.quotas, allocations: Math.ceil(allocations / Math.max(1, threads)) },
  }
  const parts = splitPorts(turn.relayPorts, Math.max(1, threads))
  const each = parts.map((relayPorts) => ({ ...base, turn: { ...settings, relayPorts } }))
  const traversal = await openIn(threads, each, logger)
  logger.info(`STUN and TURN are on ${describe(traversal)}`)
  return { traversal, secret }
}

async function openStun(
  { stun, host, turnThreads, turnUdp }: TraversalServiceOptions,
  logger: Logger,
): Promise<Opened | undefined> {
  // STUN alone is one thread's work.
  const threads = Math.min(1, turnThreads ?? 1)
  const only: TraversalOptions = {
    hosts: listenHosts({ host, stunHosts: stun.hosts }),
    udpPorts: stun.ports,
    tcpPorts: [],
    isShared: false,
    udpKind: udpKindIn(threads, turnUdp),
  }
  try {
    const traversal = await openIn(threads, [only], logger)
    logger.info(`STUN is on ${describe(traversal)}`)
    return { traversal, secret: undefined }
  } catch (error) {
    if (!(error instanceof ListenError) || stun.isPortExplicit) throw error
    logger.warn(
      `${error.message}. Going on without STUN: people on different networks may not connect. --stun-port and --stun-alt-port choose other ports.`,
    )
    return undefined
  }
}

/** In threads of their own, or with none of them in this one. */
async function openIn(
  threads: number,
  each: readonly TraversalOptions[],
  logger: Logger,
): Promise<Traversal> {
  const [first] = each
  if (first === undefined) throw new RangeError('there is nothing to open')
  if (threads > 1) {
    // Shared ports would be shared with another program too: see first whether they are free.
    const trial = await openTraversalServer({ ...first, isShared: false })
    await trial.close()
  }
  if (threads > 0) return openTraversalThreads({ threads: each, logger })
  const server = await openTraversalServer(first, {
    onError: ({ message }) => logger.error(message),
  })
  return {
    udp: server.udp,
    udpChoice: server.udpChoice,
    streams: server.streams,
    skipped: server.skipped,
    probe: async (place) => (await server.probe(place)) ?? UNTESTED,
    counts: async () => [server.counts()],
    close: () => server.close(),
  }
}

/** Waiting for batches makes the timers of a thread late, and those of rooms and pages must not be. */
function udpKindIn(threads: number, wish: UdpKind): UdpKind {
  return threads === 0 ? 'dgram' : wish
}

function threadCountOf(wanted: number | undefined, logger: Logger): number {
  const most = Math.max(1, Math.min(MOST_DEFAULT_THREADS, availableParallelism() - 1))
  if (canSharePorts()) return wanted ?? most
  if (wanted !== undefined && wanted > 1) {
    logger.warn(
      `one thread serves STUN and TURN: several need Node 22.12 and Linux, this is ${process.version} on ${process.platform}`,
    )
  }
  return Math.min(1, wanted ?? 1)
}

/** Whether several sockets may take one port and share its flows (SO_REUSEPORT). */
function canSharePorts(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const isNewEnough = major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12)
  return isNewEnough && ['linux', 'freebsd'].includes(process.platform)
}

/** A range in so many parts of nearly the same size. */
function splitPorts({ first, last }: PortRange, parts: number): PortRange[] {
  const count = last - first + 1
  const most = Math.min(parts, count)
  return Array.from({ length: most }, (_, part) => ({
    first: first + Math.floor((part * count) / most),
    last: first + Math.floor(((part + 1) * count) / most) - 1,
  }))
}

async function readTls({
  port,
  certFile,
  keyFile,
}: TurnTlsOptions): Promise<{ port: number; certificate: Certificate }> {
  try {
    const [cert, key] = await Promise.all([certFile, keyFile].map((file) => readFile(file, 'utf8')))
    const certificate = { cert: cert ?? '', key: key ?? '' }
    createSecureContext(certificate)
    return { port, certificate }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const message = `--turn-tls-cert and --turn-tls-key must be a certificate and its key, PEM: ${why}`
    throw new ListenError('bad-certificate', message, { cause: error })
  }
}

function describe({ udp, udpChoice, streams }: Traversal): string {
  const ofUdp = udp.map((address) => `${formatTransportAddress(address)}/udp`)
  const ofTcp = streams.map((address) => `${formatTransportAddress(address)}/tcp`)
  const places = [...ofUdp, ...ofTcp].join(', ')
  const { kind = 'dgram', reason } = udpChoice ?? {}
  return `${places}; UDP ${kind}${reason === undefined ? '' : ` (${reason})`}`
}
