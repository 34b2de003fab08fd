// One peer in one room: joins at the rendezvous, keeps a link to everyone, carries the conversation.
// Everything is decided here and nothing is done: sealing, opening, sockets and WebRTC are outputs
// whose results come back as inputs.
import { encodeTalkFrame } from '@knothole/wire'
import type {
  Bytes,
  Card,
  MemberId,
  Participant,
  PeerId,
  RoomId,
  ServerFrame,
} from '@knothole/wire'
import type { RtcEvent } from '../ports/index.ts'
import { Conversation } from './conversation.ts'
import { FAULT_WORDS } from './fault-words.ts'
import { Link } from './link.ts'
import type { LinkOutput } from './link.ts'
import { earliest } from './machine.ts'
import type { Machine } from './machine.ts'
import { PeopleTable } from './people-table.ts'
import type { PersonRow } from './people-table.ts'
import { RendezvousClient } from './rendezvous-client.ts'
import type { RendezvousOutput } from './rendezvous-client.ts'
import type { FaultCode, Message, RendezvousStatus, RoomState } from './room-state.ts'
import type { SessionInput, SessionOutput } from './session-io.ts'
import { SpareOffer } from './spare-offer.ts'

export interface SessionOptions {
  readonly room: RoomId
  readonly link: string
  readonly card: Card
  /** We just made the room: nobody can be there to take a ready-made offer. */
  readonly roomIsNew: boolean
  /** Numbers in [0, 1), for jitter. */
  readonly random: () => number
}

/** Who we are in this room. */
export interface Me {
  readonly peer: PeerId
  readonly member: MemberId
}

type Join = RendezvousOutput & { type: 'join' }

export class Session implements Machine<SessionInput, SessionOutput> {
  readonly #options: SessionOptions
  readonly #outputs: SessionOutput[] = []
  readonly #rendezvous: RendezvousClient
  readonly #people: PeopleTable
  readonly #conversation: Conversation
  #card: Card
  #me: Me | undefined
  #connections = 0
  /** The connection whose offer goes out with the join, until it is known who got it. */
  #spare: SpareOffer | undefined
  /** A join that waits for the spare's offer to be made. */
  #heldJoin: Join | undefined
  #sequence = 0
  #capacity: number | undefined
  #expiresAtMs: number | undefined
  #closed = false

  constructor(options: SessionOptions) {
    this.#options = options
    this.#card = options.card
    this.#rendezvous = new RendezvousClient(options.random)
    this.#people = new PeopleTable()
    this.#conversation = new Conversation(this.#people)
  }

