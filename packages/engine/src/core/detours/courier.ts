// Carries sealed signals from hand to hand where the rendezvous is gone, or slower than a member: ours
// out, others' on, and those for us in. Sealed once more between the two they are of, so that hands in
// between neither read nor change them; dropped when seen before, too far from home or too many.
import { encodeBase64url, encodeBetweenFrame, MAX_HOPS } from '@knothole/wire'
import type { BetweenFrame, Bytes, PeerId } from '@knothole/wire'
import type { Acquaintances } from './acquaintances.ts'
import type { DetourHost } from './detours.ts'
import { earliest } from '../machine.ts'
import { rememberKey } from '../recent-keys.ts'
import { TokenBucket } from '../token-bucket.ts'
import type { Rate } from '../token-bucket.ts'

type CarryFrame = BetweenFrame & { type: 'carry' }

/** The channel of a carried signal among what is sealed for relays (wire, W90). */
const SIGNAL_CHANNEL = 3

/** The rendezvous has this long for a sign of life before members carry what it was given. */
const SERVED_WITHIN_MS = 300

/** Members who carry one signal to somebody they are linked with: one can be wrong about that. */
const HANDS = 2

/** Members who look for somebody nobody here is linked with. */
const SEEKERS = 3

/** What one member may have us carry: the repair of a dozen links at once, and one a second. */
const CARRY_RATE: Rate = { burst: 192 * 1024, perSecond: 32 * 1024 }

/** Signals known by their tags, lest they come twice or go in circles. */
const MAX_SEEN = 1_024
const TAG_BYTES = 16

/** Signals that wait for a sign of the rendezvous, or for the card of their sender. */
const MAX_WAITING = 64
const EARLY_LIFE_MS = 5_000

interface Served {
  readonly to: PeerId
  readonly sealed: Bytes
  readonly sentMs: number
}

interface Early {
  readonly from: PeerId
  readonly body: Bytes
  readonly untilMs: number
}

export class Courier {
  readonly #host: DetourHost
  readonly #acquaintances: Acquaintances
  readonly #rates = new Map<PeerId, TokenBucket>()
  readonly #seen = new Map<string, true>()
  /** What the rendezvous was given and may not have. */
  #served: Served[] = []
  /** What came of those whose card we do not know yet. */
  #early: Early[] = []

  constructor(host: DetourHost, acquaintances: Acquaintances) {
    this.#host = host
    this.#acquaintances = acquaintances
  }

  /** A signal of ours; `isServed` when the rendezvous took it, for somebody it has. */
  send(signal: { to: PeerId; sealed: Bytes; isServed: boolean }, nowMs: number): void {
    const { to, sealed, isServed } = signal
    if (this.#handsTo(to, []).length === 0) return
    if (!isServed) {
      this.#seal(to, sealed)
      return
    }
    this.#host.between.probe(nowMs)
    this.#served.push({ to, sealed, sentMs: nowMs })
    if (this.#served.length > MAX_WAITING) this.#served.shift()
  }

  /** A signal of ours is sealed for the other side. */
  sealed(to: PeerId, body: Bytes, nowMs: number): void {
    this.#pass({ type: 'carry', from: this.#host.me, to, hops: MAX_HOPS, body }, [], nowMs)
  }

  /** A member hands us a signal. */
  take(member: PeerId, frame: CarryFrame, nowMs: number): void {
    if (!this.#rateOf(member).take(nowMs, frame.body.length) || this.#isKnown(frame)) return
    if (frame.to === this.#host.me) this.#arrived(member, frame, nowMs)
    else if (frame.hops > 0) this.#pass({ ...frame, hops: frame.hops - 1 }, [member], nowMs)
  }

  /** One for us was opened. */
  opened(from: PeerId, plain: Bytes): void {
    if (plain[0] === SIGNAL_CHANNEL) this.#host.between.deliver(from, plain.subarray(1))
  }

  /** Somebody's card is known now: what came of them before can be opened. */
  cardsChanged(): void {
    const early = this.#early
    this.#early = []
    for (const one of early) {
      if (this.#host.member(one.from) === undefined) this.#early.push(one)
      else this.#host.open(one.from, 'carried', one.body)
    }
  }

  gone(peer: PeerId): void {
    this.#rates.delete(peer)
    this.#served = this.#served.filter(({ to }) => to !== peer)
  }

  tick(nowMs: number): void {
    this.#early = this.#early.filter(({ untilMs }) => untilMs > nowMs)
    const { isOnline, between } = this.#host
    const served = this.#served
    this.#served = []
    for (const one of served) {
      if (between.heardServerMs > one.sentMs) continue
      if (isOnline && one.sentMs + SERVED_WITHIN_MS > nowMs) this.#served.push(one)
      else this.#seal(one.to, one.sealed)
    }
  }

  deadlineMs(): number | undefined {
    const dueMs = this.#served[0]?.sentMs
    const servedMs = dueMs === undefined ? undefined : dueMs + SERVED_WITHIN_MS
    return earliest(servedMs, this.#early[0]?.untilMs)
  }

  #seal(to: PeerId, sealed: Bytes): void {
    const plain = new Uint8Array(1 + sealed.length)
    plain[0] = SIGNAL_CHANNEL
    plain.set(sealed, 1)
    this.#host.seal(to, 'carried', plain)
  }

  #arrived(member: PeerId, { from, body }: CarryFrame, nowMs: number): void {
    if (this.#host.member(from) !== undefined) {
      this.#host.open(from, 'carried', body)
      return
    }
    this.#early.push({ from, body, untilMs: nowMs + EARLY_LIFE_MS })
    if (this.#early.length > MAX_WAITING) this.#early.shift()
    this.#acquaintances.ask(member, from, nowMs)
  }

  #pass(frame: CarryFrame, except: readonly PeerId[], nowMs: number): void {
    const data = encodeBetweenFrame(frame)
    for (const hand of this.#handsTo(frame.to, [frame.from, ...except]))
      this.#host.tell(hand, { type: 'between', data }, nowMs)
  }

  /** Who is to have a signal next: its receiver, members linked with it, or else some who may find it. */
  #handsTo(to: PeerId, except: readonly PeerId[]): PeerId[] {
    const linked = this.#acquaintances.linked.filter((peer) => !except.includes(peer))
    const rttOf = (peer: PeerId): number => this.#host.member(peer)?.link.rttMs ?? 0
    const between = linked.filter((peer) => peer !== to && this.#acquaintances.knows(peer, to))
    const hands = between.toSorted((a, b) => rttOf(a) - rttOf(b)).slice(0, HANDS)
    if (linked.includes(to)) hands.unshift(to)
    return hands.length > 0 ? hands : this.#some(linked)
  }

  #some(peers: PeerId[]): PeerId[] {
    const rest = [...peers]
    const some: PeerId[] = []
    while (some.length < SEEKERS && rest.length > 0) {
      some.push(...rest.splice(Math.floor(this.#host.random() * rest.length), 1))
    }
    return some
  }

  /** Whether a signal came before: the tag of AES-GCM, which ends it, is another each time. */
  #isKnown({ from, to, body }: CarryFrame): boolean {
    const key = `${from} ${to} ${encodeBase64url(body.slice(-TAG_BYTES))}`
    const isKnown = this.#seen.has(key)
    rememberKey(this.#seen, key, { value: true, most: MAX_SEEN })
    return isKnown || from === this.#host.me
  }

  #rateOf(member: PeerId): TokenBucket {
    const rate = this.#rates.get(member) ?? new TokenBucket(CARRY_RATE)
    this.#rates.set(member, rate)
    return rate
  }
}
