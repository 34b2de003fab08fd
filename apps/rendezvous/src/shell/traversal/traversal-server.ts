// STUN, TURN and filtering probes over the sockets of one thread: opens them all or none, carries
// packets between them and the pure servers, and decides nothing about them. An answer leaves from
// the socket the question came to, since a NAT lets no other in.
import {
  addressOfSocket,
  createStunBehaviourServer,
  createStunServer,
  isForTurn,
} from '@knothole/traversal'
import type {
  SourceRateLimitOptions,
  StunBehaviourServer,
  StunServer,
  StunSilence,
  TransportAddress,
  TurnCounts,
  TurnListener,
  TurnRemote,
  TurnServer,
} from '@knothole/traversal'
import { nowMs } from '../clock.ts'
import { FilterProbe, UNTESTED } from './filter-probe.ts'
import type { ProbeVerdicts } from './filter-probe.ts'
import { ListenError, isFamilyLacking } from '../listen-error.ts'
import { RecentPlaces } from './recent-places.ts'
import { openStreamListener } from './stream-listener.ts'
import type { Certificate, StreamListener } from './stream-listener.ts'
import { createTurnOverSockets } from './turn-sockets.ts'
import type { TurnSettings } from './turn-sockets.ts'
import { openUdp } from '../udp/udp.ts'
import type { UdpChoice } from '../udp/udp.ts'
import type { UdpBind, UdpKind, UdpNetwork, UdpSocket } from '../udp/udp-network.ts'

/** What one thread opens; passes between threads. */
export interface TraversalOptions {
  /**
   * IP addresses to listen on. Through a wildcard the system picks the source of an answer, so a host
   * with several public addresses should name each of them.
   */
  readonly hosts: readonly string[]
  /** UDP ports, on every host; 0 takes any free one. */
  readonly udpPorts: readonly number[]
  /** TCP ports; none without TURN. */
  readonly tcpPorts: readonly number[]
  readonly tls?: { readonly port: number; readonly certificate: Certificate } | undefined
  readonly turn?: TurnSettings | undefined
  /** Whether other threads open the same ports. */
  readonly isShared: boolean
  /** How UDP is done, where the machine allows; default: dgram. */
  readonly udpKind?: UdpKind | undefined
}

export interface TraversalHooks {
  /** How often a source is answered; default: the usual. */
  readonly limits?: SourceRateLimitOptions
  /** Told when an open socket fails; the others go on. */
  readonly onError?: (error: ListenError) => void
}

/** A host that this machine cannot serve because it lacks the address family. */
export interface SkippedHost {
  readonly host: string
  readonly reason: string
}

/** What happened to Binding requests since the sockets opened; holds no addresses. */
export interface StunCounts {
  readonly answered: number
  readonly silent: Readonly<Partial<Record<StunSilence, number>>>
  /** Answers the system did not take: no route, or a full queue. */
  readonly unsent: number
}

export interface TraversalCounts {
  readonly stun: StunCounts
  readonly turn: TurnCounts | undefined
}

export interface TraversalServer {
  readonly udp: readonly TransportAddress[]
  readonly udpChoice: UdpChoice
  /** TCP, then TLS. */
  readonly streams: readonly TransportAddress[]
  readonly skipped: readonly SkippedHost[]
  /** What a NAT lets in at a place; undefined when this thread has not told it to anybody lately. */
  probe(place: TransportAddress): Promise<ProbeVerdicts | undefined>
  counts(): TraversalCounts
  /** Closes every socket; nothing is answered afterwards. May be called again. */
  close(): Promise<void>
}

/** How exactly timeouts of allocations and connections are kept. */
const TICK_MS = 1000

/** Sockets are numbered in the bits of a place's record. */
const MAX_UDP_SOCKETS = 30

/** Opens everything, or nothing and an error that says why. @throws ListenError */
export async function openTraversalServer(
  options: TraversalOptions,
  hooks: TraversalHooks = {},
): Promise<TraversalServer> {
  const { udp, reason } = await openUdp(options.udpKind ?? 'dgram')
  const server = new Server(options, hooks, { udp, reason })
  try {
    await server.open()
  } catch (error) {
    await server.close()
    throw error
  }
  return server
}

/** A UDP socket that is asked, and where. */
interface Listener {
  readonly socket: UdpSocket
  readonly host: string
}

class Server implements TraversalServer {
  readonly #options: TraversalOptions
  readonly #udp: UdpNetwork
  readonly #limits: SourceRateLimitOptions | undefined
  /** For streams; datagrams have one that knows all our sockets. */
  readonly #stun: StunServer
  #datagramStun: StunBehaviourServer | undefined
  readonly #turn: TurnServer | undefined
  readonly #onError: (error: ListenError) => void
  readonly #listeners: Listener[] = []
  readonly #streams: StreamListener[] = []
  /** One per host, on a port nobody is told. */
  readonly #probeSockets = new Map<string, UdpSocket>()
  readonly #probe = new FilterProbe()
  readonly #places = new RecentPlaces()
  readonly #silent: Partial<Record<StunSilence, number>> = {}
  #answered = 0
  #unsent = 0
  #timer: NodeJS.Timeout | undefined
  #closing: Promise<void> | undefined
  readonly skipped: SkippedHost[] = []
  readonly udpChoice: UdpChoice

