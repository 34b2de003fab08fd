// Who comes into the room and how links begin: cards before everything else, first offers, and signals
// only from those whose card is known. Seals are opened elsewhere; this decides what their content is worth.
import type { Bytes, Card, Participant, PeerId, Signal, WelcomeFrame } from '@knothole/wire'
import type { DetourDesk } from '../detours/detour-desk.ts'
import { withoutAddresses } from './hidden-address.ts'
import type { IceOptions } from '../link/ice-carrier.ts'
import type { MeshSeat } from '../mesh/seat.ts'
import type { RtcOptions } from '../../ports/index.ts'
import { Link } from '../link/link.ts'
import type { First, PeopleTable, PersonRow } from './people-table.ts'
import type { FaultCode, Hindrance } from '../room-state.ts'
import type { Me, SessionInput, SessionOutput } from '../session-io.ts'
import type { SpareDesk } from './spare-desk.ts'

export interface IntroductionsOptions {
  readonly people: PeopleTable
  readonly spare: SpareDesk
  readonly desk: DetourDesk
  readonly mesh: () => MeshSeat
  readonly me: () => Me
  readonly card: () => Card
  readonly random: () => number
  readonly newConnection: () => number
  readonly output: (out: SessionOutput) => void
  readonly fault: (code: FaultCode, peer: PeerId) => void
}

/** What came of seals that were opened, and of paper. */
export type IntroductionInput = Extract<
  SessionInput,
  { type: 'card-opened' | 'card-refused' | 'signal-opened' | 'paper-wanted' | 'met' }
>

export class Introductions {
  readonly #options: IntroductionsOptions
  #sequence = 0
  /** Cards that are being opened, in order. */
  readonly #opening = new Map<PeerId, Bytes[]>()

  constructor(options: IntroductionsOptions) {
    this.#options = options
  }

  /** The rendezvous let us in and named everyone it has. */
  welcomed({ participants, offeredTo, later = [] }: WelcomeFrame, nowMs: number): void {
    const { people, spare } = this.#options
    people.presentAre(new Set([...participants.map(({ peer }) => peer), ...later]), nowMs)
    const known = participants.some(({ peer }) => peer === offeredTo)
    if (!known) spare.drop()
    if (participants.length === 0) this.#options.desk.alone()
    for (const participant of participants) {
      this.expect(participant, participant.peer === offeredTo ? 'adopt' : 'offer')
    }
    for (const row of people.rows()) if (row.present) row.link.signallingIsBack(nowMs)
  }

  /** Somebody was announced: their card is opened first. */
  expect({ peer, card }: Participant, first: First): void {
    const { people, me } = this.#options
    // What members say comes after what the rendezvous says.
    if (first === 'introduced' && people.expected.has(peer)) return
    if (peer === me().peer || (people.full && people.known(peer) === undefined)) return
    people.expected.set(peer, first)
    this.openCard(peer, card)
  }

  /** Has a card opened. */
  openCard(peer: PeerId, sealed: Bytes): void {
    const opening = this.#opening.get(peer) ?? []
    this.#opening.set(peer, [...opening, sealed])
    this.#options.output({ type: 'open-card', peer, sealed })
  }

