// One peer in one room: joins at the rendezvous, keeps a link to everyone, carries the conversation.
// Everything is decided here and nothing is done: sealing, opening, sockets and WebRTC are outputs
// whose results come back as inputs.
import { encodeTalkFrame, entryIdOf } from '@knothole/wire'
import type { Bytes, Card, EntryBody, PeerId } from '@knothole/wire'
import { BulkSeat } from './bulk/bulk.ts'
import { Conversation } from './people/conversation.ts'
import { DetourDesk } from './detours/detour-desk.ts'
import { Introductions } from './people/introductions.ts'
import type { LinkOutput } from './link/link.ts'
import { earliest } from './machine.ts'
import type { Machine } from './machine.ts'
import { MeshSeat } from './mesh/seat.ts'
import { PeopleTable } from './people/people-table.ts'
import type { PersonRow } from './people/people-table.ts'
import { isWordOfNetwork, RendezvousClient } from './rendezvous/rendezvous-client.ts'
import type { RendezvousOutput } from './rendezvous/rendezvous-client.ts'
import type { FaultCode, RendezvousStatus, RoomState } from './room-state.ts'
import type { Me, SessionInput, SessionOptions, SessionOutput } from './session-io.ts'
import { ServerDesk } from './rendezvous/server-desk.ts'
import { SpareDesk } from './people/spare-desk.ts'
import type { Join } from './people/spare-desk.ts'
import { TalkSeat } from './people/talk-seat.ts'

