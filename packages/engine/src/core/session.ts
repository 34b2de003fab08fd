// One peer in one room: joins at the rendezvous, keeps a link to everyone, carries the conversation.
// Everything is decided here and nothing is done: sealing, opening, sockets and WebRTC are outputs
// whose results come back as inputs.
import { encodeTalkFrame } from '@knothole/wire'
import type { Bytes, Card, IceServers, PeerId, ServerFrame } from '@knothole/wire'
import { BulkSeat } from './bulk.ts'
import { Conversation } from './conversation.ts'
import { DetourDesk } from './detour-desk.ts'
import { FAULT_WORDS } from './fault-words.ts'
import { Introductions } from './introductions.ts'
import type { LinkOutput } from './link.ts'
import { earliest } from './machine.ts'
import type { Machine } from './machine.ts'
import { PeopleTable } from './people-table.ts'
import type { PersonRow } from './people-table.ts'
import { RendezvousClient } from './rendezvous-client.ts'
import type { RendezvousOutput } from './rendezvous-client.ts'
import type { FaultCode, Message, RendezvousStatus, RoomState } from './room-state.ts'
import type { Me, SessionInput, SessionOptions, SessionOutput } from './session-io.ts'
import { SpareDesk } from './spare-desk.ts'
import type { Join } from './spare-desk.ts'
import { TalkSeat } from './talk-seat.ts'

type JoinWithOffer = Join & { readonly offer: number | undefined }

export class Session implements Machine<SessionInput, SessionOutput> {
  readonly #options: SessionOptions
  readonly #outputs: SessionOutput[] = []
  readonly #rendezvous: RendezvousClient
  readonly #people: PeopleTable
  readonly #conversation: Conversation
  readonly #desk: DetourDesk
  #card: Card
  #me: Me | undefined
  #connections = 0
  readonly #spare: SpareDesk
  readonly #bulk: BulkSeat
  readonly #talk: TalkSeat
  readonly #introductions: Introductions
  #capacity: number | undefined
  #expiresAtMs: number | undefined
  #relays: IceServers | undefined
  #closed = false
  /** A join asked for before it was known who joins. */
  #early: JoinWithOffer | undefined