  /** The card of a peer whose turn it is: results come in the order in which they were asked for. */
  #opened(peer: PeerId): Bytes | undefined {
    const opening = this.#opening.get(peer) ?? []
    const sealed = opening.shift()
    if (opening.length === 0) this.#opening.delete(peer)
    return sealed
  }

  handle(input: IntroductionInput, nowMs: number): void {
    if (input.type === 'card-opened') this.#cardOpened(input, nowMs)
    else if (input.type === 'card-refused') this.#cardRefused(input.peer)
    else if (input.type === 'signal-opened') this.#signalOpened(input, nowMs)
    else this.#paper(input, nowMs)
  }

  #cardOpened(input: SessionInput & { type: 'card-opened' }, nowMs: number): void {
    const { people, spare, mesh, me, output, fault } = this.#options
    const { peer, member, card } = input
    const sealed = this.#opened(peer)
    const first = people.expected.get(peer)
    const known = people.get(peer)
    // In a large room whoever is new has no link for now; but for who took our offer.
    const isFar =
      known === undefined && first !== 'adopt' && mesh().handle({ ...input, first, sealed }, nowMs)
    people.expected.delete(peer)
    if (isFar) return
    if (known !== undefined && known.member !== member) {
      fault('identity-changed', peer)
      return
    }
    if (known === undefined && first === undefined) return
    const isMe = member === me().member
    const row = known ?? people.add({ peer, member, isMe }, this.newLink(peer, card, nowMs))
    row.name = card.name
    row.card = card
    row.sealed = sealed
    const isNew = known === undefined
    if (first !== 'introduced') row.present = true
    else if (isNew) {
      row.present = false
      row.leftMs = nowMs
    }
    this.#beginLink(row, { isNew, first }, nowMs)
    if (first === 'adopt') spare.adopt(row, isNew, nowMs)
    this.#options.desk.cardsChanged(nowMs)
    output({ type: 'changed' })
  }

  /** Offers, if it is ours to offer; or makes up for what a socket of theirs that is gone may have lost. */
  #beginLink(
    { peer, link }: PersonRow,
    { isNew, first }: { readonly isNew: boolean; readonly first: First | undefined },
    nowMs: number,
  ): void {
    // Of two whom members introduce to each other, one begins.
    const begins = first === 'introduced' ? this.#options.me().peer < peer : first === 'offer'
    if (isNew && begins) link.start(nowMs)
    if (!isNew && first === 'wait') link.signallingIsBack(nowMs)
  }

  #cardRefused(peer: PeerId): void {
    const { people, spare, output, fault } = this.#options
    this.#opened(peer)
    const first = people.expected.get(peer)
    people.expected.delete(peer)
    if (first === 'adopt') spare.drop()
    output({ type: 'changed' })
    // Whoever brought it made it up; the peer in whose name it came knows nothing of it.
    if (first !== 'introduced') fault('card-forged', peer)
  }

  #signalOpened(input: SessionInput & { type: 'signal-opened' }, nowMs: number): void {
    const { people, desk, mesh, fault } = this.#options
    const { peer, member, signal } = input
    const row = people.get(peer)
    if (row === undefined) {
      if (!mesh().handle(input, nowMs)) fault('signal-unexpected', peer)
    } else if (row.member !== member) fault('identity-changed', peer)
    else {
      const taken = row.window.accept(signal.sequence, input.isCarried === true)
      if (taken === 'replayed') fault('signal-replayed', peer)
      if (taken !== 'new') return
      const isForDetours = signal.way !== undefined || signal.type === 'note'
      if (signal.type === 'mesh') mesh().handle(input, nowMs)
      else if (!isForDetours || !desk.keeps(row, signal, nowMs))
        row.link.handleSignal(signal, nowMs)
    }
  }

  /** People carry what nobody else can: a connection that makes an offer, or word of somebody met on paper. */
  #paper(input: SessionInput & { type: 'paper-wanted' | 'met' }, nowMs: number): void {
    const { people, me, newConnection, output } = this.#options
    if (input.type === 'paper-wanted') {
      const connection = newConnection()
      output({ type: 'rtc-open', connection, options: this.#rtcOptions() })
      output({ type: 'rtc', connection, command: { type: 'offer', restart: false } })
      return
    }
    const { peer, member, card } = input
    const known = people.get(peer)
    const isOther = known !== undefined && known.member !== member
    if (peer === me().peer || isOther || known?.link.status.state === 'connected') return
    if (known === undefined && people.full) return
    const isMe = member === me().member
    const row = known ?? people.add({ peer, member, isMe }, this.newLink(peer, card, nowMs))
    row.name = card.name
    row.card = card
    if (known === undefined) row.present = false
    row.leftMs = input.untilMs
    row.link.meet(input, nowMs)
    output({ type: 'changed' })
    // What others need to be introduced by us, and we by them.
    output({ type: 'seal-card', card: this.#options.card() })
  }

  /** Has a signal of ours sealed and sent. */
  signal(row: PersonRow, signal: Signal): void {
    const { card, output } = this.#options
    const told = card().hidden === true ? withoutAddresses(signal) : signal
    if (told !== undefined) output({ type: 'seal-signal', to: row.peer, signal: told })
  }

  /** How connections to a peer are made. */
  iceOptions(peer: PeerId): IceOptions {
    const { me, people, random, newConnection, desk } = this.#options
    return {
      isOneOfMany: () => people.isPartial,
      reach: () => desk.reach(peer),
      polite: me().peer > peer,
      newConnection,
      nextSequence: () => ++this.#sequence,
      random,
      rtcOptions: () => this.#rtcOptions(),
    }
  }

  /** A link to somebody new. */
  /** Who hides gathers relays only. */
  #rtcOptions(): RtcOptions | undefined {
    const { card, desk } = this.#options
    return card().hidden === true ? { iceServers: desk.iceServers, relayOnly: true } : undefined
  }

  newLink(peer: PeerId, card: Card, nowMs: number): Link {
    const { people, card: ownCard } = this.#options
    const hindrance = hindranceOf(ownCard(), card)
    const isTurn = hindrance !== undefined
    const stream = people.streamOf(peer)
    return new Link({ ...this.iceOptions(peer), isTurn, hindrance, stream }, nowMs)
  }
}

/** Why no path can be direct, whatever the networks are. */
function hindranceOf(ours: Card, theirs: Card): Hindrance | undefined {
  if (ours.hidden === true) return 'hiding'
  return theirs.hidden === true ? 'they-hide' : undefined
}