  /** Begins: opens the socket and makes the first offer ready meanwhile. */
  start(nowMs: number): void {
    if (!this.#options.roomIsNew) this.#openSpare()
    this.#rendezvous.start(nowMs)
    this.#collect(nowMs)
  }

  /** Says who we are, once the keys are there; before the first join can be sealed. */
  identify(me: Me, name: string = this.#card.name): void {
    this.#me = me
    this.#card = { ...this.#card, name }
  }

  /** What a page shows; a new object at each call. Only after `identify`. */
  state(): RoomState {
    const { room, link } = this.#options
    return {
      room,
      link,
      me: { ...this.#identified(), name: this.#card.name },
      rendezvous: this.#standing(),
      people: this.#people.view(),
      capacity: this.#capacity,
      expiresAtMs: this.#expiresAtMs,
    }
  }

  /** Online once those who are there are known by their cards; until then the room would look empty. */
  #standing(): RendezvousStatus {
    const { status } = this.#rendezvous
    const unknown = this.#people.rows().length === 0 && this.#people.expected.size > 0
    return status.state === 'online' && unknown ? { ...status, state: 'connecting' } : status
  }

  /** Says something to everyone who can hear it. */
  say(id: Bytes, text: string, nowMs: number): Message {
    const message = this.#conversation.say(
      { id, text, name: this.#card.name },
      this.#identified().member,
      nowMs,
    )
    this.#outputs.push({ type: 'message', message })
    this.#collect(nowMs)
    return message
  }

  handle(input: SessionInput, nowMs: number): void {
    if (this.#closed) return
    this.#dispatch(input, nowMs)
    this.#collect(nowMs)
  }

  tick(nowMs: number): void {
    if (this.#closed) return
    this.#rendezvous.tick(nowMs)
    for (const row of this.#people.rows()) row.link.tick(nowMs)
    const changed = this.#people.sweep(nowMs)
    for (const row of changed) this.#collectLink(row, nowMs)
    if (changed.length > 0) this.#outputs.push({ type: 'changed' })
    this.#collect(nowMs)
  }

  deadlineMs(): number | undefined {
    if (this.#closed) return undefined
    const links = this.#people.rows().map((row) => row.link.deadlineMs())
    return earliest(this.#rendezvous.deadlineMs(), this.#people.deadlineMs(), ...links)
  }

  poll(): SessionOutput | undefined {
    return this.#outputs.shift()
  }

  #identified(): Me {
    if (this.#me === undefined) throw new Error('the session was used before it was identified')
    return this.#me
  }

  #dispatch(input: SessionInput, nowMs: number): void {
    switch (input.type) {
      case 'socket-open':
      case 'socket-frame':
      case 'socket-closed':
        this.#rendezvous.handle(input, nowMs)
        return
      case 'rtc':
        if (input.connection === this.#spare?.connection) this.#fromSpare(this.#spare, input.event)
        else this.#rowOf(input.connection)?.link.handleRtc(input.connection, input.event, nowMs)
        return
      case 'card-sealed':
        this.#rendezvous.send({ type: 'card', card: input.card })
        return
      case 'signal-sealed':
        this.#rendezvous.send({ type: 'signal', to: input.to, sealed: input.sealed })
        return
      case 'card-opened':
        this.#cardOpened(input, nowMs)
        return
      case 'card-refused':
        if (this.#people.expected.get(input.peer) === 'adopt') this.#dropSpare()
        this.#people.expected.delete(input.peer)
        this.#outputs.push({ type: 'changed' })
        this.#fault('card-forged', input.peer)
        return
      case 'signal-opened':
        this.#signalOpened(input, nowMs)
        return
      case 'signal-refused':
        this.#fault('signal-forged', input.peer)
        return
      default:
        this.#command(input, nowMs)
    }
  }

  #command(
    input: Extract<SessionInput, { type: 'typing' | 'rename' | 'leave' }>,
    nowMs: number,
  ): void {
    switch (input.type) {
      case 'typing':
        this.#conversation.tell({ type: 'typing', active: input.active }, nowMs)
        return
      case 'rename':
        this.#card = { ...this.#card, name: input.name }
        this.#outputs.push({ type: 'seal-card', card: this.#card })
        this.#conversation.tell({ type: 'name', name: input.name }, nowMs)
        this.#outputs.push({ type: 'changed' })
        return
      case 'leave':
        this.#leave(nowMs)
    }
  }

  #leave(nowMs: number): void {
    this.#conversation.tell({ type: 'bye' }, nowMs)
    for (const row of this.#people.rows()) this.#collectLink(row, nowMs)
    for (const row of this.#people.rows()) row.link.close(nowMs)
    this.#dropSpare()
    this.#rendezvous.close()
    this.#collect(nowMs)
    this.#closed = true
  }

  // The rendezvous.

  #collect(nowMs: number): void {
    // Each may give the other something to do: a link in trouble has the rendezvous probed.
    for (;;) {
      for (const row of this.#people.rows()) this.#collectLink(row, nowMs)
      const out = this.#rendezvous.poll()
      if (out === undefined) return
      this.#fromRendezvous(out, nowMs)
    }
  }

  #fromRendezvous(out: RendezvousOutput, nowMs: number): void {
    switch (out.type) {
      case 'join':
        this.#join(out)
        return
      case 'frame':
        this.#frame(out.frame, nowMs)
        return
      case 'status':
        if (!this.#rendezvous.online && this.#spare?.sent === true) this.#dropSpare()
        this.#outputs.push({ type: 'changed' })
        return
      case 'malformed':
        this.#fault('frame-malformed')
        return
      default:
        this.#outputs.push(out)
    }
  }

  #frame(frame: ServerFrame, nowMs: number): void {
    switch (frame.type) {
      case 'welcome':
        this.#capacity = frame.capacity
        this.#expiresAtMs = frame.expiresAtMs
        this.#welcomed(frame.participants, frame.offeredTo, nowMs)
        return
      case 'joined':
        this.#expect(frame.participant, 'wait')
        return
      case 'card':
        this.#outputs.push({ type: 'open-card', peer: frame.peer, sealed: frame.card })
        return
      case 'left':
        this.#people.left(frame.peer, nowMs)
        this.#outputs.push({ type: 'changed' })
        return
      case 'signal': {
        const { from, sealed, toAnyone } = frame
        this.#outputs.push({ type: 'open-signal', peer: from, sealed, toAnyone })
        return
      }
      default:
    }
  }

  #welcomed(
    participants: readonly Participant[],
    offeredTo: PeerId | undefined,
    nowMs: number,
  ): void {
    this.#people.presentAre(new Set(participants.map(({ peer }) => peer)), nowMs)
    const known = participants.some(({ peer }) => peer === offeredTo)
    if (!known) this.#dropSpare()
    for (const participant of participants) {
      this.#expect(participant, participant.peer === offeredTo ? 'adopt' : 'offer')
    }
    for (const row of this.#people.rows()) if (row.present) row.link.signallingIsBack(nowMs)
  }

  #expect({ peer, card }: Participant, first: 'wait' | 'offer' | 'adopt'): void {
    if (peer === this.#me?.peer || (this.#people.full && this.#people.get(peer) === undefined))
      return
    this.#people.expected.set(peer, first)
    this.#outputs.push({ type: 'open-card', peer, sealed: card })
  }

  #cardOpened(input: SessionInput & { type: 'card-opened' }, nowMs: number): void {
    const { peer, member, card } = input
    const first = this.#people.expected.get(peer)
    this.#people.expected.delete(peer)
    const known = this.#people.get(peer)
    if (known !== undefined && known.member !== member) {
      this.#fault('identity-changed', peer)
      return
    }
    if (known === undefined && first === undefined) return
    const isMe = member === this.#identified().member
    const row = known ?? this.#people.add({ peer, member, isMe }, this.#newLink(peer, nowMs))
    row.name = card.name
    row.device = card.device
    row.present = true
    if (known === undefined && first === 'offer') row.link.start(nowMs)
    // They joined again: what was signalled to their old socket may be lost.
    if (known !== undefined && first === 'wait') row.link.signallingIsBack(nowMs)
    if (first === 'adopt') this.#adoptSpare(row, known === undefined, nowMs)
    this.#outputs.push({ type: 'changed' })
  }

  #newLink(peer: PeerId, nowMs: number): Link {
    const polite = this.#identified().peer > peer
    const newConnection = (): number => ++this.#connections
    const nextSequence = (): number => ++this.#sequence
    const { random } = this.#options
    const stream = this.#people.streamOf(peer)
    return new Link({ polite, newConnection, nextSequence, random, stream }, nowMs)
  }

  // The spare connection, whose ready-made offer goes out with the join.

  #openSpare(): void {
    const connection = ++this.#connections
    this.#spare = new SpareOffer(connection)
    this.#outputs.push({ type: 'rtc-open', connection, options: undefined })
    this.#outputs.push({ type: 'rtc', connection, command: { type: 'offer', restart: false } })
  }

  #fromSpare(spare: SpareOffer, event: RtcEvent): void {
    spare.handle(event)
    if (event.type === 'failed') this.#dropSpare()
    if (this.#heldJoin !== undefined) this.#join(this.#heldJoin)
  }

  #join(join: Join): void {
    const spare = this.#spare
    this.#heldJoin = spare?.ready === false ? join : undefined
    if (this.#heldJoin !== undefined) return
    spare?.send()
    this.#outputs.push({ ...join, card: this.#card, offer: spare?.connection })
  }

  #adoptSpare(row: PersonRow, isNew: boolean, nowMs: number): void {
    const spare = this.#spare
    if (!isNew || spare === undefined) {
      this.#dropSpare()
      if (isNew) row.link.start(nowMs)
      return
    }
    this.#spare = undefined
    row.link.adopt(spare.connection, nowMs)
    for (const event of spare.candidates) row.link.handleRtc(spare.connection, event, nowMs)
  }

  #dropSpare(): void {
    if (this.#spare === undefined) return
    this.#outputs.push({ type: 'rtc-close', connection: this.#spare.connection })
    this.#spare = undefined
  }

  // People and their links.

  #signalOpened(input: SessionInput & { type: 'signal-opened' }, nowMs: number): void {
    const row = this.#people.get(input.peer)
    if (row === undefined) this.#fault('signal-unexpected', input.peer)
    else if (row.member !== input.member) this.#fault('identity-changed', input.peer)
    else if (!row.window.accept(input.signal.sequence)) this.#fault('signal-replayed', input.peer)
    else row.link.handleSignal(input.signal, nowMs)
  }

  #rowOf(connection: number): PersonRow | undefined {
    return this.#people.rows().find(({ link }) => link.owns(connection))
  }

