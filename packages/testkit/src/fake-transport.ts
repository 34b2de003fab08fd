// ICE, DTLS and SCTP of one side of a fake connection, as far as a program can tell: a path opens once
// both sides hold each other's current description and a candidate, breaks when an address changes,
// and is reported troubled or failed as late as Chromium does. Signalling is not its business.
import type { Bytes } from '@knothole/wire'
import type { ChannelName } from '@knothole/engine/ports'
import type { FakeHost, FakeInternet } from './fake-internet.ts'
import type { FakeDescription } from './fake-sdp.ts'

/** Pause between connectivity checks. */
const CHECK_EVERY_MS = 250

/** Retransmission of a handshake message that was lost. */
const HANDSHAKE_RETRY_MS = 300

/** Round trips of DTLS and SCTP after ICE, before the channels open. */
const HANDSHAKE_ROUND_TRIPS = 2

/** How often a side looks whether it still hears the other. */
const MONITOR_EVERY_MS = 1_000

/** Silence until iceConnectionState is "disconnected", and until connectionState is "failed". */
const TROUBLED_AFTER_MS = 5_000
const FAILED_AFTER_MS = 15_000

/** First and longest pause before SCTP sends a message again (dcsctp's rto_min and max_timer_backoff). */
const FIRST_RESEND_MS = 400
const LAST_RESEND_MS = 3_000

/** A TURN server that one side may use: all of its packets go there, or only those that must. */
export interface FakeRelay {
  readonly server: FakeHost | undefined
  readonly isOnlyWay: boolean
}

export interface TransportEvents {
  opened(): void
  troubled(): void
  failed(): void
  delivered(channel: ChannelName, frame: Bytes): void
}

/** Which transport answers to a ufrag: how packets find their connection. */
export type TransportRegistry = Map<string, FakeTransport>

interface Selected {
  readonly peer: FakeTransport
  readonly generation: string
  readonly address: string
}

export class FakeTransport {
  readonly host: FakeHost
  readonly #internet: FakeInternet
  readonly #registry: TransportRegistry
  readonly #fingerprint: string
  readonly #events: TransportEvents
  readonly relay: FakeRelay | undefined
  readonly #candidates = new Map<string, Set<string>>()
  #ufrag: string | undefined
  #remote: FakeDescription | undefined
  /** The pair of descriptions whose path is being checked. */
  #checking: string | undefined
  #selected: Selected | undefined
  #isHandshaking = false
  #isOpen = false
  #isClosed = false
  #isTroubled = false
  #heardMs: number | undefined
  readonly #talk: ReliableChannel = newChannel()
  readonly #bulk: ReliableChannel = newChannel()
  bytesSent = 0
  bytesReceived = 0

  constructor(options: {
    readonly host: FakeHost
    readonly internet: FakeInternet
    readonly registry: TransportRegistry
    readonly fingerprint: string
    readonly events: TransportEvents
    readonly relay?: FakeRelay | undefined
  }) {
    this.host = options.host
    this.relay = options.relay
    this.#internet = options.internet
    this.#registry = options.registry
    this.#fingerprint = options.fingerprint
    this.#events = options.events
  }

  get isOpen(): boolean {
    return this.#isOpen && !this.#isClosed
  }

  /** The address of the other side on the selected path. */
  get remoteAddress(): string | undefined {
    const peer = this.#selected?.peer
    if (peer === undefined) return undefined
    return this.isRelayed ? peer.relay?.server?.address : peer.host.address
  }

  /** The addresses that this side's candidates name. */
  get addresses(): readonly string[] {
    const { relay } = this
    const relayed = relay?.server === undefined ? [] : [relay.server.address]
    return relay?.isOnlyWay === true ? relayed : [this.host.address, ...relayed]
  }

  /** Whether the selected path goes over a TURN server. */
  get isRelayed(): boolean {
    const peer = this.#selected?.peer
    return peer !== undefined && this.#serverTo(peer) !== undefined
  }

  /** The transport at the other end, once there is a path. */
  get peer(): FakeTransport | undefined {
    return this.#selected?.peer
  }

