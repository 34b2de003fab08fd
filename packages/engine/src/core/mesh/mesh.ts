// The mesh of a room. Up to a dozen people it is full, and this machine holds back; above, everyone keeps six
// to eight links and learns of the rest by cards and by what neighbours pass on. Knows who is here without a
// link; whom to link with is decided in links.ts. SPEC.md, E450 and on.
import {
  decodeMeshFrame,
  decodeMeshNote,
  encodeMeshFrame,
  encodeTalkFrame,
  FULL_MESH_PEERS,
} from '@knothole/wire'
import type { Bytes, MeshFrame, PeerId } from '@knothole/wire'
import { MeshGossip } from './gossip.ts'
import type { Word } from './gossip.ts'
import {
  BRIDGES,
  CARD_EVERY,
  FAR_GONE_AFTER_MS,
  HEARD_WITHIN_MS,
  HERE_EVERY_MS,
  LOOK_EVERY_MS,
  SMALL_ROOM_PEERS,
  TYPING_MS,
} from './limits.ts'
import { MeshLinks, throughOthers } from './links.ts'
import { MeshRoot } from './root.ts'
import type { Mesh, MeshHost, MeshInput } from './seat.ts'
import type { FarPerson, PersonRow } from '../people/people-table.ts'

/** When whoever said goodbye was heard last. */
const SAID_GOODBYE = 0

export class MeshOfRoom implements Mesh {
  readonly #host: MeshHost
  readonly #links: MeshLinks
  readonly #gossip: MeshGossip
  readonly #root: MeshRoot
  #lookAtMs: number | undefined
  /** Neighbours who know our root. */
  readonly #greeted = new Set<PeerId>()
  #hereAtMs: number | undefined
  #heres = 0
  #wasOnline = false
  #offlineSinceMs: number | undefined

