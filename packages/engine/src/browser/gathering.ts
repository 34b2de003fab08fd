// One throw-away connection that gathers: which external address and port each STUN server saw. It
// connects to nobody, and its socket lives until `close`.
import type { Gathering } from '@knothole/traversal/ladder'
import type { StunServer } from './stun-servers.ts'

/** What one socket was told. */
export interface Gathered extends Gathering {
  /** The socket's own port, where the browser shows it. */
  readonly localPort: number | undefined
}

type Reflexive = Gathering['candidates'][number]

/** TypeScript's DOM types lack the server that told a candidate (W3C WebRTC 1.0, RTCIceCandidate.url). */
type ToldCandidate = RTCIceCandidate & { readonly url?: string | null }

/** Once one server has answered, the others get this long: several times a long round trip. */
const PATIENCE_MS = 700
/** No answer at all in this time means that UDP does not pass. */
const SILENCE_MS = 3_000
/**
 * Waits are made of turns this long: where the page was too busy to look, what came meanwhile is told in the next
 * few, before it is said that nothing came.
 */
const TURN_MS = 500

export interface GathererOptions {
  /** Gets the first IPv4 place, while others are waited for. */
  readonly onFirst?: (place: Reflexive) => void
  /** Our address as a server sees it, where known: that of a socket without a NAT, which browsers hide. */
  readonly publicAddress?: string | undefined
}

export class Gatherer {
  readonly #connection: RTCPeerConnection
  readonly #servers: readonly StunServer[]
  readonly #socket: number
  readonly #sentMs = performance.now()
  readonly #candidates: Reflexive[] = []
  readonly #silent = new Set<number>()
  readonly #onFirst: (place: Reflexive) => void
  readonly #publicAddress: string | undefined
  #onDone: (gathered: Gathered) => void = () => undefined
  #localPort: number | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Resolves when all servers have answered, or when those that have not had their time. */
  readonly done: Promise<Gathered>

  /** Opens a connection and asks every server from its socket. */
  constructor(socket: number, servers: readonly StunServer[], more: GathererOptions = {}) {
    this.#socket = socket
    this.#servers = servers
    this.#onFirst = more.onFirst ?? (() => undefined)
    this.#publicAddress = more.publicAddress
    this.#connection = new RTCPeerConnection({
      iceServers: servers.map(({ url }) => ({ urls: url })),
    })
    this.done = new Promise((resolve) => {
      this.#onDone = resolve
    })
    this.#wait(SILENCE_MS)
    this.#start()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#connection.close()
  }

  #start(): void {
    const connection = this.#connection
    connection.createDataChannel('', { negotiated: true, id: 0 })
    connection.addEventListener('icecandidate', ({ candidate }) => {
      if (candidate === null) this.#finish(true)
      else this.#take(candidate)
    })
    connection.addEventListener('icecandidateerror', ({ url }) => {
      const server = this.#servers.findIndex((known) => known.url === url)
      if (server !== -1) this.#silent.add(server)
    })
    connection.setLocalDescription().catch(() => this.#finish(false))
  }

  #take({ type, protocol, address, port, url }: ToldCandidate): void {
    if (type === 'host' && protocol === 'udp') this.#localPort ??= port ?? undefined
    const server = this.#serverOf(url)
    if (type !== 'srflx' || address === null || port === null || server === undefined) return
    const place = { server, address, port }
    const isFirst = this.#candidates.every((before) => before.address.includes(':'))
    this.#candidates.push(place)
    if (isFirst && !address.includes(':')) this.#onFirst(place)
    // Each server saw another place: nobody is left to wait for.
    if (this.#candidates.length === this.#servers.length) this.#finish(true)
    else this.#wait(PATIENCE_MS)
  }

  /** Firefox does not say who told a candidate; servers answer in about the order they are asked. */
  #serverOf(url: string | null | undefined): number | undefined {
    const known = this.#servers.findIndex((server) => server.url === url)
    if (known !== -1) return known
    const next = this.#candidates.length
    return (url ?? '') === '' && next < this.#servers.length ? next : undefined
  }

  /** Browsers do not tell a place that is the socket's own: where all is well and nothing was told, it is. */
  get #isOwn(): boolean {
    const isTold = this.#candidates.length > 0 || this.#silent.size > 0
    return !isTold && this.#localPort !== undefined
  }

  #takeOwn(): void {
    const [address, port] = [this.#publicAddress, this.#localPort]
    if (address === undefined || port === undefined) return
    const place = { server: 0, address, port }
    this.#candidates.push(place)
    this.#onFirst(place)
  }

  #wait(timeMs: number): void {
    clearTimeout(this.#timer)
    const turnMs = Math.min(TURN_MS, timeMs)
    this.#timer = setTimeout(() => {
      if (timeMs > turnMs) this.#wait(timeMs - turnMs)
      else this.#finish(false)
    }, turnMs)
  }

  #finish(isEnded: boolean): void {
    clearTimeout(this.#timer)
    const isOwn = isEnded && this.#isOwn
    if (isOwn) this.#takeOwn()
    const candidates = this.#candidates
    const isNothing = candidates.length === 0
    // Where nobody answered, everybody was silent: a browser takes 40 s to say so.
    const silent = isNothing && !isOwn ? this.#servers.keys() : this.#silent
    this.#onDone({
      socket: this.#socket,
      servers: this.#servers.map(({ place }) => place),
      sentMs: this.#sentMs,
      candidates,
      silent: [...silent],
      isComplete: isEnded && !(isOwn && isNothing),
      localPort: this.#localPort,
    })
  }
}