  /** Whether packets pass on the selected path now. */
  get works(): boolean {
    const own = this.#selected
    if (own === undefined || this.#isClosed || own.peer.#isClosed) return false
    const other = own.peer.#selected
    if (other?.peer !== this || own.generation !== other.generation) return false
    const stayed = own.address === this.host.address && other.address === own.peer.host.address
    return stayed && this.#reaches(own.peer)
  }

  /** Both descriptions are in force: our ufrag and the other's description. */
  agree(ufrag: string, remote: FakeDescription): void {
    if (this.#ufrag !== undefined) this.#registry.delete(this.#ufrag)
    this.#ufrag = ufrag
    this.#remote = remote
    this.#registry.set(ufrag, this)
    for (const old of this.#candidates.keys()) {
      if (old !== remote.ufrag) this.#candidates.delete(old)
    }
    this.#tryPath()
  }

  /** A candidate of the description in force; one of another is ignored. */
  addCandidate(ufrag: string, address: string): void {
    if (ufrag !== this.#remote?.ufrag) return
    const known = this.#candidates.get(ufrag) ?? new Set()
    this.#candidates.set(ufrag, known.add(address))
    // Without a candidate ICE does not begin, and so never fails either.
    if (this.#heardMs === undefined) this.#startMonitor()
    this.#tryPath()
  }

  send(channel: ChannelName, frame: Bytes): void {
    if (!this.isOpen) return
    this.bytesSent += frame.length
    if (channel === 'pulse') this.#packet((peer) => peer.#deliver('pulse', frame))
    else this.#sendReliably({ channel, number: this.#channel(channel).sent++, frame }, 0)
  }

  /** The end, with a word to the other side if it can be reached. */
  close(): void {
    const peer = this.works ? this.#selected?.peer : undefined
    this.vanish()
    if (peer === undefined) return
    const { clock } = this.#internet
    clock.schedule(clock.nowMs() + this.#internet.sampleDelayMs(), () => peer.#fail())
  }

  /** The end without a word, as of a computer whose plug is pulled. */
  vanish(): void {
    this.#isClosed = true
    if (this.#ufrag !== undefined) this.#registry.delete(this.#ufrag)
  }

  /** A router forgets this path: nothing passes on it until the two agree on another. */
  flush(): void {
    if (this.#selected !== undefined) this.#selected = { ...this.#selected, address: 'flushed' }
  }

  // Connectivity.

  #tryPath(): void {
    const [ufrag, remoteUfrag] = [this.#ufrag ?? '', this.#remote?.ufrag ?? '']
    const peer = this.#registry.get(remoteUfrag)
    if (peer === undefined || peer.#remote?.ufrag !== ufrag) return
    const generation = generationOf(ufrag, remoteUfrag)
    if (this.#checking === generation || this.#selected?.generation === generation) return
    if (!this.#knows(peer) || !peer.#knows(this)) return
    this.#checking = generation
    peer.#checking = generation
    this.#check(peer, generation)
  }

  #knows(peer: FakeTransport): boolean {
    const known = this.#candidates.get(this.#remote?.ufrag ?? '')
    return peer.addresses.some((address) => known?.has(address) === true)
  }

  /** The TURN server between us and the other side; none where packets pass without. */
  #serverTo(peer: FakeTransport): FakeHost | undefined {
    const isOpen = this.#internet.passes(this.host, peer.host)
    const isAllowed = this.relay?.isOnlyWay !== true && peer.relay?.isOnlyWay !== true
    return isOpen && isAllowed ? undefined : (this.relay?.server ?? peer.relay?.server)
  }

  #reaches(peer: FakeTransport): boolean {
    const server = this.#serverTo(peer)
    if (server === undefined) return this.#internet.passes(this.host, peer.host)
    return this.#internet.passes(this.host, server) && this.#internet.passes(server, peer.host)
  }

  #transmit(peer: FakeTransport, arrive: () => void): void {
    const server = this.#serverTo(peer)
    if (server === undefined) this.#internet.transmit(this.host, peer.host, arrive)
    else
      this.#internet.transmit(this.host, server, () =>
        this.#internet.transmit(server, peer.host, arrive),
      )
  }

  #check(peer: FakeTransport, generation: string): void {
    if (this.#isClosed || peer.#isClosed) return
    if (this.#checking !== generation || peer.#checking !== generation) return
    if (!this.#knows(peer) || !peer.#knows(this)) {
      this.#checking = undefined
      peer.#checking = undefined
      return
    }
    this.#transmit(peer, () => peer.#transmit(this, () => this.#found(peer, generation)))
    const { clock } = this.#internet
    clock.schedule(clock.nowMs() + CHECK_EVERY_MS, () => this.#check(peer, generation))
  }

  #found(peer: FakeTransport, generation: string): void {
    if (this.#checking !== generation || peer.#checking !== generation) return
    this.#select(peer, generation)
    peer.#select(this, generation)
    if (this.#isOpen || this.#isHandshaking) return
    this.#isHandshaking = true
    peer.#isHandshaking = true
    this.#handshake(peer, HANDSHAKE_ROUND_TRIPS)
  }

  #select(peer: FakeTransport, generation: string): void {
    this.#checking = undefined
    this.#selected = { peer, generation, address: this.host.address }
    this.#heardMs = this.#internet.clock.nowMs()
    this.#isTroubled = false
  }

  #handshake(peer: FakeTransport, roundTrips: number): void {
    if (this.#isClosed || peer.#isClosed) return
    if (roundTrips === 0) {
      this.#showCertificates(peer)
      return
    }
    let isAnswered = false
    this.#packet(() => {
      peer.#packet(() => {
        if (isAnswered) return
        isAnswered = true
        this.#handshake(peer, roundTrips - 1)
      })
    })
    const { clock } = this.#internet
    clock.schedule(clock.nowMs() + HANDSHAKE_RETRY_MS + 2 * this.#internet.weather.delayMs, () => {
      if (isAnswered) return
      isAnswered = true
      this.#handshake(peer, roundTrips)
    })
  }

  #showCertificates(peer: FakeTransport): void {
    const isGenuine = this.#remote?.fingerprint === peer.#fingerprint
    const isGenuineThere = peer.#remote?.fingerprint === this.#fingerprint
    if (!isGenuine || !isGenuineThere) {
      this.#fail()
      peer.#fail()
      return
    }
    this.#isOpen = true
    peer.#isOpen = true
    this.#events.opened()
    peer.#events.opened()
  }

  // Health.

  #startMonitor(): void {
    this.#heardMs = this.#internet.clock.nowMs()
    const look = (): void => {
      if (this.#isClosed) return
      this.#look()
      this.#internet.clock.schedule(this.#internet.clock.nowMs() + MONITOR_EVERY_MS, look)
    }
    look()
  }

  #look(): void {
    const nowMs = this.#internet.clock.nowMs()
    if (this.works) {
      this.#heardMs = nowMs
      this.#isTroubled = false
      return
    }
    const silentMs = nowMs - (this.#heardMs ?? nowMs)
    if (silentMs >= FAILED_AFTER_MS) this.#fail()
    else if (silentMs >= TROUBLED_AFTER_MS && this.#isOpen && !this.#isTroubled) {
      this.#isTroubled = true
      this.#events.troubled()
    }
  }

  #fail(): void {
    if (this.#isClosed) return
    this.vanish()
    this.#events.failed()
  }

  // Channels.

  #packet(arrive: (peer: FakeTransport) => void): void {
    const peer = this.#selected?.peer
    if (peer === undefined || !this.works) return
    this.#transmit(peer, () => {
      if (!peer.#isClosed) arrive(peer)
    })
  }

  #sendReliably(message: ReliableMessage, tries: number): void {
    if (this.#isClosed) return
    let hasArrived = false
    this.#packet((peer) => {
      hasArrived = true
      peer.#receive(message)
    })
    const { clock, weather } = this.#internet
    const pauseMs = Math.min(LAST_RESEND_MS, FIRST_RESEND_MS * 2 ** tries)
    clock.schedule(clock.nowMs() + pauseMs + 2 * (weather.delayMs + weather.jitterMs), () => {
      if (!hasArrived) this.#sendReliably(message, tries + 1)
    })
  }

  #receive({ channel: name, number, frame }: ReliableMessage): void {
    const channel = this.#channel(name)
    if (number < channel.received) return
    channel.early.set(number, frame)
    for (let next = takeNext(channel); next !== undefined; next = takeNext(channel)) {
      this.#deliver(name, next)
    }
  }

  #channel(name: ReliableMessage['channel']): ReliableChannel {
    return name === 'talk' ? this.#talk : this.#bulk
  }

  #deliver(channel: ChannelName, frame: Bytes): void {
    this.bytesReceived += frame.length
    this.#heardMs = this.#internet.clock.nowMs()
    this.#events.delivered(channel, frame)
  }
}

/** One name for two descriptions, whichever side says it. */
function generationOf(one: string, other: string): string {
  return one < other ? `${one}+${other}` : `${other}+${one}`
}

/** An ordered channel: how far it is in both directions, and what came too early. */
interface ReliableChannel {
  readonly early: Map<number, Bytes>
  sent: number
  received: number
}

interface ReliableMessage {
  readonly channel: 'talk' | 'bulk'
  readonly number: number
  readonly frame: Bytes
}

function newChannel(): ReliableChannel {
  return { early: new Map(), sent: 0, received: 0 }
}

function takeNext(channel: ReliableChannel): Bytes | undefined {
  const frame = channel.early.get(channel.received)
  if (channel.early.delete(channel.received)) channel.received += 1
  return frame
}
