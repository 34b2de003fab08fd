// Keeps the place of the detours until they are wanted and loaded: has them loaded, holds what is for
// them meanwhile, and shows them the session. Decides nothing about paths.
import type { Bytes, Card, ClientFrame, IceServers, PeerId, Signal } from '@knothole/wire'
import { encodeTalkFrame } from '@knothole/wire'
import { BetweenDesk } from './between-desk.ts'
import type {
  BetweenHost,
  DetourHost,
  Detours,
  DetoursInput,
  Member,
  MemberTalk,
  OpenDetours,
  SealedVia,
} from './detours.ts'
import type { IceOptions, SignalReach } from '../link/ice-carrier.ts'
import { earliest } from '../machine.ts'
import type { FarPerson, PeopleTable, PersonRow } from '../people/people-table.ts'
import type { RendezvousClient } from '../rendezvous/rendezvous-client.ts'
import type { FaultCode } from '../room-state.ts'
import type { SessionOutput } from '../session-io.ts'

/** What is held for detours that are being loaded: a few round trips of words, no stream. */
const MAX_WAITING = 64

/** Once the first link is up this long, the code is loaded: it is needed when the rendezvous is gone, and cannot be had then. */
const LOAD_AFTER_MS = 2_000

/** Credentials that last no longer than this are asked for anew: an allocation must outlive its making. */
const STALE_BEFORE_MS = 60_000

export interface DetourDeskOptions {
  readonly people: PeopleTable
  readonly rendezvous: RendezvousClient
  readonly random: () => number
  readonly card: () => Card
  readonly me: () => PeerId
  readonly iceOptions: (peer: PeerId) => IceOptions
  /** Has a card opened that members brought. */
  readonly introduce: (peer: PeerId, card: Bytes) => void
  readonly output: (out: SessionOutput) => void
  readonly fault: (code: FaultCode, peer: PeerId) => void
}

export class DetourDesk implements DetourHost {
  readonly #options: DetourDeskOptions
  #detours: Detours | undefined
  #isWanted = false
  #wantAtMs: number | undefined
  /** Our card as it was sealed last. */
  #ownCard: Bytes | undefined
  readonly between: BetweenHost
  #waiting: DetoursInput[] = []
  #signals: { readonly peer: PeerId; readonly signal: Signal }[] = []
  /** Peers whose links wait for detours. */
  readonly #stuck = new Set<PeerId>()
  #iceServers: IceServers | undefined
  #nowMs = 0

  constructor(options: DetourDeskOptions) {
    this.#options = options
    this.between = new BetweenDesk(options)
  }

  // What the session tells.

