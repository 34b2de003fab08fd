// Who comes into the room and how links begin: cards before everything else, first offers, and signals
// only from those whose card is known. Seals are opened elsewhere; this decides what their content is worth.
import type { Card, Participant, PeerId, Signal } from '@knothole/wire'
import type { DetourDesk } from './detour-desk.ts'
import { withoutAddresses } from './hidden-address.ts'
import type { IceOptions } from './ice-carrier.ts'
import { Link } from './link.ts'
import type { PeopleTable, PersonRow } from './people-table.ts'
import type { FaultCode, Hindrance } from './room-state.ts'
import type { Me, SessionInput, SessionOutput } from './session-io.ts'
import type { SpareDesk } from './spare-desk.ts'

export interface IntroductionsOptions {
  readonly people: PeopleTable
  readonly spare: SpareDesk
  readonly desk: DetourDesk
  readonly me: () => Me
  readonly card: () => Card
  readonly random: () => number
  readonly newConnection: () => number
  readonly output: (out: SessionOutput) => void
  readonly fault: (code: FaultCode, peer: PeerId) => void
}

export class Introductions {
  readonly #options: IntroductionsOptions
  #sequence = 0

  constructor(options: IntroductionsOptions) {
    this.#options = options
  }

  /** The rendezvous let us in and named everyone it has. */
  welcomed(
    participants: readonly Participant[],
    offeredTo: PeerId | undefined,
    nowMs: number,
  ): void {
    const { people, spare } = this.#options
    people.presentAre(new Set(participants.map(({ peer }) => peer)), nowMs)
    const known = participants.some(({ peer }) => peer === offeredTo)
    if (!known) spare.drop()
    if (participants.length === 0) this.#options.desk.alone()
    for (const participant of participants) {
      this.expect(participant, participant.peer === offeredTo ? 'adopt' : 'offer')
    }
    for (const row of people.rows()) if (row.present) row.link.signallingIsBack(nowMs)
  }

  /** Somebody was announced: their card is opened first. */
  expect({ peer, card }: Participant, first: 'wait' | 'offer' | 'adopt'): void {
    const { people, me, output } = this.#options
    if (peer === me().peer || (people.full && people.get(peer) === undefined)) return
    people.expected.set(peer, first)
    output({ type: 'open-card', peer, sealed: card })
  }

  cardOpened(input: SessionInput & { type: 'card-opened' }, nowMs: number): void {
    const { people, spare, me, output, fault } = this.#options
    const { peer, member, card } = input
    const first = people.expected.get(peer)
    people.expected.delete(peer)
    const known = people.get(peer)
    if (known !== undefined && known.member !== member) {
      fault('identity-changed', peer)
      return
    }
    if (known === undefined && first === undefined) return
    const isMe = member === me().member
    const row = known ?? people.add({ peer, member, isMe }, this.#newLink(peer, card, nowMs))
    row.name = card.name
    row.card = card
    row.present = true
    if (known === undefined && first === 'offer') row.link.start(nowMs)
    // They joined again: what was signalled to their old socket may be lost.
    if (known !== undefined && first === 'wait') row.link.signallingIsBack(nowMs)
    if (first === 'adopt') spare.adopt(row, known === undefined, nowMs)
    this.#options.desk.cardsChanged(nowMs)
    output({ type: 'changed' })
  }

  cardRefused(peer: PeerId): void {
    const { people, spare, output, fault } = this.#options
    if (people.expected.get(peer) === 'adopt') spare.drop()
    people.expected.delete(peer)
    output({ type: 'changed' })
    fault('card-forged', peer)
  }

  signalOpened(input: SessionInput & { type: 'signal-opened' }, nowMs: number): void {
    const { people, desk, fault } = this.#options
    const { peer, member, signal } = input
    const row = people.get(peer)
    if (row === undefined) fault('signal-unexpected', peer)
    else if (row.member !== member) fault('identity-changed', peer)
    else if (!row.window.accept(signal.sequence)) fault('signal-replayed', peer)
    else {
      const isForDetours = signal.way !== undefined || signal.type === 'note'
      if (isForDetours && desk.keeps(row, signal, nowMs)) return
      row.link.handleSignal(signal, nowMs)
    }
  }

  /** Has a signal of ours sealed and sent. */
  signal(row: PersonRow, signal: Signal): void {
    const { card, output } = this.#options
    const told = card().hidden === true ? withoutAddresses(signal) : signal
    if (told !== undefined) output({ type: 'seal-signal', to: row.peer, signal: told })
  }

  /** How connections to a peer are made. */
  iceOptions(peer: PeerId): IceOptions {
    const { me, random, newConnection, card, desk } = this.#options
    return {
      polite: me().peer > peer,
      newConnection,
      nextSequence: () => ++this.#sequence,
      random,
      rtcOptions: () =>
        card().hidden === true ? { iceServers: desk.iceServers, relayOnly: true } : undefined,
    }
  }

  #newLink(peer: PeerId, card: Card, nowMs: number): Link {
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
