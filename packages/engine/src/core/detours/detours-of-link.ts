// The detours of one link: relays as soon as it has been down for a moment, a relayed connection beside
// the standing one, and the ladder's attempts. Closes what is no longer wanted once a better path has
// proved itself.
import type { Diagnosis } from '@knothole/traversal/ladder'
import type { PeerId } from '@knothole/wire'
import type { Carrier } from '../link/carrier.ts'
import { rankOf } from '../link/carrier.ts'
import type { Climb } from './climb.ts'
import type {
  DetourHost,
  LinkDetourInput,
  LinkDetourOutput,
  LinkDetours,
  LinkSituation,
  RelayVia,
} from './detours.ts'
import { IceCarrier } from '../link/ice-carrier.ts'
import type { IceOptions, IceOutput } from '../link/ice-carrier.ts'
import { earliest } from '../machine.ts'
import { RelayCarrier, relayPathOf } from '../link/relay-carrier.ts'
import type { RelayCarrierOutput } from '../link/relay-carrier.ts'
import type { Hindrance } from '../room-state.ts'

/** A link without a path for this long is relayed: plain ICE is done in less where it works. Where it cannot, at once. */
const RELAY_AFTER_MS = 1_000

/** How long a better path must carry before worse ones are closed. */
const LINGER_MS = 10_000

/** A relay that does not answer for this long is given up, and tried again after a pause. */
const DEAF_AFTER_MS = 10_000
const RETRY_AFTER_MS = 5_000

/** Longest pause that a relay is granted: what takes longer is no pause but a relay that does not work. */
const MAX_HOLD_MS = 2_000

/** The connection over TURN servers, beside the standing one. */
const TURN_WAY = 1

/** Asks members to relay. */
export interface MemberRelays {
  /** A relay to this peer is wanted. */
  want(peer: PeerId, nowMs: number): void
  /** None is wanted any more. */
  done(peer: PeerId, nowMs: number): void
}

export interface DetoursOfLinkOptions {
  readonly peer: PeerId
  readonly host: DetourHost
  readonly ice: IceOptions
  readonly memberRelays: MemberRelays
  /** The traversal ladder of this link; none where the runtime cannot climb. */
  readonly climb?: Climb | undefined
}

export class DetoursOfLink implements LinkDetours {
  readonly #options: DetoursOfLinkOptions
  readonly #outputs: LinkDetourOutput[] = []
  readonly #relays = new Map<RelayVia, RelayCarrier>()
  readonly #climb: Climb | undefined
  #turn: IceCarrier | undefined
  #isTurnWanted = false
  /** Until the link says otherwise, it is up: nothing is to be done. */
  #situation: LinkSituation = { downSinceMs: undefined, path: undefined, standing: 'connecting' }
  #pathSinceMs: number
  /** When a relay that did not answer is tried again. */
  #retryAtMs = 0
  #isClosed = false

  constructor(options: DetoursOfLinkOptions, nowMs: number) {
    this.#options = options
    this.#climb = options.climb
    this.#pathSinceMs = nowMs
  }