  /** A link has no path in time. */
  stuck(row: PersonRow, nowMs: number): void {
    this.#stuck.add(row.peer)
    if (this.#detours === undefined) this.want()
    else this.#openLinks(nowMs)
  }

  /** The code is here. */
  loaded(open: OpenDetours, nowMs: number): void {
    this.#nowMs = nowMs
    this.#isWanted = true
    this.#detours = open(this, nowMs)
    this.#openLinks(nowMs)
    const card = this.#ownCard
    if (card !== undefined) this.#detours.handle({ type: 'own-card', card }, nowMs)
    for (const input of this.#waiting.splice(0)) this.handle(input, nowMs)
    for (const { peer, signal } of this.#signals.splice(0))
      this.#options.people.get(peer)?.link.handleSignal(signal, nowMs)
  }

  /** The code could not be had: it is asked for again when another link is stuck. */
  missing(): void {
    this.#isWanted = false
    this.#waiting = []
    this.#signals = []
    this.#stuck.clear()
  }

  handle(input: DetoursInput, nowMs: number): void {
    this.#nowMs = nowMs
    if (this.#detours === undefined) {
      if (input.type === 'gone') this.#stuck.delete(input.peer)
      else if (this.#waiting.length < MAX_WAITING) this.#waiting.push(input)
      if (input.type !== 'gone') this.want()
      return
    }
    if ('peer' in input && input.type !== 'between') this.#take(input.peer, nowMs)
    if (input.type === 'server' && input.frame.type === 'relay') this.#take(input.frame.from, nowMs)
    this.#detours.handle(input, nowMs)
  }

  /** A card says something new, somebody's or ours. */
  cardsChanged(nowMs: number): void {
    this.#detours?.handle({ type: 'cards-changed' }, nowMs)
  }

  /** A sealed signal of ours goes by the rendezvous, and by members where it is gone or slow. */
  signal(to: PeerId, sealed: Bytes, nowMs: number): void {
    const isTaken = this.serve({ type: 'signal', to, sealed })
    const isServed = isTaken && this.#options.people.known(to)?.present === true
    if (this.#detours !== undefined || !isServed)
      this.handle({ type: 'signal', to, sealed, isServed }, nowMs)
  }

  /** Our card, sealed anew, goes the same ways. */
  ownCard(card: Bytes, nowMs: number): void {
    this.serve({ type: 'card', card })
    this.#ownCard = card
    this.#detours?.handle({ type: 'own-card', card }, nowMs)
  }

  /** A link is up or down, or the rendezvous is. */
  linksChanged(nowMs: number): void {
    this.#detours?.handle({ type: 'links-changed' }, nowMs)
  }

  /** A link works: the code is loaded soon, if it is not there. */
  settled(nowMs: number): void {
    if (!this.#isWanted) this.#wantAtMs ??= nowMs + LOAD_AFTER_MS
  }

  /** Nobody is there: the code is loaded now, when it delays nothing. */
  alone(): void {
    this.want()
  }

  /** Has the code loaded, once. */
  want(): void {
    if (this.#isWanted) return
    this.#isWanted = true
    this.#wantAtMs = undefined
    this.#options.output({ type: 'load-detours' })
  }

  /** Who brings signals to a peer now. */
  reach(peer: PeerId): SignalReach {
    if (this.isOnline && this.member(peer)?.present !== false) return 'rendezvous'
    return this.#detours?.reaches(peer) === true ? 'members' : 'nobody'
  }

  networkChanged(nowMs: number): void {
    this.#detours?.handle({ type: 'network-changed' }, nowMs)
  }

  /** A signal that a link cannot hear before it has detours; answers whether it is kept until then. */
  keeps(row: PersonRow, signal: Signal, nowMs: number): boolean {
    if (row.link.hasDetours) return false
    this.stuck(row, nowMs)
    if (this.#detours !== undefined) return false
    if (this.#signals.length < MAX_WAITING) this.#signals.push({ peer: row.peer, signal })
    return true
  }

  tick(nowMs: number): void {
    this.#nowMs = nowMs
    if (this.#wantAtMs !== undefined && this.#wantAtMs <= nowMs) this.want()
    this.#detours?.tick(nowMs)
  }

  deadlineMs(): number | undefined {
    return earliest(this.#wantAtMs, this.#detours?.deadlineMs())
  }

  /** The rendezvous said which relays there are. */
  relaysAre(iceServers: IceServers | undefined): void {
    this.#iceServers = iceServers?.urls.length === 0 ? undefined : iceServers
  }

  // What detours see of the session.

  get me(): PeerId {
    return this.#options.me()
  }

  get card(): Card {
    return this.#options.card()
  }

  get random(): () => number {
    return this.#options.random
  }

  get isOnline(): boolean {
    return this.#options.rendezvous.online
  }

  get publicAddress(): string | undefined {
    return this.#options.rendezvous.status.observed?.address
  }

  get iceServers(): IceServers | undefined {
    const servers = this.#iceServers
    if (servers === undefined || servers.expiresAtMs > this.#nowMs + STALE_BEFORE_MS) return servers
    this.#iceServers = undefined
    this.serve({ type: 'ice-servers' })
    return undefined
  }

  get members(): readonly Member[] {
    return this.#options.people.rows().map(memberOf)
  }

  member(peer: PeerId): Member | undefined {
    const known = this.#options.people.known(peer)
    return known === undefined ? undefined : memberOf(known)
  }

  serve(frame: ClientFrame): boolean {
    return this.#options.rendezvous.send(frame)
  }

  tell(peer: PeerId, frame: MemberTalk, nowMs: number): boolean {
    return this.#options.people.get(peer)?.link.send(encodeTalkFrame(frame), nowMs) ?? false
  }

  pass(peer: PeerId, channel: number, body: Bytes): boolean {
    return this.#options.people.get(peer)?.link.pass(channel, body) ?? false
  }

  seal(peer: PeerId, via: SealedVia, plain: Bytes): void {
    const key = this.#options.people.known(peer)?.card.relayKey
    if (key !== undefined) this.#options.output({ type: 'seal-relayed', peer, key, via, plain })
  }

  open(peer: PeerId, via: SealedVia, sealed: Bytes): void {
    const key = this.#options.people.known(peer)?.card.relayKey
    if (key !== undefined) this.#options.output({ type: 'open-relayed', peer, key, via, sealed })
  }

  fault(code: FaultCode, peer: PeerId): void {
    this.#options.fault(code, peer)
  }

  #openLinks(nowMs: number): void {
    for (const peer of this.#stuck) this.#take(peer, nowMs)
    this.#stuck.clear()
  }

  /** Gives a link its detours. */
  #take(peer: PeerId, nowMs: number): void {
    const row = this.#options.people.get(peer)
    if (row === undefined || row.link.hasDetours || this.#detours === undefined) return
    row.link.detour(this.#detours.openLink(peer, this.#options.iceOptions(peer), nowMs), nowMs)
  }
}

function memberOf({ peer, card, link, present }: PersonRow | FarPerson): Member {
  return { peer, card, link: link.status, present }
}
