// Two replicas with the stream of a link between them, as in a room: what it has no room for is lost.
import type { Bytes, PeerId } from '@knothole/wire'
import { describe, expect, it } from 'vitest'
import { earliest } from '../machine.ts'
import { Stream } from '../stream/stream.ts'
import { SILENCE_MS } from './limits.ts'
import { Table } from './replica.testing.ts'
import type { Hand } from './replica.testing.ts'

interface Road {
  /** One way. */
  readonly delayMs: number
  readonly bytesPerMs: number
}

/** One link between two hands, over a reliable carrier. */
class Linked extends Table {
  /** Frames that the link had no room for. */
  refused = 0
  readonly #road: Road
  readonly #ends = new Map<PeerId, { stream: Stream; hand: Hand; other: PeerId; freeMs: number }>()
  readonly #arrivals: { readonly atMs: number; readonly to: PeerId; readonly packet: Bytes }[] = []

  constructor(road: Road) {
    super()
    this.#road = road
  }

  meet(one: Hand, other: Hand): void {
    for (const [hand, { peer, member }] of [
      [one, other],
      [other, one],
    ] as const) {
      this.#ends.set(hand.peer, { stream: new Stream(), hand, other: peer, freeMs: 0 })
      this.#ends.get(hand.peer)?.stream.use('reliable', this.nowMs)
      hand.give({ type: 'link-up', peer, member })
    }
  }

  override carry(from: Hand, _to: PeerId, data: Bytes): void {
    const end = this.#ends.get(from.peer)
    if (end?.stream.send('talk', data, this.nowMs) === false) this.refused += 1
  }

  override pass(ms: number): void {
    const untilMs = this.nowMs + ms
    for (let dueMs = this.#nextMs(); dueMs <= untilMs; dueMs = this.#nextMs()) {
      this.nowMs = Math.max(this.nowMs, dueMs)
      while ((this.#arrivals[0]?.atMs ?? Infinity) <= this.nowMs) this.#arrive()
      for (const { stream, hand } of this.#ends.values()) {
        if ((stream.deadlineMs() ?? Infinity) <= this.nowMs) stream.tick(this.nowMs)
        if ((hand.replica.deadlineMs() ?? Infinity) <= this.nowMs) {
          hand.replica.tick(this.nowMs)
          hand.drain()
        }
      }
      this.#settle()
    }
    this.nowMs = untilMs
  }

  #nextMs(): number {
    this.#settle()
    const deadlines = [...this.#ends.values()].map(({ stream, hand }) =>
      earliest(stream.deadlineMs(), hand.replica.deadlineMs()),
    )
    return earliest(this.#arrivals[0]?.atMs, ...deadlines) ?? Infinity
  }

  #arrive(): void {
    const arrival = this.#arrivals.shift()
    if (arrival !== undefined) this.#ends.get(arrival.to)?.stream.handle(arrival.packet, this.nowMs)
    this.#settle()
  }

  #settle(): void {
    const { delayMs, bytesPerMs } = this.#road
    for (const end of this.#ends.values()) {
      const { stream, hand, other } = end
      for (let out = stream.poll(); out !== undefined; out = stream.poll()) {
        if (out.type === 'frame') hand.give({ type: 'frame', peer: other, data: out.frame })
        if (out.type !== 'packet') continue
        end.freeMs = Math.max(end.freeMs, this.nowMs) + out.packet.length / bytesPerMs
        this.#arrivals.push({ atMs: end.freeMs + delayMs, to: other, packet: out.packet.slice() })
      }
    }
    this.#arrivals.sort((one, other) => one.atMs - other.atMs)
  }
}

/** Ten times what a link keeps. */
const TEXTS = 60_000
const TOGETHER = 200

function history(road: Road): { table: Linked; alice: Hand; bob: Hand } {
  const table = new Linked(road)
  const [alice, bob] = [table.hand('alice').restore(), table.hand('bob').restore()]
  for (let at = 0; at < TEXTS; at += TOGETHER)
    alice.say(...Array.from({ length: TOGETHER }, (_, i) => `${at + i} ${'knock '.repeat(20)}`))
  return { table, alice, bob }
}

describe('a long history over a link', () => {
  it('E337 is never more than the link has room for, however fast it is announced', () => {
    const { table, alice, bob } = history({ delayMs: 100, bytesPerMs: 50_000 })
    table.meet(alice, bob)
    // 10 MB at 512 KiB a round trip of 200 ms is 4 s; nothing of it waits for a silence to end.
    for (let steps = 0; steps < 80 && bob.has(alice.feed) < TEXTS; steps++) {
      const before = bob.has(alice.feed)
      table.pass(SILENCE_MS / 2)
      expect(bob.has(alice.feed)).toBeGreaterThan(before)
    }
    expect(table.refused).toBe(0)
  })
})