  get carriers(): readonly Carrier[] {
    const attempt = this.#climb?.carrier
    const connections = [this.#turn, attempt].filter((carrier) => carrier !== undefined)
    return [...connections, ...this.#relays.values()]
  }

  get hindrance(): Hindrance | undefined {
    const { path } = this.#situation
    if (path !== undefined && !isRelayed(path)) return undefined
    const { host } = this.#options
    if (host.card.hidden === true) return 'hiding'
    if (this.#theyHide) return 'they-hide'
    const isTrying = this.#climb?.isTrying === true || this.#situation.standing === 'connecting'
    return isTrying ? 'trying' : 'no-path'
  }

  get diagnosis(): Diagnosis | undefined {
    if (this.hindrance === undefined) return undefined
    const mine = this.#options.host.card.hidden === true
    return this.#climb?.diagnose({ mine, theirs: this.#theyHide })
  }

  get #theyHide(): boolean {
    const { host, peer } = this.#options
    return host.member(peer)?.card.hidden === true
  }

  owns(connection: number): boolean {
    return this.#turn?.connection === connection || this.#climb?.carrier?.connection === connection
  }

  update(situation: LinkSituation, nowMs: number): void {
    const before = this.#situation
    this.#situation = situation
    if (situation.path !== before.path) {
      this.#pathSinceMs = nowMs
      this.#climb?.use(situation.path, nowMs)
    }
    if (situation.standing !== before.standing && situation.standing === 'unreachable')
      this.#climb?.handle({ type: 'plain-failed' }, nowMs)
    this.#act(nowMs)
  }

  handle(input: LinkDetourInput, nowMs: number): void {
    if (this.#isClosed) return
    switch (input.type) {
      case 'signal':
        if (input.signal.way === TURN_WAY)
          this.#turnCarrier(nowMs).handleSignal(input.signal, nowMs)
        else this.#climb?.handle(input, nowMs)
        return
      case 'rtc':
        this.#turn?.handleRtc(input.connection, input.event, nowMs)
        this.#climb?.handle(input, nowMs)
        return
      case 'climb':
        this.#climb?.handle(input, nowMs)
        return
      case 'absent':
        this.closeRelay('rendezvous')
        return
      case 'network-changed':
        this.#turn?.signallingIsBack(nowMs)
        this.#climb?.handle(input, nowMs)
        this.#retryAtMs = nowMs
        this.#act(nowMs)
    }
  }

  /** A relay brought a packet: from now on it is a carrier, whoever opened it, where there is use for it. */
  relayed(via: RelayVia, plain: Uint8Array<ArrayBuffer>, nowMs: number): void {
    if (this.#isClosed) return
    const isKnown = this.#relays.has(via)
    if (!isKnown && this.#isUseless(via, nowMs)) this.#called(via, plain, nowMs)
    else this.#relay(via, nowMs).handle(plain, nowMs)
  }

  /** A member agreed to relay. */
  openRelay(via: RelayVia, nowMs: number): void {
    if (!this.#isClosed) this.#relay(via, nowMs)
  }

  /** A member no longer relays. */
  closeRelay(via: RelayVia): void {
    if (this.#relays.delete(via)) this.#outputs.push({ type: 'changed' })
  }

  /** A relay dropped a packet. */
  full(via: RelayVia, waitMs: number, nowMs: number): void {
    if (this.#relays.get(via)?.isUsed !== true) return
    this.#outputs.push({ type: 'hold', untilMs: nowMs + Math.min(MAX_HOLD_MS, waitMs) })
  }

  tick(nowMs: number): void {
    if (this.#isClosed) return
    this.#turn?.tick(nowMs)
    this.#climb?.tick(nowMs)
    for (const relay of this.#relays.values()) relay.tick(nowMs)
    this.#act(nowMs)
  }

  deadlineMs(): number | undefined {
    if (this.#isClosed) return undefined
    const relays = [...this.#relays.values()].map((relay) => relay.deadlineMs())
    return earliest(this.#turn?.deadlineMs(), this.#climb?.deadlineMs(), this.#actAtMs(), ...relays)
  }

  poll(): LinkDetourOutput | undefined {
    for (const relay of this.#relays.values()) {
      const out = relay.poll()
      if (out !== undefined) return out
    }
    return this.#fromTurn() ?? this.#fromClimb() ?? this.#outputs.shift()
  }

  close(nowMs: number): void {
    this.#turn?.close()
    this.#climb?.close(nowMs)
    this.#relays.clear()
    this.#options.memberRelays.done(this.#options.peer, nowMs)
    this.#isClosed = true
  }

  /** Whether a better path has carried for so long that this relay would be closed. */
  #isUseless(via: RelayVia, nowMs: number): boolean {
    const { downSinceMs, path } = this.#situation
    const isLate = downSinceMs === undefined && nowMs >= this.#pathSinceMs + LINGER_MS
    return isLate && rankOf(path) < rankOf(relayPathOf(via))
  }

  /**
   * A relay that we have no use for brought a packet. Who asks for a sign of life gets one, and who sends
   * by it has it opened. Nothing else: two who close a relay would go on calling each other back to it.
   */
  #called(via: RelayVia, plain: Uint8Array<ArrayBuffer>, nowMs: number): void {
    const relay = new RelayCarrier(via, nowMs)
    relay.handle(plain, nowMs)
    const outs = [...drained(relay)]
    const isWanted = relay.theirs || outs.some(({ type }) => type === 'packet')
    if (isWanted) this.#relays.set(via, relay)
    this.#outputs.push(...outs.filter(({ type }) => isWanted || type !== 'changed'))
  }

  /** When something is to be done though nothing happens. */
  #actAtMs(): number | undefined {
    const { downSinceMs } = this.#situation
    if (downSinceMs !== undefined) return Math.max(this.#relayAtMs(downSinceMs), this.#retryAtMs)
    const closeAtMs = this.#hasWorse ? this.#pathSinceMs + LINGER_MS : undefined
    return earliest(closeAtMs, isRelayed(this.#situation.path) ? this.#retryAtMs : undefined)
  }

  #relayAtMs(downSinceMs: number): number {
    return this.#climb?.isHopeless === true ? downSinceMs : downSinceMs + RELAY_AFTER_MS
  }

  get #hasWorse(): boolean {
    const rank = rankOf(this.#situation.path)
    const isTurnOpen = this.#turn?.connection !== undefined && rank < rankOf('turn')
    return isTurnOpen || [...this.#relays.values()].some((relay) => isLeft(relay, rank))
  }

  #act(nowMs: number): void {
    if (this.#isClosed) return
    const { downSinceMs, path } = this.#situation
    const isDown = downSinceMs !== undefined
    if (!isDown && nowMs >= this.#pathSinceMs + LINGER_MS) this.#closeWorse(nowMs)
    const isWanted = isDown ? nowMs >= this.#relayAtMs(downSinceMs) : isRelayed(path)
    if (!isWanted || nowMs < this.#retryAtMs) return
    this.#retryAtMs = nowMs + RETRY_AFTER_MS
    this.#dropDeaf(nowMs)
    const rank = isDown ? Infinity : rankOf(path)
    if (rank > rankOf('ws-relay')) this.#openRendezvous(nowMs)
    if (rank > rankOf('turn')) this.#openTurn(nowMs)
    if (rank > rankOf('member-relay')) this.#options.memberRelays.want(this.#options.peer, nowMs)
  }

  #closeWorse(nowMs: number): void {
    const rank = rankOf(this.#situation.path)
    for (const [via, relay] of this.#relays) if (isLeft(relay, rank)) this.#relays.delete(via)
    if (rank < rankOf('member-relay')) this.#options.memberRelays.done(this.#options.peer, nowMs)
    if (rank >= rankOf('turn')) return
    this.#turn?.close()
    this.#isTurnWanted = false
  }

  #dropDeaf(nowMs: number): void {
    for (const [via, relay] of this.#relays) {
      if (!relay.usable && nowMs - relay.heardMs > DEAF_AFTER_MS) this.#relays.delete(via)
    }
  }

  #openRendezvous(nowMs: number): void {
    const { host, peer } = this.#options
    const keys = [host.card.relayKey, host.member(peer)?.card.relayKey]
    if (host.isOnline && !keys.includes(undefined)) this.#relay('rendezvous', nowMs)
  }

  #relay(via: RelayVia, nowMs: number): RelayCarrier {
    const known = this.#relays.get(via)
    if (known !== undefined) return known
    const relay = new RelayCarrier(via, nowMs)
    this.#relays.set(via, relay)
    relay.ping(nowMs)
    return relay
  }

  #openTurn(nowMs: number): void {
    const { host, ice } = this.#options
    const isStanding = host.card.hidden === true || this.#theyHide
    // Whoever hides has a standing connection over relays already; the polite side waits for an offer.
    if (isStanding || ice.polite || this.#isTurnWanted || host.iceServers === undefined) return
    this.#isTurnWanted = true
    this.#turnCarrier(nowMs).start(nowMs)
  }

  #turnCarrier(nowMs: number): IceCarrier {
    const { host, ice } = this.#options
    // One relay in the path is enough: the other side uses its own only if it must.
    const relayOnly = !ice.polite
    const rtcOptions = (): { iceServers: typeof host.iceServers; relayOnly: boolean } => ({
      iceServers: host.iceServers,
      relayOnly,
    })
    this.#turn ??= new IceCarrier({ ...ice, way: TURN_WAY, rtcOptions, isTurn: true }, nowMs)
    return this.#turn
  }

  #fromTurn(): LinkDetourOutput | undefined {
    for (let out = this.#turn?.poll(); out !== undefined; out = this.#turn?.poll()) {
      const passed = detourOf(out)
      if (passed !== undefined) return passed
    }
    return undefined
  }

  #fromClimb(): LinkDetourOutput | undefined {
    const { nextSequence } = this.#options.ice
    for (let out = this.#climb?.poll(); out !== undefined; out = this.#climb?.poll()) {
      if (out.type !== 'note') return out
      const signal = { type: 'note', note: out.note, sequence: nextSequence(), attempt: 0 } as const
      return { type: 'signal', signal }
    }
    return undefined
  }
}

/** Whether a relay is of no use beside a path of this rank: to us, and to the other side, who may miss the path first. */
function isLeft({ path, theirs, usable }: RelayCarrier, rank: number): boolean {
  return rankOf(path) > rank && !(theirs && usable)
}

function* drained(relay: RelayCarrier): Generator<RelayCarrierOutput> {
  for (let out = relay.poll(); out !== undefined; out = relay.poll()) yield out
}

function isRelayed(path: Parameters<typeof rankOf>[0]): boolean {
  return rankOf(path) >= rankOf('member-relay')
}

/** A relayed connection troubles nobody: other carriers do its work meanwhile. */
function detourOf(out: IceOutput): LinkDetourOutput | undefined {
  switch (out.type) {
    case 'opened':
      return { type: 'changed' }
    case 'trouble':
    case 'repair':
      return undefined
    default:
      return out
  }
}
