// Passes sealed packets on between two other members who both ask for it. One hop only, from one direct
// link to another; so much a second; and nothing it passes can be read here.
import type { Bytes, PeerId } from '@knothole/wire'
import type { DetourHost } from './detours.ts'
import { earliest } from '../machine.ts'
import { hasOwnPath } from './member-relays.ts'
import { TokenBucket } from '../token-bucket.ts'
import type { Rate } from '../token-bucket.ts'

/** Pairs served at once: a full room has 66, and one member is not their server. */
const MAX_PAIRS = 16

/** Asks kept of pairs of whom one has asked; both do within seconds. */
const MAX_ASKS = 64
const ASK_LIFE_MS = 30_000

/** What one pair may send: talk and a picture, without filling a home's uplink. */
const PAIR_RATE: Rate = { burst: 256 * 1024, perSecond: 256 * 1024 }

/** A pair that sends nothing for this long is forgotten. */
const IDLE_MS = 300_000

/** Pause asked for when the way on is blocked for a moment. */
const BLOCKED_MS = 250

/** A sender is told of drops at most this often. */
const TELL_EVERY_MS = 100

interface Pair {
  readonly channel: number
  readonly sides: readonly [PeerId, PeerId]
  readonly bucket: TokenBucket
  usedMs: number
  toldMs: number
}

export class Switchboard {
  readonly #host: DetourHost
  readonly #asks = new Map<string, number>()
  readonly #pairs = new Map<string, Pair>()
  readonly #channels = new Map<number, Pair>()
  #count = 0

  constructor(host: DetourHost) {
    this.#host = host
  }

  /** A member asks us to pass on between it and a peer. */
  ask(from: PeerId, peer: PeerId, nowMs: number): void {
    const pair = this.#pairs.get(pairOf(from, peer))
    if (pair !== undefined) this.#ready(pair, from, nowMs)
    else if (!this.#canServe(from, peer)) this.#host.tell(from, { type: 'relay-end', peer }, nowMs)
    else if (this.#hasAsked(peer, from, nowMs)) this.#open(from, peer, nowMs)
    else this.#note(from, peer, nowMs)
  }

  /** One side needs it no more. */
  end(from: PeerId, peer: PeerId): void {
    this.#asks.delete(askOf(from, peer))
    this.#close(this.#pairs.get(pairOf(from, peer)))
  }

  /** Somebody is gone. */
  gone(peer: PeerId): void {
    for (const pair of this.#pairs.values()) if (pair.sides.includes(peer)) this.#close(pair)
  }

  /** A packet to pass on. */
  pass(
    from: PeerId,
    packet: { readonly channel: number; readonly body: Bytes },
    nowMs: number,
  ): void {
    const { channel, body } = packet
    const pair = this.#channels.get(channel)
    if (pair === undefined || !pair.sides.includes(from)) return
    const to = pair.sides[0] === from ? pair.sides[1] : pair.sides[0]
    pair.usedMs = nowMs
    if (!pair.bucket.take(nowMs, body.length))
      this.#full(pair, { from, to, waitMs: pair.bucket.waitMs(body.length) }, nowMs)
    else if (!this.#host.pass(to, 2 * channel + 1, body))
      this.#full(pair, { from, to, waitMs: BLOCKED_MS }, nowMs)
  }

  tick(nowMs: number): void {
    for (const pair of this.#pairs.values()) {
      if (pair.usedMs + IDLE_MS > nowMs) continue
      const [a, b] = pair.sides
      this.#host.tell(a, { type: 'relay-end', peer: b }, nowMs)
      this.#host.tell(b, { type: 'relay-end', peer: a }, nowMs)
      this.#close(pair)
    }
  }

  deadlineMs(): number | undefined {
    return earliest(...[...this.#pairs.values()].map(({ usedMs }) => usedMs + IDLE_MS))
  }

  #canServe(from: PeerId, peer: PeerId): boolean {
    const [one, other] = [this.#host.member(from), this.#host.member(peer)]
    if (one === undefined || other === undefined || from === peer) return false
    const isWilling = this.#host.card.relays === true && this.#pairs.size < MAX_PAIRS
    return isWilling && hasOwnPath(one) && hasOwnPath(other)
  }

  #hasAsked(from: PeerId, peer: PeerId, nowMs: number): boolean {
    const atMs = this.#asks.get(askOf(from, peer))
    return atMs !== undefined && nowMs - atMs <= ASK_LIFE_MS
  }

  #note(from: PeerId, peer: PeerId, nowMs: number): void {
    const key = askOf(from, peer)
    this.#asks.delete(key)
    this.#asks.set(key, nowMs)
    const oldest = this.#asks.keys().next()
    if (this.#asks.size > MAX_ASKS && oldest.done !== true) this.#asks.delete(oldest.value)
  }

  #open(from: PeerId, peer: PeerId, nowMs: number): void {
    this.#asks.delete(askOf(peer, from))
    const pair: Pair = {
      channel: ++this.#count,
      sides: [from, peer],
      bucket: new TokenBucket(PAIR_RATE),
      usedMs: nowMs,
      toldMs: -Infinity,
    }
    this.#pairs.set(pairOf(from, peer), pair)
    this.#channels.set(pair.channel, pair)
    this.#ready(pair, from, nowMs)
    this.#ready(pair, peer, nowMs)
  }

  #ready({ channel, sides }: Pair, to: PeerId, nowMs: number): void {
    const peer = sides[0] === to ? sides[1] : sides[0]
    const rttMs = Math.round(this.#host.member(peer)?.link.rttMs ?? 0)
    const load = this.#pairs.size
    this.#host.tell(to, { type: 'relay-ready', peer, channel, rttMs, load }, nowMs)
  }

  #close(pair: Pair | undefined): void {
    if (pair === undefined) return
    this.#pairs.delete(pairOf(...pair.sides))
    this.#channels.delete(pair.channel)
  }

  #full(
    pair: Pair,
    drop: { readonly from: PeerId; readonly to: PeerId; readonly waitMs: number },
    nowMs: number,
  ): void {
    if (nowMs - pair.toldMs < TELL_EVERY_MS) return
    pair.toldMs = nowMs
    const { from, to, waitMs } = drop
    this.#host.tell(from, { type: 'relay-full', peer: to, waitMs }, nowMs)
  }
}

function pairOf(a: PeerId, b: PeerId): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`
}

function askOf(from: PeerId, peer: PeerId): string {
  return `${from} asks for ${peer}`
}
