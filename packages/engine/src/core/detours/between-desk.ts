// The session as those see it who bring members together: the rendezvous' signs of life, sealed cards,
// and a way in for people and signals that members bring. Decides nothing.
import type { Bytes, PeerId } from '@knothole/wire'
import type { BetweenHost } from './detours.ts'
import type { PeopleTable } from '../people/people-table.ts'
import type { RendezvousClient } from '../rendezvous/rendezvous-client.ts'
import type { SessionOutput } from '../session-io.ts'

export interface BetweenDeskOptions {
  readonly people: PeopleTable
  readonly rendezvous: RendezvousClient
  /** Whether somebody of whom members tell is to be met; everyone, unless a partial mesh says otherwise. */
  readonly meets?: ((peer: PeerId) => boolean) | undefined
  /** Has a card opened that members brought. */
  readonly introduce: (peer: PeerId, card: Bytes) => void
  readonly output: (out: SessionOutput) => void
}

export class BetweenDesk implements BetweenHost {
  readonly #options: BetweenDeskOptions

  constructor(options: BetweenDeskOptions) {
    this.#options = options
  }

  get heardServerMs(): number {
    return this.#options.rendezvous.heardMs
  }

  probe(nowMs: number): void {
    this.#options.rendezvous.ask(nowMs)
  }

  meets(peer: PeerId): boolean {
    return this.#options.meets?.(peer) ?? true
  }

  sealedCard(peer: PeerId): Bytes | undefined {
    return this.#options.people.known(peer)?.sealed
  }

  introduce(peer: PeerId, card: Bytes): void {
    this.#options.introduce(peer, card)
  }

  vouch(peers: ReadonlySet<PeerId>, nowMs: number): void {
    this.#options.people.vouch(peers, nowMs)
  }

  reach(peer: PeerId, nowMs: number): void {
    this.#options.people.get(peer)?.link.signallingIsBack(nowMs)
  }

  deliver(from: PeerId, sealed: Bytes): void {
    const { output } = this.#options
    output({ type: 'open-signal', peer: from, sealed, toAnyone: false, isCarried: true })
  }
}
