// Who is linked with whom, as members tell each other, and what follows: people are kept in the room,
// brought together, and their links repaired by way of others when the rendezvous cannot do it.
// Believes no card that is not sealed and signed by its peer; what members claim of links is only a hint.
import { encodeBetweenFrame, MAX_TOLD_LINKS } from '@knothole/wire'
import type { BetweenFrame, Bytes, PeerId } from '@knothole/wire'
import type { DetourHost } from './detours.ts'
import { rememberKey } from '../recent-keys.ts'

/** Links come and go together: they are told once it is quiet for this long. */
const TELL_AFTER_MS = 100

/** Whose card was asked for is not asked about again for this long. */
const ASK_AGAIN_MS = 3_000

/** Cards asked for at once: a full room twice over. */
const MAX_ASKED = 64

/** Those who said goodbye are not introduced again; as many as ever pass through a room. */
const MAX_PARTED = 1_024

export class Acquaintances {
  readonly #host: DetourHost
  /** Whom members say that they are linked with. */
  readonly #links = new Map<PeerId, ReadonlySet<PeerId>>()
  /** What members heard of our links last. */
  readonly #told = new Map<PeerId, string>()
  /** Whose cards were asked for, and when. */
  readonly #asked = new Map<PeerId, number>()
  readonly #parted = new Set<PeerId>()
  /** Peers whose repair was hurried because members can carry signals to them. */
  readonly #reached = new Set<PeerId>()
  #tellAtMs: number | undefined
  /** Our own card, once it was sealed anew. */
  #card: Bytes | undefined
  /** Those whom we were linked with already. */
  readonly #greeted = new Set<PeerId>()

  constructor(host: DetourHost) {
    this.#host = host
  }

  /** Members with a working link. */
  get linked(): PeerId[] {
    const { members } = this.#host
    return members.filter(({ link }) => link.state === 'connected').map(({ peer }) => peer)
  }

  /** Whether a member says that it is linked with a peer. */
  knows(member: PeerId, peer: PeerId): boolean {
    return this.#links.get(member)?.has(peer) === true
  }

  handle(from: PeerId, frame: Exclude<BetweenFrame, { type: 'carry' }>, nowMs: number): void {
    switch (frame.type) {
      case 'links':
        this.#links.set(from, new Set(frame.peers))
        this.changed(nowMs)
        return
      case 'want-card': {
        const card = this.#host.between.sealedCard(frame.peer)
        if (card !== undefined) this.#tell(from, { type: 'card', peer: frame.peer, card }, nowMs)
        return
      }
      case 'card':
        // Unasked, everyone speaks for itself only.
        if (this.#asked.delete(frame.peer) || frame.peer === from)
          this.#host.between.introduce(frame.peer, frame.card)
    }
  }

  /** Asks a member for the card of somebody unknown. */
  ask(member: PeerId, peer: PeerId, nowMs: number): void {
    const askedMs = this.#asked.get(peer)
    const isNews = askedMs === undefined || nowMs - askedMs >= ASK_AGAIN_MS
    if (!isNews || this.#parted.has(peer) || !this.#host.between.meets(peer)) return
    rememberKey(this.#asked, peer, { value: nowMs, most: MAX_ASKED })
    this.#tell(member, { type: 'want-card', peer }, nowMs)
  }

  /** Our card is another and the rendezvous cannot say so. */
  ownCard(card: Bytes, nowMs: number): void {
    this.#card = card
    const { linked } = this
    this.#greeted.clear()
    this.#greet(linked, nowMs)
  }

  /** Links of ours, or what members tell of theirs, may be others; or the rendezvous came or went. */
  changed(nowMs: number): void {
    const { linked } = this
    this.#greet(linked, nowMs)
    const vouched = this.#vouched(linked)
    this.#host.between.vouch(new Set(vouched.keys()), nowMs)
    for (const [peer, members] of vouched) this.#consider(peer, members, nowMs)
    for (const peer of this.#reached) if (!vouched.has(peer)) this.#reached.delete(peer)
    const isNews = linked.some((peer) => this.#told.get(peer) !== this.#wordsFor(peer, linked))
    if (isNews) this.#tellAtMs ??= nowMs + TELL_AFTER_MS
  }

  /** Somebody is gone, with a goodbye or without. */
  gone(peer: PeerId, isParted: boolean): void {
    this.#links.delete(peer)
    this.#told.delete(peer)
    this.#reached.delete(peer)
    this.#greeted.delete(peer)
    if (!isParted) return
    this.#parted.add(peer)
    const [oldest] = this.#parted
    if (this.#parted.size > MAX_PARTED && oldest !== undefined) this.#parted.delete(oldest)
  }

  tick(nowMs: number): void {
    if (this.#tellAtMs === undefined || this.#tellAtMs > nowMs) return
    this.#tellAtMs = undefined
    const { linked } = this
    for (const peer of linked) {
      const words = this.#wordsFor(peer, linked)
      if (words === undefined || this.#told.get(peer) === words) continue
      const peers = linked.filter((other) => other !== peer).slice(0, MAX_TOLD_LINKS)
      if (this.#tell(peer, { type: 'links', peers }, nowMs)) this.#told.set(peer, words)
    }
  }

  deadlineMs(): number | undefined {
    return this.#tellAtMs
  }

  /** Our card goes to those who are new to us and whom the rendezvous cannot tell. */
  #greet(linked: readonly PeerId[], nowMs: number): void {
    const { me, isOnline } = this.#host
    for (const peer of linked) {
      if (this.#greeted.has(peer)) continue
      this.#greeted.add(peer)
      const isServed = isOnline && this.#host.member(peer)?.present === true
      if (this.#card === undefined || isServed) continue
      this.#tell(peer, { type: 'card', peer: me, card: this.#card }, nowMs)
    }
  }

  /** Everyone of whom linked members say that they are linked with them, and which members. */
  #vouched(linked: readonly PeerId[]): Map<PeerId, PeerId[]> {
    const vouched = new Map<PeerId, PeerId[]>()
    for (const member of linked) {
      for (const peer of this.#links.get(member) ?? []) {
        if (peer === this.#host.me || this.#parted.has(peer)) continue
        const members = vouched.get(peer) ?? []
        members.push(member)
        vouched.set(peer, members)
      }
    }
    return vouched
  }

  /** Somebody can be reached by way of members: introduce or repair, where the rendezvous does not. */
  #consider(peer: PeerId, [member]: readonly PeerId[], nowMs: number): void {
    const known = this.#host.member(peer)
    if (known === undefined) {
      if (member !== undefined) this.ask(member, peer, nowMs)
      return
    }
    const isServed = this.#host.isOnline && known.present
    if (isServed || known.link.state === 'connected') {
      this.#reached.delete(peer)
      return
    }
    if (this.#reached.has(peer)) return
    this.#reached.add(peer)
    this.#host.between.reach(peer, nowMs)
  }

  /** Our links as one text, without who hears it. Who knows of none and has none is told nothing. */
  #wordsFor(peer: PeerId, linked: readonly PeerId[]): string | undefined {
    const words = linked.filter((other) => other !== peer).toSorted()
    return words.length === 0 && !this.#told.has(peer) ? undefined : words.join(' ')
  }

  #tell(peer: PeerId, frame: BetweenFrame, nowMs: number): boolean {
    return this.#host.tell(peer, { type: 'between', data: encodeBetweenFrame(frame) }, nowMs)
  }
}