  constructor(host: MeshHost, nowMs: number) {
    this.#host = host
    const me = host.me().peer
    this.#links = new MeshLinks(host, nowMs)
    this.#gossip = new MeshGossip(me)
    this.#root = new MeshRoot(
      {
        me,
        lesser: () => this.#everyone().filter((peer) => peer < me),
        isKnown: (peer) => host.people.known(peer) !== undefined,
        tell: (beat, atMs) => this.#tellAll({ ...beat, links: this.#count }, undefined, atMs),
        met: (atMs) => this.#met(atMs),
      },
      nowMs,
    )
    this.#settle(nowMs)
  }

  handle(input: MeshInput, nowMs: number): boolean {
    const isTaken = this.#dispatch(input, nowMs)
    this.#settle(nowMs)
    return isTaken
  }

  tick(nowMs: number): void {
    if (this.#lookAtMs !== undefined && this.#lookAtMs <= nowMs) this.#look(nowMs)
    this.#settle(nowMs)
  }

  deadlineMs(): number | undefined {
    return this.#lookAtMs
  }

  get #count(): number {
    return this.#host.people.rows().length
  }

  #dispatch(input: MeshInput, nowMs: number): boolean {
    const { people } = this.#host
    switch (input.type) {
      case 'card-opened':
        return this.#cardOpened(input, nowMs)
      case 'signal-opened':
        return this.#signalOpened(input, nowMs)
      case 'frame': {
        const row = people.get(input.peer)
        if (row !== undefined) this.#heard(row, input.data, nowMs)
        return true
      }
      case 'typing':
      case 'bye':
        if (people.isPartial) this.#spread({ ...input, ...this.#mine() }, nowMs)
        return true
      case 'own-card':
        if (people.isPartial) this.#spread({ type: 'card', of: this.#me, card: input.card }, nowMs)
        return true
    }
  }

  get #me(): PeerId {
    return this.#host.me().peer
  }

  #mine(): { of: PeerId; number: number } {
    return { of: this.#me, number: this.#gossip.nextNumber() }
  }

  // How many people there are decides what the mesh is; in between it stays what it was.

  #settle(nowMs: number): void {
    const { people, output } = this.#host
    const { isPartial } = people
    if (people.size > FULL_MESH_PEERS) people.isPartial = true
    if (isPartial !== people.isPartial) output({ type: 'changed' })
    const isBusy = people.isPartial || people.far.size > 0
    if (isBusy) this.#lookAtMs ??= nowMs
    else this.#lookAtMs = undefined
  }

  #look(nowMs: number): void {
    const { people } = this.#host
    this.#lookAtMs = nowMs + LOOK_EVERY_MS
    if (people.isPartial && people.size <= SMALL_ROOM_PEERS) people.isPartial = false
    this.#links.look(nowMs)
    this.#sweep(nowMs)
    if (!people.isPartial) return
    this.#greet(nowMs)
    this.#root.tick(nowMs)
    const other = this.#root.toReach(nowMs, this.#host.random)
    if (other !== undefined) this.#links.bridge(nowMs, other)
    this.#beHere(nowMs)
  }

  // People without a link.

  /** Somebody's card. Whoever is new in a room of links to everyone is none of ours. */
  #cardOpened(input: MeshInput & { type: 'card-opened' }, nowMs: number): boolean {
    const { people, me, fault, output } = this.#host
    const { peer, member, card, first, sealed } = input
    const known = people.far.get(peer)
    if (known !== undefined && known.member !== member) {
      fault('identity-changed', peer)
      return true
    }
    const isTaken = known !== undefined || people.isPartial || people.size > FULL_MESH_PEERS
    if (!isTaken || peer === this.#me || (known === undefined && people.full)) return isTaken
    const far = known ?? newFar({ peer, member, isMe: member === me().member, card }, nowMs)
    far.card = card
    far.name = card.name
    far.sealed = sealed
    far.heardMs = nowMs
    if (first !== undefined && first !== 'introduced') far.present = true
    people.far.set(peer, far)
    output({ type: 'changed' })
    return true
  }

  /** Signals of those without a link, and signals about links. */
  #signalOpened(input: MeshInput & { type: 'signal-opened' }, nowMs: number): boolean {
    const { people, fault } = this.#host
    const { peer, member, signal } = input
    const far = people.far.get(peer)
    if (far !== undefined) {
      const isGenuine = far.member === member
      if (!isGenuine) fault('identity-changed', peer)
      if (!isGenuine || !this.#isNew(input)) return true
      if (signal.type !== 'mesh') this.#links.signalled(far, signal, nowMs)
    } else if (people.get(peer) === undefined) return false
    if (signal.type !== 'mesh') return true
    const note = decodeMeshNote(signal.note)
    if (note.ok) this.#links.noted(peer, note.value, nowMs)
    else fault('frame-malformed', peer)
    return true
  }

  #isNew({ peer, signal, isCarried }: MeshInput & { type: 'signal-opened' }): boolean {
    const { people, fault } = this.#host
    const taken = people.windowOf(peer).accept(signal.sequence, isCarried === true)
    if (taken === 'replayed') fault('signal-replayed', peer)
    return taken === 'new'
  }

  /** Who is neither known to the rendezvous nor heard of is gone; typing ends. */
  #sweep(nowMs: number): void {
    const { people, output, isOnline } = this.#host
    this.#offlineSinceMs = isOnline() ? undefined : (this.#offlineSinceMs ?? nowMs)
    let isChanged = false
    for (const far of people.far.values()) {
      const { typingUntilMs } = far
      const isSilent = typingUntilMs !== undefined && typingUntilMs <= nowMs
      if (isSilent) far.typingUntilMs = undefined
      const isGone = this.#isGone(far, nowMs)
      if (isGone) people.far.delete(far.peer)
      isChanged ||= isSilent || isGone
    }
    if (isChanged) output({ type: 'changed' })
  }

  #isGone({ present, vouched, leftMs, heardMs }: FarPerson, nowMs: number): boolean {
    const offlineMs = nowMs - (this.#offlineSinceMs ?? nowMs)
    if (vouched || (present && offlineMs < HEARD_WITHIN_MS)) return false
    // Whom the rendezvous has seen leave is believed to be here only if there was word of them since.
    if (heardMs === SAID_GOODBYE) return true
    const hasLeft = leftMs !== undefined && heardMs <= leftMs
    return hasLeft ? nowMs - leftMs >= FAR_GONE_AFTER_MS : nowMs - heardMs >= HEARD_WITHIN_MS
  }

  #everyone(): PeerId[] {
    const { people } = this.#host
    return [...people.rows().map(({ peer }) => peer), ...people.far.keys()]
  }

  // What goes from neighbour to neighbour.

  #heard(row: PersonRow, data: Bytes, nowMs: number): void {
    const decoded = decodeMeshFrame(data)
    if (!decoded.ok) this.#host.fault('frame-malformed', row.peer)
    else if (this.#gossip.mayTell(row.peer, nowMs)) this.#understand(row, decoded.value, nowMs)
  }

  #understand(row: PersonRow, frame: MeshFrame, nowMs: number): void {
    if (frame.type === 'part') {
      this.#links.parted(row, nowMs)
    } else if (frame.type === 'beat') {
      this.#links.standings.of(row.peer).links = frame.links
      this.#root.heard(frame, nowMs)
    } else if (this.#gossip.isNews(frame, nowMs)) {
      this.#tellAll(frame, row.peer, nowMs)
      this.#learn(frame, row.peer, nowMs)
    }
  }

  #learn(word: Word, from: PeerId, nowMs: number): void {
    const { people, output, introductions, isOnline } = this.#host
    if (word.type === 'card')
      introductions().expect({ peer: word.of, card: word.card }, 'introduced')
    const far = people.far.get(word.of)
    if (far === undefined) return
    const isSeen = far.link.status.via !== from || word.type !== 'here'
    far.link.status = { ...far.link.status, via: from }
    far.heardMs = nowMs
    if (word.type === 'typing') far.typingUntilMs = word.active ? nowMs + TYPING_MS : undefined
    if (word.type === 'bye') far.heardMs = SAID_GOODBYE
    // While the rendezvous is there it has to agree.
    if (word.type === 'bye' && !isOnline()) people.far.delete(far.peer)
    if (isSeen) output({ type: 'changed' })
  }

  /** A new neighbour learns at once who our root is. */
  #greet(nowMs: number): void {
    const { neighbours } = this.#links
    const greeting = this.#root.greeting()
    const peers = new Set(neighbours.map(({ peer }) => peer))
    for (const peer of this.#greeted) if (!peers.has(peer)) this.#greeted.delete(peer)
    if (greeting === undefined) return
    for (const row of neighbours) {
      if (this.#greeted.has(row.peer)) continue
      this.#greeted.add(row.peer)
      this.#tell(row, { ...greeting, links: this.#count }, nowMs)
    }
  }

  /** Two parts of the mesh have met by one link: a few more make it firm. */
  #met(nowMs: number): void {
    const { people, random } = this.#host
    if (random() * people.size < BRIDGES) this.#links.bridge(nowMs)
  }

  /** Whoever the rendezvous cannot vouch for says itself that it is there. */
  #beHere(nowMs: number): void {
    const { isOnline, card, output, random } = this.#host
    if (isOnline()) {
      this.#hereAtMs = undefined
      this.#wasOnline = true
      return
    }
    // Not all at once when the rendezvous is gone.
    this.#hereAtMs ??= nowMs + (this.#wasOnline ? random() * HERE_EVERY_MS : 0)
    if (this.#hereAtMs > nowMs || this.#links.neighbours.length === 0) return
    this.#hereAtMs = nowMs + HERE_EVERY_MS
    this.#heres += 1
    const isFirst = this.#heres === 1 && !this.#wasOnline
    if (isFirst || this.#heres % CARD_EVERY === 0) output({ type: 'seal-card', card: card() })
    else this.#spread({ type: 'here', ...this.#mine() }, nowMs)
  }

  #spread(word: Word, nowMs: number): void {
    this.#tellAll(word, undefined, nowMs)
  }

  #tell(row: PersonRow, frame: MeshFrame, nowMs: number): void {
    const data = encodeMeshFrame(frame)
    row.link.send(encodeTalkFrame({ type: 'mesh', data }), nowMs)
  }

  #tellAll(frame: MeshFrame, except: PeerId | undefined, nowMs: number): void {
    const bytes = encodeTalkFrame({ type: 'mesh', data: encodeMeshFrame(frame) })
    for (const row of this.#links.neighbours) if (row.peer !== except) row.link.send(bytes, nowMs)
  }
}

/** Somebody who is here without a link. */
function newFar(
  who: Pick<FarPerson, 'peer' | 'member' | 'isMe' | 'card'>,
  nowMs: number,
): FarPerson {
  return {
    ...who,
    name: who.card.name,
    present: false,
    vouched: false,
    sealed: undefined,
    typingUntilMs: undefined,
    leftMs: undefined,
    link: { status: throughOthers(nowMs) },
    heardMs: nowMs,
  }
}
