// WebRTC in memory behind the engine's port: offers, answers, rollback, candidates and restarts as W3C
// WebRTC 1.0 has them, in text a person can read. What it has no say in (codecs, bandwidth, relays)
// is not there; README.md lists it.
import type {
  OpenRtc,
  RtcCommand,
  RtcConnection,
  RtcEvent,
  RtcOptions,
} from '@knothole/engine/ports'
import { encodeBase64url } from '@knothole/wire'
import type { Candidate } from '@knothole/wire'
import type { FakeHost, FakeInternet } from './fake-internet.ts'
import { formatFakeCandidate, formatFakeSdp, parseFakeCandidate, parseFakeSdp } from './fake-sdp.ts'
import type { FakeDescription } from './fake-sdp.ts'
import { FakeTransport } from './fake-transport.ts'
import type { FakeRelay, TransportRegistry } from './fake-transport.ts'
import type { SeededRandom } from './seeded-random.ts'

/** Frames already handed over get this long to leave, as in the engine's browser adapter. */
const CLOSE_AFTER_MS = 300

export interface FakeRtcOptions {
  /** How long a description takes to make or apply. */
  readonly describeMs?: number
  /** How long a candidate takes to gather: a round trip to a STUN server. */
  readonly gatherMs?: number
  /** The TURN server behind all `iceServers`; without one they are ignored. */
  readonly turn?: FakeHost
}

/** A page on a host: what it opened ends with it. */
export interface FakePage {
  readonly host: FakeHost
  readonly openRtc: OpenRtc
  /** Connections that are open now. */
  connections(): FakeRtcConnection[]
  /** All of it ends without a word. */
  crash(): void
}

export class FakeRtc {
  readonly internet: FakeInternet
  readonly random: SeededRandom
  readonly describeMs: number
  readonly gatherMs: number
  readonly turn: FakeHost | undefined
  readonly registry: TransportRegistry = new Map()

  constructor(internet: FakeInternet, options: FakeRtcOptions = {}) {
    this.internet = internet
    this.random = internet.random.fork('rtc')
    this.describeMs = options.describeMs ?? 2
    this.gatherMs = options.gatherMs ?? 20
    this.turn = options.turn
  }

  /** Opens a page. */
  openPage(host: FakeHost): FakePage {
    const connections = new Set<FakeRtcConnection>()
    return {
      host,
      openRtc: (onEvent, options) => {
        const connection = new FakeRtcConnection(this, { host, onEvent, options })
        connections.add(connection)
        return connection
      },
      connections: () => [...connections].filter((connection) => !connection.isClosed),
      crash: () => {
        for (const connection of connections) connection.vanish()
      },
    }
  }

  /** A name nothing else has. */
  newId(): string {
    return encodeBase64url(this.random.bytes(9)).replaceAll(/[-_]/g, 'x')
  }
}

/** A local description while its candidates are gathered. */
type Local = FakeDescription & { readonly candidates: string[] }

type Negotiating = Exclude<RtcCommand, { type: 'send' | 'measure' }>

export class FakeRtcConnection implements RtcConnection {
  readonly #rtc: FakeRtc
  readonly #fingerprint: string
  readonly #session: string
  readonly transport: FakeTransport
  #onEvent: ((event: RtcEvent) => void) | undefined
  #readyAtMs = 0
  #local: Local | undefined
  /** Our offer without an answer: the signaling state is have-local-offer. */
  #pending: Local | undefined
  #remote: FakeDescription | undefined

  constructor(
    rtc: FakeRtc,
    {
      host,
      onEvent,
      options,
    }: {
      readonly host: FakeHost
      readonly onEvent: (event: RtcEvent) => void
      readonly options: RtcOptions | undefined
    },
  ) {
    this.#rtc = rtc
    this.#onEvent = onEvent
    this.#session = rtc.newId()
    this.#fingerprint = rtc.newId()
    const { internet, registry } = rtc
    this.transport = new FakeTransport({
      host,
      internet,
      registry,
      fingerprint: this.#fingerprint,
      relay: relayOf(rtc, options),
      events: {
        opened: () => this.#emit({ type: 'open' }),
        troubled: () => this.#emit({ type: 'troubled' }),
        failed: () => this.#emit({ type: 'failed' }),
        delivered: (channel, frame) => this.#emit({ type: 'frame', channel, frame }),
      },
    })
  }

  get isClosed(): boolean {
    return this.#onEvent === undefined
  }

  command(command: RtcCommand): void {
    if (command.type === 'send') this.transport.send(command.channel, command.frame)
    else if (command.type === 'measure') this.#after(0, () => this.#measure())
    else this.#enqueue(command)
  }

  localSdp(): string {
    const local = this.#pending ?? this.#local
    return local === undefined ? '' : formatFakeSdp(local)
  }

  close(): void {
    if (this.isClosed) return
    this.#onEvent = undefined
    const { clock } = this.#rtc.internet
    clock.schedule(clock.nowMs() + CLOSE_AFTER_MS, () => this.transport.close())
  }

  /** Ends without a word to anyone. */
  vanish(): void {
    this.#onEvent = undefined
    this.transport.vanish()
  }