/** A timer this late says that the page was frozen or the computer asleep; a busy page is late by less. */
const SLEPT_MS = 3_000

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
  readonly #mesh: MeshSeat
  readonly #server: ServerDesk
  #closed = false
  /** A join asked for before it was known who joins. */
  #early: JoinWithOffer | undefined

  constructor(options: SessionOptions) {
    this.#options = options
    this.#card = options.card
    this.#rendezvous = new RendezvousClient(options.random, options.places)
    this.#people = new PeopleTable()
    this.#conversation = new Conversation(this.#people)
    const output = (out: SessionOutput): void => void this.#outputs.push(out)
    const fault = (code: FaultCode, peer: PeerId): void => this.#fault(code, peer)
    const { random } = options
    const common = {
      people: this.#people,
      me: () => this.#identified(),
      card: () => this.#card,
      random,
      output,
      fault,
    }
    this.#spare = new SpareDesk(output, (join, offer) => this.#join({ ...join, offer }))
    this.#desk = new DetourDesk({
      ...common,
      rendezvous: this.#rendezvous,
      me: () => this.#identified().peer,
      iceOptions: (peer) => this.#introductions.iceOptions(peer),
      introduce: (peer, card) => this.#introductions.expect({ peer, card }, 'introduced'),
    })
    this.#bulk = new BulkSeat(
      {
        people: this.#people,
        output: (out) => output({ type: 'bulk', out }),
        malformed: (peer) => fault('frame-malformed', peer),
      },
      () => this.#desk.want(),
    )
    this.#talk = new TalkSeat({
      table: this.#people,
      people: () => this.state().people,
      me: () => this.#identified(),
      ownName: () => this.#card.name,
      output,
      fault,
    })
    this.#introductions = new Introductions({
      ...common,
      spare: this.#spare,
      desk: this.#desk,
      mesh: () => this.#mesh,
      newConnection: () => ++this.#connections,
    })
    const [people, introductions, desk] = [this.#people, this.#introductions, this.#desk]
    this.#server = new ServerDesk({ people, introductions, desk, output })
    this.#mesh = new MeshSeat({
      ...common,
      isOnline: () => this.#rendezvous.online,
      introductions: () => introductions,
      drop: (row, nowMs) => this.#end(row, false, nowMs),
      want: () => desk.want(),
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
      capacity: this.#server.capacity,
      expiresAtMs: this.#server.expiresAtMs,
      nat: this.#card.nat,
      relays: this.#server.relays,
    }
  }

  /** Online once those who are there are known by their cards; until then the room would look empty. */
  #standing(): RendezvousStatus {
    const { status } = this.#rendezvous
    const unknown = this.#people.rows().length === 0 && this.#people.expected.size > 0
    return status.state === 'online' && unknown ? { ...status, state: 'connecting' } : status
  }

  /** Says something in the conversation; answers the id of the entry. */
  write(body: EntryBody, nowMs: number): string {
    const sequence = this.#talk.write(body, nowMs)
    this.#collect(nowMs)
    return entryIdOf(this.#identified().feed.id, sequence)
  }

  handle(input: SessionInput, nowMs: number): void {
    if (this.#closed) return
    this.#dispatch(input, nowMs)
    this.#collect(nowMs)
  }

  tick(nowMs: number): void {
    if (this.#closed) return
    // Nobody is this late who was awake.
    if (nowMs - (this.deadlineMs() ?? nowMs) >= SLEPT_MS) this.#renew(nowMs)
    this.#rendezvous.tick(nowMs)
    this.#desk.tick(nowMs)
    this.#talk.tick(nowMs)
    this.#mesh.tick(nowMs)
    for (const row of this.#people.rows()) row.link.tick(nowMs)
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
    return earliest(...own, this.#desk.deadlineMs(), this.#mesh.deadlineMs(), ...links)
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
      case 'knock-answered':
        this.#rendezvous.handle(input, nowMs)
        return
      case 'rtc':
        if (isWordOfNetwork(input.event)) this.#rendezvous.networkAnswers(nowMs)
        if (input.connection === this.#spare.connection) this.#spare.handle(input.event)
        else this.#rowOf(input.connection)?.link.handleRtc(input.connection, input.event, nowMs)
        return
      case 'card-sealed':
        this.#desk.ownCard(input.card, nowMs)
        this.#mesh.handle({ type: 'own-card', card: input.card }, nowMs)
        return
      case 'signal-sealed':
        this.#desk.signal(input.to, input.sealed, nowMs)
        return
      case 'card-opened':
      case 'card-refused':
      case 'signal-opened':
      case 'paper-wanted':
      case 'met':
        this.#introductions.handle(input, nowMs)
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
      { type: `${'socket' | 'knock' | 'card' | 'signal' | 'paper'}-${string}` | 'rtc' | 'met' }
    >,
    nowMs: number,
  ): void {
    switch (input.type) {
      case 'bulk':
        this.#bulk.handle(input.input, nowMs)
        return
      case 'talk':
        this.#talk.handle(input.input, nowMs)
        return
      case 'detours-loaded':
        this.#desk.loaded(input.open, nowMs)
        this.#bulk.open(input.openBulk, nowMs)
        this.#mesh.open(input.openMesh, nowMs)
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
        this.#renew(nowMs)
        return
      case 'typing':
        this.#mesh.handle(input, nowMs)
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

  /** The network may be another, or this computer slept: everything is asked and tried at once. */
  #renew(nowMs: number): void {
    this.#rendezvous.renew(nowMs)
    this.#desk.networkChanged(nowMs)
    for (const row of this.#people.rows()) row.link.renew(nowMs)
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
    this.#mesh.handle({ type: 'bye' }, nowMs)
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
        this.#server.handle(out.frame, nowMs)
        return
      case 'status':
        if (!this.#rendezvous.online && this.#spare.isSent) this.#spare.drop()
        this.#desk.linksChanged(nowMs)
        this.#outputs.push({ type: 'changed' })
        return
      case 'malformed':
        this.#fault('frame-malformed')
        return
      default:
        this.#outputs.push(out)
    }
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
        this.#desk.settled(nowMs)
        row.link.send(encodeTalkFrame({ type: 'name', name: this.#card.name }), nowMs)
        this.#talk.handle({ type: 'link-up', peer: row.peer }, nowMs)
        return
      case 'changed':
        this.#desk.linksChanged(nowMs)
        this.#outputs.push(out)
        return
      case 'stuck':
        this.#desk.stuck(row, nowMs)
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
    if (heard.type === 'log') this.#talk.handle({ ...heard, type: 'frame' }, nowMs)
    if (heard.type === 'relay')
      this.#desk.handle({ ...heard, type: 'member', peer: row.peer }, nowMs)
    if (heard.type === 'between')
      this.#desk.handle({ type: 'between', peer: row.peer, data: heard.data }, nowMs)
    if (heard.type === 'mesh') this.#mesh.handle({ ...heard, type: 'frame', peer: row.peer }, nowMs)
    if (heard.type === 'left') this.#end(row, true, nowMs)
    const isSeen = !['fault', 'nothing', 'relay', 'log', 'between', 'mesh'].includes(heard.type)
    if (isSeen) this.#outputs.push({ type: 'changed' })
  }

  /** Closes a link; `isParted` when its peer left the room, and not only us. */
  #end(row: PersonRow, isParted: boolean, nowMs: number): void {
    row.link.close(nowMs)
    this.#people.gone(row.peer)
    this.#gone(row.peer, isParted, nowMs)
    this.#bulk.sweep()
    this.#collectLink(row, nowMs)
  }

  #gone(peer: PeerId, isParted: boolean, nowMs: number): void {
    this.#desk.handle({ type: 'gone', peer, isParted }, nowMs)
    this.#talk.handle({ type: 'link-down', peer }, nowMs)
  }

  #fault(code: FaultCode, peer?: PeerId): void {
    this.#outputs.push({ type: 'fault', fault: { code, peer } })
  }
}
