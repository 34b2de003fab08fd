import type { FeedId } from '@knothole/wire'
import { describe, expect, it } from 'vitest'
import { Ledger } from './ledger.ts'
import {
  FIRST_WINDOW_BYTES,
  LIVE_RESERVE_BYTES,
  MAX_RANGES,
  MAX_WINDOW_BYTES,
  SILENCE_MS,
} from './limits.ts'
import { Outgoing } from './outgoing.ts'
import type { Shelf } from './outgoing.ts'

const feed = 'feed' as FeedId
const other = 'other' as FeedId
const PARCEL_BYTES = 32 * 1024

/** Each entry fills a parcel; a feed has so many. */
const shelf = (count: number): Shelf => ({
  parcel: (_feed, after, upTo) =>
    after < Math.min(count, upTo)
      ? { upTo: after + 1, frame: new Uint8Array(PARCEL_BYTES) }
      : undefined,
})

function sendAll(outgoing: Outgoing, from: Shelf, nowMs: number): number[] {
  const sent: number[] = []
  for (let next = outgoing.next(from, nowMs); next; next = outgoing.next(from, nowMs))
    sent.push(next.isHistory ? next.parcel.upTo : -next.parcel.upTo)
  return sent
}

describe('what goes to a peer', () => {
  it('E337 at most a window is on its way, and more follows what is announced', () => {
    const outgoing = new Outgoing(new Ledger())
    outgoing.want(feed, 0, 1_000)
    const first = sendAll(outgoing, shelf(1_000), 0)
    expect(first.length * PARCEL_BYTES).toBe(FIRST_WINDOW_BYTES)
    outgoing.announced(feed, 2, 100)
    expect(sendAll(outgoing, shelf(1_000), 100)).toHaveLength(4)
  })

  it('E337 the window grows while the peer is brisk, to a limit, and shrinks when it falls silent', () => {
    const outgoing = new Outgoing(new Ledger())
    outgoing.want(feed, 0, 10_000)
    let upTo = 0
    for (let ms = 0; ms < 2_000; ms += 100) {
      upTo = sendAll(outgoing, shelf(10_000), ms).at(-1) ?? upTo
      outgoing.announced(feed, upTo, ms + 50)
    }
    expect(outgoing.windowBytes).toBe(MAX_WINDOW_BYTES)
    sendAll(outgoing, shelf(10_000), 2_000)
    expect(outgoing.bytesOnTheWay).toBe(MAX_WINDOW_BYTES)
    outgoing.tick(2_000 + SILENCE_MS)
    expect(outgoing.windowBytes).toBe(FIRST_WINDOW_BYTES)
    expect(outgoing.bytesOnTheWay).toBe(0)
  })

  it('E337 new entries go before history', () => {
    const outgoing = new Outgoing(new Ledger())
    outgoing.want(feed, 0, 3)
    outgoing.push(other, 0)
    expect(sendAll(outgoing, shelf(3), 0)).toEqual([-1, -2, -3, 1, 2, 3])
  })

  it('E337 and when history fills the window, up to a reserve of their own', () => {
    const outgoing = new Outgoing(new Ledger())
    outgoing.want(feed, 0, 1_000)
    sendAll(outgoing, shelf(1_000), 0)
    expect(outgoing.bytesOnTheWay).toBe(FIRST_WINDOW_BYTES)
    outgoing.push(other, 0)
    expect(sendAll(outgoing, shelf(1_000), 0)).toEqual([-1, -2])
    expect(outgoing.bytesOnTheWay).toBe(FIRST_WINDOW_BYTES + LIVE_RESERVE_BYTES)
    outgoing.announced(other, 2, 100)
    expect(sendAll(outgoing, shelf(1_000), 100)).toEqual([-3, -4, -5, -6])
  })

  it('E337 what was not announced in time is sent again, after longer and longer pauses', () => {
    const outgoing = new Outgoing(new Ledger())
    outgoing.push(feed, 0)
    expect(sendAll(outgoing, shelf(1), 0)).toEqual([-1])
    expect(outgoing.deadlineMs()).toBe(SILENCE_MS)
    outgoing.tick(SILENCE_MS)
    expect(sendAll(outgoing, shelf(1), SILENCE_MS)).toEqual([-1])
    expect(outgoing.deadlineMs()).toBe(SILENCE_MS * 3)
  })

  it('E337 what the peer has is not sent', () => {
    const ledger = new Ledger()
    const outgoing = new Outgoing(ledger)
    ledger.note(feed, { count: 2 })
    outgoing.push(feed, 0)
    expect(sendAll(outgoing, shelf(3), 0)).toEqual([-3])
  })

  it('E338 ranges that a peer asks for are limited', () => {
    const outgoing = new Outgoing(new Ledger())
    for (let at = 0; at < 2 * MAX_RANGES; at++) outgoing.want(`${at}` as FeedId, 0, 9)
    expect(outgoing.rangesWanted).toBe(MAX_RANGES)
  })
})
