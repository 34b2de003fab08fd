// The detours of a whole session: opens those of each link, and knows which packet of a relay belongs to
// which. Loaded only when some link is not up at once, or another asks us to relay.
import type { PeerId, RelayTalk } from '@knothole/wire'
import type { Climb } from './climb.ts'
import type { DetourHost, Detours, DetoursInput, LinkDetours } from './detours.ts'
import { DetoursOfLink } from './detours-of-link.ts'
import type { IceOptions } from './ice-carrier.ts'
import { earliest } from './machine.ts'
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

  constructor(host: DetourHost, openClimb?: OpenClimb) {
    this.#host = host
    this.#openClimb = openClimb
    this.#switchboard = new Switchboard(host)
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
        this.#send(input)
        return
      case 'opened':
        this.#links.get(input.peer)?.relayed(input.via, input.plain, nowMs)
        return
      case 'refused':
        this.#host.fault('relay-forged', input.peer)
        return
      case 'gone':
        this.#links.delete(input.peer)
        this.#search.done(input.peer, nowMs)
        this.#switchboard.gone(input.peer)
        return
      case 'cards-changed':
        // A ladder looks at both sides' cards.
        for (const link of this.#links.values()) link.tick(nowMs)
        return
      case 'network-changed':
    }
  }

  tick(nowMs: number): void {
    this.#search.tick(nowMs)
    this.#switchboard.tick(nowMs)
  }

  deadlineMs(): number | undefined {
    return earliest(this.#search.deadlineMs(), this.#switchboard.deadlineMs())
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

  #send({ peer, via, sealed }: DetoursInput & { type: 'sealed' }): void {
    if (via === 'rendezvous') {
      this.#host.serve({ type: 'relay', to: peer, body: sealed })
      return
    }
    const channel = this.#search.channelTo(peer, via)
    if (channel !== undefined) this.#host.pass(via, 2 * channel, sealed)
  }
}