  #emit(event: RtcEvent): void {
    this.#onEvent?.(event)
  }

  #after(delayMs: number, call: () => void): void {
    const { clock } = this.#rtc.internet
    clock.schedule(clock.nowMs() + delayMs, call)
  }

  /** Commands are done one after the other; descriptions take their time. */
  #enqueue(command: Negotiating): void {
    const nowMs = this.#rtc.internet.clock.nowMs()
    const takesMs = command.type === 'add-candidate' ? 0 : this.#rtc.describeMs
    this.#readyAtMs = Math.max(this.#readyAtMs, nowMs) + takesMs
    this.#after(this.#readyAtMs - nowMs, () => {
      if (!this.isClosed) this.#apply(command)
    })
  }

  #apply(command: Negotiating): void {
    switch (command.type) {
      case 'offer':
        this.#offer(command.restart)
        return
      case 'accept-offer':
        this.#acceptOffer(command.sdp, command.sequence)
        return
      case 'accept-answer':
        this.#acceptAnswer(command.sdp)
        return
      case 'add-candidate':
        this.#addCandidate(command.candidate)
    }
  }

  #offer(restart: boolean): void {
    const ufrag = restart ? undefined : (this.#pending ?? this.#local)?.ufrag
    this.#pending = this.#describe('offer', ufrag)
    this.#emit({ type: 'local-offer', sdp: this.localSdp() })
  }

  #acceptOffer(sdp: string, sequence: number): void {
    const offer = this.#read(sdp, 'offer')
    if (offer === undefined) return
    this.#pending = undefined
    const isRestart = offer.ufrag !== this.#remote?.ufrag
    this.#local = this.#describe('answer', isRestart ? undefined : this.#local?.ufrag)
    this.#agree(this.#local, offer)
    this.#emit({ type: 'local-answer', sdp: this.localSdp(), answerTo: sequence })
  }

  #acceptAnswer(sdp: string): void {
    const answer = this.#read(sdp, 'answer')
    if (answer === undefined) return
    if (this.#pending === undefined) {
      this.#emit({ type: 'failed' })
      return
    }
    this.#local = this.#pending
    this.#pending = undefined
    this.#agree(this.#local, answer)
  }

  /** The other side's description; one that is none, or of another connection, ends this one. */
  #read(sdp: string, type: FakeDescription['type']): FakeDescription | undefined {
    const description = parseFakeSdp(sdp)
    const isOurs = this.#remote === undefined || this.#remote.session === description?.session
    if (description?.type === type && isOurs) return description
    this.#emit({ type: 'failed' })
    return undefined
  }

  #agree(local: Local, remote: FakeDescription): void {
    this.#remote = remote
    this.transport.agree(local.ufrag, remote)
    for (const candidate of remote.candidates) this.#addCandidate({ candidate, ufrag: '' })
  }

  #addCandidate({ candidate, ufrag }: Candidate): void {
    const address = parseFakeCandidate(candidate)
    if (address === undefined || this.#remote === undefined) return
    this.transport.addCandidate(ufrag === '' ? this.#remote.ufrag : ufrag, address)
  }

  /** A description of ours; a new ufrag gathers candidates anew. */
  #describe(type: FakeDescription['type'], oldUfrag: string | undefined): Local {
    const known = [this.#pending, this.#local].find((local) => local?.ufrag === oldUfrag)
    const local: Local = {
      type,
      session: this.#session,
      ufrag: oldUfrag ?? this.#rtc.newId(),
      fingerprint: this.#fingerprint,
      candidates: known?.candidates ?? [],
    }
    if (known === undefined || oldUfrag === undefined) this.#gather(local)
    return local
  }

  #gather(local: Local): void {
    this.#after(this.#rtc.gatherMs, () => {
      const current = (this.#pending ?? this.#local)?.ufrag
      if (this.isClosed || current !== local.ufrag) return
      for (const address of this.transport.addresses) {
        const isRelay = address === this.transport.relay?.server?.address
        const candidate = formatFakeCandidate(address, isRelay ? 'relay' : 'srflx')
        local.candidates.push(candidate)
        this.#emit({ type: 'candidate', candidate: { candidate, ufrag: local.ufrag } })
      }
    })
  }

  #measure(): void {
    const { remoteAddress, bytesSent, bytesReceived, isRelayed, relay, peer } = this.transport
    const typeOf = (own: FakeRelay | undefined): string =>
      isRelayed && own !== undefined ? 'relay' : 'srflx'
    const [localType, remoteType] = [typeOf(relay), typeOf(peer?.relay)]
    const pair =
      peer === undefined
        ? undefined
        : { localType, remoteType, remoteAddress, bytesSent, bytesReceived }
    this.#emit({ type: 'measured', pair })
  }
}

/** How a connection may be relayed: only where there is a server, and it was named. */
function relayOf({ turn }: FakeRtc, options: RtcOptions = {}): FakeRelay | undefined {
  const { relayOnly: isOnlyWay = false, iceServers } = options
  const server = iceServers === undefined ? undefined : turn
  return isOnlyWay || server !== undefined ? { server, isOnlyWay } : undefined
}