  constructor(options: SessionOptions) {
    this.#options = options
    this.#card = options.card
    this.#rendezvous = new RendezvousClient(options.random)
    this.#people = new PeopleTable()
    this.#conversation = new Conversation(this.#people)
    const output = (out: SessionOutput): void => void this.#outputs.push(out)
    const fault = (code: FaultCode, peer: PeerId): void => this.#fault(code, peer)
    this.#spare = new SpareDesk(output, (join, offer) => this.#join({ ...join, offer }))
    this.#desk = new DetourDesk({
      people: this.#people,
      rendezvous: this.#rendezvous,
      random: options.random,
      card: () => this.#card,
      me: () => this.#identified().peer,
      iceOptions: (peer) => this.#introductions.iceOptions(peer),
      output,
      fault,
    })
    this.#bulk = new BulkSeat(
      {
        people: this.#people,
        output: (out) => output({ type: 'bulk', out }),
        malformed: (peer) => fault('frame-malformed', peer),
      },
      () => this.#desk.want(),
    )
    this.#introductions = new Introductions({
    this.#talk = new TalkSeat({
      people: this.#people,
      me: () => this.#identified(),
      ownName: () => this.#card.name,
      output,
      fault,
    })
      people: this.#people,
      spare: this.#spare,
      desk: this.#desk,
      me: () => this.#identified(),
      card: () => this.#card,
      random: options.random,
      newConnection: () => ++this.#connections,
      output,
      fault,
    })
  }

  /** Begins: opens the socket and makes the first offer ready meanwhile. */
  start(nowMs: number): void {
    // Who hides makes no offer before it knows the relays to gather from.
    const isAlone = this.#options.roomIsNew
    if (!isAlone && this.#card.hidden !== true) this.#spare.open(++this.#connections)
    this.#rendezvous.start(nowMs)
    this.#collect(nowMs)
  }

  /** Says who we are, once the keys are there; before the first join can be sealed. */
  identify(me: Me, name: string = this.#card.name): void {
    this.#me = me
    this.#card = { ...this.#card, name, relayKey: me.relayKey }
    if (this.#early !== undefined) this.#join(this.#early)
    this.#early = undefined
  }

  /** What a page shows; a new object at each call. Only after `identify`. */
  state(): RoomState {
    const { room, link } = this.#options
    const { peer, member } = this.#identified()
    return {
      room,
      link,
      me: { peer, member, name: this.#card.name },
      rendezvous: this.#standing(),
      people: this.#people.view(),
      capacity: this.#capacity,
      expiresAtMs: this.#expiresAtMs,
      nat: this.#card.nat,
      relays: this.#relays,
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
    const said = { id, text, name: this.#card.name }
    const message = this.#conversation.say(said, this.#identified().member, nowMs)
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
    this.#desk.tick(nowMs)
    for (const row of this.#people.rows()) row.link.tick(nowMs)
    this.#talk.tick(nowMs)
    const changed = this.#people.sweep(nowMs)
    for (const row of changed) {
      this.#collectLink(row, nowMs)
      if (this.#people.get(row.peer) === undefined) this.#gone(row.peer, false, nowMs)
    }
    if (changed.length > 0) this.#outputs.push({ type: 'changed' })
    this.#bulk.sweep()
    this.#collect(nowMs)
  }

  deadlineMs(): number | undefined {
    if (this.#closed) return undefined
    const links = this.#people.rows().map((row) => row.link.deadlineMs())
    const own = [this.#rendezvous.deadlineMs(), this.#people.deadlineMs(), this.#talk.deadlineMs()]
    return earliest(...own, this.#desk.deadlineMs(), ...links)
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
        if (input.connection === this.#spare.connection) this.#spare.handle(input.event)
        else this.#rowOf(input.connection)?.link.handleRtc(input.connection, input.event, nowMs)
        return
      case 'card-sealed':
        this.#rendezvous.send({ type: 'card', card: input.card })
        return
      case 'signal-sealed':
        this.#rendezvous.send({ type: 'signal', to: input.to, sealed: input.sealed })
        return
      case 'card-opened':
        this.#introductions.cardOpened(input, nowMs)
        return
      case 'card-refused':
        this.#introductions.cardRefused(input.peer)
        return
      case 'signal-opened':
        this.#introductions.signalOpened(input, nowMs)
        return
      case 'signal-refused':
        this.#fault('signal-forged', input.peer)
        return
      default:
        this.#command(input, nowMs)
    }
  }

  #command(
    input: Exclude<
      SessionInput,
      { type: `${'socket' | 'card' | 'signal'}-${string}` } | { type: 'rtc' }
    >,
    nowMs: number,
  ): void {
    switch (input.type) {
      case 'bulk':
        this.#bulk.handle(input.input, nowMs)
        return
      case 'detours-loaded':
      case 'talk':
        this.#talk.handle(input.input, nowMs)
        return
        this.#desk.loaded(input.open, nowMs)
        this.#bulk.open(input.openBulk, nowMs)
        return
      case 'detours-missing':
        this.#desk.missing()
        return
      case 'detours':
        this.#desk.handle(input.input, nowMs)
        return
      case 'climb':
        this.#people.get(input.peer)?.link.handleDetour(input, nowMs)
        return
      case 'network-changed':
        this.#rendezvous.hurry(nowMs)
        this.#desk.networkChanged(nowMs)
        for (const row of this.#people.rows()) row.link.signallingIsBack(nowMs)
        return
      case 'typing':
        this.#conversation.tell({ type: 'typing', active: input.active }, nowMs)
        return
      case 'nat-measured':
        if (this.#card.hidden === true) return
        this.#showCard({ ...this.#card, nat: input.nat }, nowMs)
        this.#outputs.push({ type: 'changed' })
        return
      case 'rename':
        this.#showCard({ ...this.#card, name: input.name }, nowMs)
        this.#conversation.tell({ type: 'name', name: input.name }, nowMs)
        this.#outputs.push({ type: 'changed' })
        return
      case 'leave':
        this.#leave(nowMs)
    }
  }

  #join(join: JoinWithOffer): void {
    if (this.#me === undefined) this.#early = join
    else this.#outputs.push({ ...join, card: this.#card })
  }

  #showCard(card: Card, nowMs: number): void {
    this.#card = card
    this.#outputs.push({ type: 'seal-card', card })
    this.#desk.cardsChanged(nowMs)
  }

  #leave(nowMs: number): void {
    this.#conversation.tell({ type: 'bye' }, nowMs)
    for (const row of this.#people.rows()) this.#collectLink(row, nowMs)
    for (const row of this.#people.rows()) row.link.close(nowMs)
    this.#spare.drop()
    this.#rendezvous.close()
    this.#collect(nowMs)
    this.#closed = true
  }

  // The rendezvous.

  #collect(nowMs: number): void {
    // Each may give the other something to do: a link in trouble has the rendezvous probed.
    for (;;) {
      for (const row of this.#people.rows()) {
        if (row.link.hasDetours) row.link.settle(nowMs)
        this.#collectLink(row, nowMs)
      }
      const out = this.#rendezvous.poll()
      if (out === undefined) return
      this.#fromRendezvous(out, nowMs)
    }
  }

  #fromRendezvous(out: RendezvousOutput, nowMs: number): void {
    switch (out.type) {
      case 'join':
        this.#spare.join(out)
        return
      case 'frame':
        this.#frame(out.frame, nowMs)
        return
      case 'status':
        if (!this.#rendezvous.online && this.#spare.isSent) this.#spare.drop()
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
        this.#relaysAre(frame.iceServers)
        this.#introductions.welcomed(frame.participants, frame.offeredTo, nowMs)
        return
      case 'joined':
        this.#introductions.expect(frame.participant, 'wait')
        return
      case 'card':
        this.#outputs.push({ type: 'open-card', peer: frame.peer, sealed: frame.card })
        return
      case 'left':
        this.#people.left(frame.peer, nowMs)
        this.#people.get(frame.peer)?.link.handleDetour({ type: 'absent' }, nowMs)
        this.#outputs.push({ type: 'changed' })
        return
      case 'signal': {
        const { from, sealed, toAnyone } = frame
        this.#outputs.push({ type: 'open-signal', peer: from, sealed, toAnyone })
        return
      }
      case 'ice-servers':
        this.#relaysAre(frame.iceServers)
        return
      case 'relay':
      case 'relay-full':
      case 'probed':
        this.#desk.handle({ type: 'server', frame }, nowMs)
        return
      default:
    }
  }

  #relaysAre(iceServers: IceServers | undefined): void {
    this.#relays = iceServers
    this.#desk.relaysAre(iceServers)
  }

  // People and their links.

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
        this.#introductions.signal(row, out.signal)
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
        this.#desk.stuck(row, nowMs)
        this.#talk.handle({ type: 'link-up', peer: row.peer }, nowMs)
        return
      case 'changed':
        this.#desk.linksChanged(nowMs)
        this.#outputs.push(out)
        return
      case 'passing':
        this.#desk.handle({ ...out, peer: row.peer }, nowMs)
        return
      case 'seal-relayed': {
        const key = row.card.relayKey
        if (key !== undefined) this.#outputs.push({ ...out, peer: row.peer, key })
        return
      }
      case 'climb':
        this.#outputs.push({ ...out, peer: row.peer })
        return
      case 'bulk':
        this.#bulk.flow(row, nowMs)
        return
      default:
        this.#outputs.push(out)
    }
  }

  #hear(row: PersonRow, bytes: Bytes, nowMs: number): void {
    const heard = this.#conversation.hear(row, bytes, nowMs)
    if (heard.type === 'fault') this.#fault(heard.code, row.peer)
    if (heard.type === 'message') this.#outputs.push(heard)
    if (heard.type === 'relay')
      this.#desk.handle({ ...heard, type: 'member', peer: row.peer }, nowMs)
    if (heard.type === 'left') {
    if (heard.type === 'log') this.#talk.handle({ ...heard, type: 'frame' }, nowMs)
      row.link.close(nowMs)
      this.#people.gone(row.peer)
    if (heard.type === 'between') this.#desk.handle({ ...heard, peer: row.peer }, nowMs)
      this.#gone(row.peer, true, nowMs)
      this.#bulk.sweep()
      this.#collectLink(row, nowMs)
    }
    const isSeen = !['fault', 'nothing', 'relay'].includes(heard.type)
    if (isSeen) this.#outputs.push({ type: 'changed' })
  }

  #fault(code: FaultCode, peer?: PeerId): void {
    this.#outputs.push({ type: 'fault', fault: { code, message: FAULT_WORDS[code], peer } })
  }
  #gone(peer: PeerId, isParted: boolean, nowMs: number): void {
    this.#desk.handle({ type: 'gone', peer, isParted }, nowMs)
    this.#talk.handle({ type: 'link-down', peer }, nowMs)
  }

}
