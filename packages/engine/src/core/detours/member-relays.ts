// Finds members who pass packets on to a peer we cannot reach: asks those with a direct link, and takes
// the one over whom the round trip is shortest. Both sides ask; who relays answers when both have.
import type { PeerId } from '@knothole/wire'
import { rankOf } from '../link/carrier.ts'
import type { DetourHost, Member } from './detours.ts'
import type { MemberRelays } from './detours-of-link.ts'
import { earliest } from '../machine.ts'

/** Members asked for one peer: one is needed and one to spare, some will say no. */
const MAX_ASKED = 4

/** A member forgets an ask after 30 s; it is repeated before. */
const ASK_EVERY_MS = 20_000

/** Offers are waited for this long after the first, so that a nearer member is not missed. */
const CHOOSE_AFTER_MS = 150

interface Offer {
  readonly channel: number
  readonly rttMs: number
  readonly load: number
}

interface Search {
  readonly asked: Set<PeerId>
  readonly offers: Map<PeerId, Offer>
  askAtMs: number
  chooseAtMs: number | undefined
}

export interface RelayFound {
  /** A member relays to this peer from now on. */
  onFound(peer: PeerId, via: PeerId, nowMs: number): void
}

export class MemberRelaySearch implements MemberRelays {
  readonly #host: DetourHost
  readonly #found: RelayFound
  readonly #searches = new Map<PeerId, Search>()

  constructor(host: DetourHost, found: RelayFound) {
    this.#host = host
    this.#found = found
  }

  want(peer: PeerId, nowMs: number): void {
    const search = this.#searches.get(peer) ?? {
      asked: new Set(),
      offers: new Map(),
      askAtMs: nowMs,
      chooseAtMs: undefined,
    }
    this.#searches.set(peer, search)
    if (search.askAtMs <= nowMs) this.#ask(peer, search, nowMs)
  }

  done(peer: PeerId, nowMs: number): void {
    const search = this.#searches.get(peer)
    if (search === undefined) return
    this.#searches.delete(peer)
    for (const via of search.asked) this.#host.tell(via, { type: 'relay-end', peer }, nowMs)
  }

  /** A member offers to relay to a peer. */
  ready(via: PeerId, peer: PeerId, offer: Offer & { readonly nowMs: number }): void {
    const search = this.#searches.get(peer)
    if (search === undefined || !search.asked.has(via)) return
    const { channel, rttMs, load, nowMs } = offer
    search.offers.set(via, { channel, rttMs, load })
    search.chooseAtMs ??= nowMs + CHOOSE_AFTER_MS
  }

  /** A member relays to a peer no longer, or is gone. */
  ended(via: PeerId, peer: PeerId): void {
    const search = this.#searches.get(peer)
    search?.offers.delete(via)
    search?.asked.delete(via)
  }

  /** Under which number a member passes on to a peer. */
  channelTo(peer: PeerId, via: PeerId): number | undefined {
    return this.#searches.get(peer)?.offers.get(via)?.channel
  }

  /** From whom a member passes on under this number. */
  peerOf(via: PeerId, channel: number): PeerId | undefined {
    for (const [peer, { offers }] of this.#searches) {
      if (offers.get(via)?.channel === channel) return peer
    }
    return undefined
  }

  tick(nowMs: number): void {
    for (const [peer, search] of this.#searches) {
      if (search.chooseAtMs !== undefined && search.chooseAtMs <= nowMs)
        this.#choose(peer, search, nowMs)
    }
  }

  deadlineMs(): number | undefined {
    return earliest(...[...this.#searches.values()].map(({ chooseAtMs }) => chooseAtMs))
  }

  #ask(peer: PeerId, search: Search, nowMs: number): void {
    search.askAtMs = nowMs + ASK_EVERY_MS
    const able = this.#host.members.filter((member) => member.peer !== peer && canRelay(member))
    const nearest = able.toSorted((a, b) => rttOf(a) - rttOf(b)).slice(0, MAX_ASKED)
    for (const { peer: via } of nearest) {
      if (this.#host.tell(via, { type: 'relay-ask', peer }, nowMs)) search.asked.add(via)
    }
    // Nobody could be asked: somebody may come.
    if (nearest.length === 0) search.askAtMs = nowMs
  }

  #choose(peer: PeerId, search: Search, nowMs: number): void {
    search.chooseAtMs = undefined
    const offers = [...search.offers].flatMap(([via, { rttMs, load }]) => {
      const member = this.#host.member(via)
      return member === undefined ? [] : [{ via, load, rttMs: rttMs + rttOf(member) }]
    })
    const [best] = offers.toSorted((a, b) => a.rttMs - b.rttMs || a.load - b.load)
    if (best !== undefined) this.#found.onFound(peer, best.via, nowMs)
  }
}

/** Whether a member is willing, and its link is its own path: one hop is the most. */
export function canRelay({ card, link }: Member): boolean {
  return card.relays === true && hasOwnPath({ link })
}

/** Whether a link carries packets without help of others. */
export function hasOwnPath({ link }: Pick<Member, 'link'>): boolean {
  return link.state === 'connected' && rankOf(link.path) < rankOf('member-relay')
}

function rttOf({ link }: Member): number {
  return Math.round(link.rttMs ?? 0)
}
