// The detours of a whole session: opens those of each link, and knows which packet of a relay belongs to
// which; and has members bring others together. Loaded once the first link is up, or is not up at once.
import { decodeBetweenFrame } from '@knothole/wire'
import type { Bytes, PeerId, RelayTalk } from '@knothole/wire'
import { Acquaintances } from './acquaintances.ts'
import type { Climb } from './climb.ts'
import { Courier } from './courier.ts'
import type { DetourHost, Detours, DetoursInput, LinkDetours } from './detours.ts'
import { DetoursOfLink } from './detours-of-link.ts'
import type { IceOptions } from '../link/ice-carrier.ts'
import { earliest } from '../machine.ts'
import { MemberRelaySearch } from './member-relays.ts'
import { Switchboard } from './switchboard.ts'

/** Makes the ladder of a link, where the runtime can climb. */
export type OpenClimb = (
  peer: PeerId,
  ice: IceOptions,
  at: { readonly host: DetourHost; readonly nowMs: number },
) => Climb | undefined

export class DetoursOfRoom implements Detours {
  readonly #host: DetourHost
  readonly #openClimb: OpenClimb | undefined
  readonly #links = new Map<PeerId, DetoursOfLink>()
  readonly #search: MemberRelaySearch
  readonly #switchboard: Switchboard
  readonly #acquaintances: Acquaintances
  readonly #courier: Courier

  constructor(host: DetourHost, openClimb?: OpenClimb) {
    this.#host = host
    this.#openClimb = openClimb
    this.#switchboard = new Switchboard(host)
    this.#acquaintances = new Acquaintances(host)
    this.#courier = new Courier(host, this.#acquaintances)
    this.#search = new MemberRelaySearch(host, {
      onFound: (peer, via, nowMs) => this.#links.get(peer)?.openRelay(via, nowMs),
    })
  }

  openLink(peer: PeerId, ice: IceOptions, nowMs: number): LinkDetours {
    const host = this.#host
    const climb = this.#openClimb?.(peer, ice, { host, nowMs })
    const memberRelays = this.#search
    const link = new DetoursOfLink({ peer, host, ice, memberRelays, climb }, nowMs)
    this.#links.set(peer, link)
    return link
  }

  handle(input: DetoursInput, nowMs: number): void {
    switch (input.type) {
      case 'server':
        this.#served(input.frame, nowMs)
        return
      case 'member':
        this.#talk(input.peer, input.frame, nowMs)
        return
      case 'passing':
        this.#passing(input, nowMs)
        return
      case 'sealed':
        this.#send(input, nowMs)
        return
      case 'opened':
        if (input.via === 'carried') this.#courier.opened(input.peer, input.plain)
        else this.#links.get(input.peer)?.relayed(input.via, input.plain, nowMs)
        return
      case 'refused':
        this.#host.fault('relay-forged', input.peer)
        return
      case 'gone':
        this.#links.delete(input.peer)
        this.#search.done(input.peer, nowMs)
        this.#switchboard.gone(input.peer)
        this.#acquaintances.gone(input.peer, input.isParted)
        this.#courier.gone(input.peer)
        return
      case 'cards-changed':
        // A ladder looks at both sides' cards.
        for (const link of this.#links.values()) link.tick(nowMs)
        this.#courier.cardsChanged()
        return
      case 'network-changed':
        return
      default:
        this.#bring(input, nowMs)
    }
  }

  reaches(peer: PeerId): boolean {
    const { linked } = this.#acquaintances
    return linked.some((member) => member !== peer && this.#acquaintances.knows(member, peer))
  }

  tick(nowMs: number): void {
    this.#search.tick(nowMs)
    this.#switchboard.tick(nowMs)
    this.#acquaintances.tick(nowMs)
    this.#courier.tick(nowMs)
  }

  deadlineMs(): number | undefined {
    return earliest(
      this.#search.deadlineMs(),
      this.#switchboard.deadlineMs(),
      this.#acquaintances.deadlineMs(),
      this.#courier.deadlineMs(),
    )
  }

  /** Members bring others together. */
  #bring(
    input: DetoursInput & { type: 'between' | 'signal' | 'own-card' | 'links-changed' },
    nowMs: number,
  ): void {
    switch (input.type) {
      case 'between':
        this.#between(input.peer, input.data, nowMs)
        return
      case 'signal':
        this.#courier.send(input, nowMs)
        return
      case 'own-card':
        this.#acquaintances.ownCard(input.card, nowMs)
        return
      case 'links-changed':
        this.#acquaintances.changed(nowMs)
    }
  }

  #between(from: PeerId, data: Bytes, nowMs: number): void {
    const decoded = decodeBetweenFrame(data)
    if (!decoded.ok) this.#host.fault('frame-malformed', from)
    else if (decoded.value.type === 'carry') this.#courier.take(from, decoded.value, nowMs)
    else this.#acquaintances.handle(from, decoded.value, nowMs)
  }

  #served(frame: (DetoursInput & { type: 'server' })['frame'], nowMs: number): void {
    if (frame.type === 'relay') this.#host.open(frame.from, 'rendezvous', frame.body)
    else if (frame.type === 'relay-full')
      this.#links.get(frame.to)?.full('rendezvous', frame.waitMs, nowMs)
  }

  #talk(from: PeerId, frame: RelayTalk, nowMs: number): void {
    const { peer } = frame
    switch (frame.type) {
      case 'relay-ask':
        this.#switchboard.ask(from, peer, nowMs)
        return
      case 'relay-ready':
        this.#search.ready(from, peer, { ...frame, nowMs })
        return
      case 'relay-end':
        this.#switchboard.end(from, peer)
        this.#search.ended(from, peer)
        this.#links.get(peer)?.closeRelay(from)
        return
      case 'relay-full':
        this.#links.get(peer)?.full(from, frame.waitMs, nowMs)
    }
  }

  /** Numbers are the relaying member's; the lowest bit says which of the two sides of a link that is. */
  #passing(input: DetoursInput & { type: 'passing' }, nowMs: number): void {
    const { peer: from, body } = input
    const channel = Math.floor(input.channel / 2)
    if (input.channel % 2 === 0) {
      this.#switchboard.pass(from, { channel, body }, nowMs)
      return
    }
    const peer = this.#search.peerOf(from, channel)
    if (peer !== undefined) this.#host.open(peer, from, body)
  }

  #send({ peer, via, sealed }: DetoursInput & { type: 'sealed' }, nowMs: number): void {
    if (via === 'carried') {
      this.#courier.sealed(peer, sealed, nowMs)
      return
    }
    if (via === 'rendezvous') {
      this.#host.serve({ type: 'relay', to: peer, body: sealed })
      return
    }
    const channel = this.#search.channelTo(peer, via)
    if (channel !== undefined) this.#host.pass(via, 2 * channel, sealed)
  }
}