  #collectLink(row: PersonRow, nowMs: number): void {
    for (let out = row.link.poll(); out !== undefined; out = row.link.poll()) {
      this.#fromLink(row, out, nowMs)
    }
  }

  #fromLink(row: PersonRow, out: LinkOutput, nowMs: number): void {
    switch (out.type) {
      case 'signal':
        this.#outputs.push({ type: 'seal-signal', to: row.peer, signal: out.signal })
        return
      case 'frame':
        this.#hear(row, out.frame, nowMs)
        return
      case 'malformed':
        this.#fault('frame-malformed', row.peer)
        return
      case 'flood':
        if (!row.flooded) this.#fault('frame-flood', row.peer)
        row.flooded = true
        return
      case 'trouble':
        this.#rendezvous.hurry(nowMs)
        return
      case 'repair':
        this.#rendezvous.probe(nowMs)
        return
      case 'opened':
        row.typingUntilMs = undefined
        row.link.send(encodeTalkFrame({ type: 'name', name: this.#card.name }), nowMs)
        return
      case 'stuck':
      case 'bulk':
      case 'seal-relayed':
        return
      default:
        this.#outputs.push(out)
    }
  }

  #hear(row: PersonRow, bytes: Bytes, nowMs: number): void {
    const heard = this.#conversation.hear(row, bytes, nowMs)
    if (heard.type === 'fault') this.#fault(heard.code, row.peer)
    if (heard.type === 'message') this.#outputs.push(heard)
    if (heard.type === 'left') {
      row.link.close(nowMs)
      this.#people.gone(row.peer)
      this.#collectLink(row, nowMs)
    }
    if (heard.type !== 'fault' && heard.type !== 'nothing') this.#outputs.push({ type: 'changed' })
  }

  #fault(code: FaultCode, peer?: PeerId): void {
    this.#outputs.push({ type: 'fault', fault: { code, message: FAULT_WORDS[code], peer } })
  }
}