  constructor(
    options: TraversalOptions,
    { limits, onError = () => {} }: TraversalHooks,
    { udp, reason }: { readonly udp: UdpNetwork; readonly reason: string | undefined },
  ) {
    this.#options = options
    this.#udp = udp
    this.udpChoice = { kind: udp.kind, reason }
    this.#limits = limits
    this.#stun = createStunServer(limits)
    this.#turn = options.turn === undefined ? undefined : createTurnOverSockets(options.turn, udp)
    this.#onError = onError
  }

  get udp(): readonly TransportAddress[] {
    return this.#listeners.map(({ socket }) => socket.address)
  }

  get streams(): readonly TransportAddress[] {
    return this.#streams.map(({ address }) => address)
  }

  async open(): Promise<void> {
    for (const host of this.#options.hosts) await this.#openHost(host)
    if (this.#listeners.length === 0) throw nothingOpen(this.skipped)
    this.#datagramStun = createStunBehaviourServer({
      sockets: this.udp,
      ...(this.#limits === undefined ? {} : { limits: this.#limits }),
    })
    this.#timer = setInterval(() => this.#tick(), TICK_MS)
  }

  async probe(place: TransportAddress): Promise<ProbeVerdicts | undefined> {
    const asked = this.#places.socketsOf(place, nowMs())
    if (asked === undefined) return undefined
    const hosts = this.#listeners.flatMap(({ host }, at) => ((asked >> at) & 1 ? [host] : []))
    const [port] = hosts.map((host) => this.#probeSockets.get(host))
    if (port === undefined) return UNTESTED
    const others = [...this.#probeSockets].filter(
      ([host, socket]) => !hosts.includes(host) && familyOf(socket) === familyOf(port),
    )
    return this.#probe.ask(place, { otherPort: port, otherAddress: others[0]?.[1] })
  }

  counts(): TraversalCounts {
    const stun = { answered: this.#answered, unsent: this.#unsent, silent: { ...this.#silent } }
    return { stun, turn: this.#turn?.counts() }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer)
    this.#turn?.close()
    this.#probe.close()
    const asked = this.#listeners.map(({ socket }) => socket)
    const sockets = [...asked, ...this.#probeSockets.values()]
    await Promise.all([
      ...sockets.map((socket) => socket.close()),
      ...this.#streams.map((stream) => stream.close()),
    ])
    this.#udp.close()
  }

  async #openHost(host: string): Promise<void> {
    const { udpPorts, isShared } = this.#options
    try {
      for (const port of udpPorts) {
        await this.#listen({ host, port, isShared })
      }
      await this.#openStreams(host)
      this.#probeSockets.set(host, await this.#udp.bind({ host, port: 0 }, this.#probe))
    } catch (error) {
      if (!isFamilyLacking(host, error)) throw error
      this.skipped.push({ host, reason: 'this machine has no IPv6' })
    }
  }

  async #openStreams(host: string): Promise<void> {
    const { tcpPorts, tls, isShared } = this.#options
    const turn = this.#turn
    if (turn === undefined) return
    const common = { host, isShared, stun: this.#stun, turn }
    for (const port of tcpPorts) {
      this.#streams.push(await openStreamListener({ ...common, port }))
    }
    if (tls !== undefined) this.#streams.push(await openStreamListener({ ...common, ...tls }))
  }

  async #listen(place: UdpBind): Promise<void> {
    const number = this.#listeners.length
    if (number >= MAX_UDP_SOCKETS) {
      throw new ListenError('nothing-to-listen-on', `more than ${MAX_UDP_SOCKETS} UDP sockets`)
    }
    let turn: TurnListener | undefined
    const socket = await this.#udp.bind(place, {
      received: (datagram, remote) => {
        if (turn === undefined || !isForTurn(datagram)) this.#answerStun(datagram, remote, number)
        else turn.receive(datagram, remote, nowMs())
      },
      failed: (error) => {
        const message = `a STUN socket failed: ${error.message}`
        this.#onError(new ListenError('socket-failed', message, { cause: error }))
      },
    })
    this.#listeners.push({ socket, host: place.host })
    turn = this.#turn?.openListener({ local: socket.address, socket })
  }

  #answerStun(datagram: Uint8Array, remote: TurnRemote, number: number): void {
    const source = addressOfSocket(remote)
    const atMs = nowMs()
    if (source === null || this.#datagramStun === undefined) {
      this.#silence('bad-source')
      return
    }
    const answer = this.#datagramStun.answer(datagram, { source, socket: number }, atMs)
    if (answer.type === 'silence') {
      this.#silence(answer.reason)
      return
    }
    const { bytes, to } = answer
    // Who has the answer sent to another port has not told us that it listens there.
    if (to.port === source.port) this.#places.note(source, number, atMs)
    this.#listeners[answer.socket]?.socket.send(
      bytes,
      { address: remote.address, port: to.port },
      (isSent) => {
        if (isSent) this.#answered += 1
        else this.#unsent += 1
      },
    )
  }

  #silence(reason: StunSilence): void {
    this.#silent[reason] = (this.#silent[reason] ?? 0) + 1
  }

  #tick(): void {
    const atMs = nowMs()
    this.#turn?.tick(atMs)
    for (const stream of this.#streams) stream.sweep(atMs)
  }
}

function familyOf({ address }: UdpSocket): string {
  return address.family
}

function nothingOpen(skipped: readonly SkippedHost[]): ListenError {
  const reasons = skipped.map(({ host, reason }) => `${host}: ${reason}`).join('; ')
  return new ListenError(
    'nothing-to-listen-on',
    `no STUN socket was opened (${reasons || 'no host or no port given'}): name an address this machine has`,
  )
}
