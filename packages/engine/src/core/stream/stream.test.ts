import { SeededRandom } from '@knothole/testkit'
import { MAX_LINK_FRAME_BYTES, MAX_SEGMENT_BYTES, encodeStreamPacket } from '@knothole/wire'
import { describe, expect, test } from 'vitest'
import { Stream } from './stream.ts'
import { GOOD, Misadventure, StreamPair, laneOf, numbered, upTo } from './stream.testing.ts'
import type { TestCarrier } from './stream.testing.ts'

const pairOf = (seed: string | number): StreamPair => new StreamPair(new SeededRandom(seed))

/** Gives bulk as fast as it is taken; answers the time until all of it arrived. */
function transfer(pair: StreamPair, frames: number): number {
  const startMs = pair.nowMs
  let next = 0
  const arrived = pair.until(() => {
    while (next < frames && pair.a.stream.send('bulk', numbered(next, 15_000), pair.nowMs)) next++
    pair.settle()
    return pair.b.bulk.length === frames
  }, 600_000)
  expect(arrived).toBe(true)
  expect(pair.b.bulk).toEqual(upTo(frames))
  return pair.nowMs - startMs
}

/** How many packets the receiver of a transfer sends on a carrier that loses nothing. */
function acknowledgements(kind: TestCarrier['kind']): number {
  const pair = pairOf(0)
  pair.use({ ...GOOD, kind, rate: 20_000 })
  transfer(pair, 300)
  return pair.b.packets
}

/** Relays as bad as they may be. */
const BAD: TestCarrier = {
  kind: 'relayed',
  delayMs: 60,
  rate: 200,
  loss: 0.1,
  repeat: 0.1,
  reorder: 0.2,
}

describe('a healthy carrier', () => {
  test('E100: a frame goes out at once, in one packet of a few bytes more', () => {
    const pair = pairOf(0)
    pair.use(GOOD)
    pair.a.say(0, 0, 100)
    pair.settle()
    expect(pair.a.packets).toBe(1)
    expect(pair.a.sentBytes).toBeLessThanOrEqual(103)
    pair.pass(21)
    expect(pair.b.talk).toEqual([0])
  })

  test('E100: a burst shares packets and is acknowledged by a few, and then there is silence', () => {
    const pair = pairOf(0)
    pair.use(GOOD)
    for (const number of upTo(200)) pair.a.say(number, 0)
    pair.pass(10_000)
    expect(pair.b.talk).toEqual(upTo(200))
    expect(pair.b.packets).toBeLessThanOrEqual(6)
    expect(pair.a.packets).toBeLessThanOrEqual(64 + 6)
    expect([pair.a.stream.deadlineMs(), pair.b.stream.deadlineMs()]).toEqual([undefined, undefined])
  })

  test('E100: frames larger than a segment arrive whole, up to the limit', () => {
    const pair = pairOf(0)
    pair.use(GOOD)
    const sizes = [4, MAX_SEGMENT_BYTES, MAX_SEGMENT_BYTES + 1, MAX_LINK_FRAME_BYTES]
    for (const [number, size] of sizes.entries()) pair.a.say(number, 0, size)
    pair.pass(1_000)
    expect(pair.b.talk).toEqual([0, 1, 2, 3])
  })

  test('E101: what is said while there is no carrier waits for one', () => {
    const pair = pairOf(0)
    for (const number of upTo(50)) expect(pair.a.say(number, 0)).toBe(true)
    pair.pass(60_000)
    pair.use(GOOD)
    pair.pass(100)
    expect(pair.b.talk).toEqual(upTo(50))
  })

  test('E101: until there is no room, which the sender is told', () => {
    const pair = pairOf(0)
    const taken = upTo(5_000).filter((number) => pair.a.say(number, 0, 1_000)).length
    expect(taken).toBeGreaterThan(1_000)
    expect(taken).toBeLessThan(1_100)
    const empty = pairOf(0).a
    const kept = upTo(300_000).filter(() => empty.stream.send('talk', new Uint8Array(), 0)).length
    expect(kept).toBe(2_048 * 128)
    pair.use(GOOD)
    pair.pass(30_000)
    expect(pair.b.talk).toEqual(upTo(taken))
    expect(pair.a.say(taken, pair.nowMs)).toBe(true)
  })
})

describe('carriers that change', () => {
  test('E102: a burst crosses a change of carrier: once each, in order', () => {
    const pair = pairOf(0)
    pair.use({ ...GOOD, delayMs: 80 })
    for (const number of upTo(1_000)) {
      pair.a.say(number, pair.nowMs)
      if (number === 500) pair.use({ ...GOOD, delayMs: 5 })
      pair.settle()
      if (number % 10 === 0) pair.pass(1)
    }
    pair.pass(2_000)
    expect(pair.b.talk).toEqual(upTo(1_000))
    expect(pair.b.oddities).toEqual([])
  })

  test('E102: so it does when the old one died with all it held', () => {
    const pair = pairOf(0)
    pair.use(GOOD)
    for (const number of upTo(300)) pair.a.say(number, 0)
    pair.settle()
    pair.kill()
    pair.use(undefined)
    pair.pass(5_000)
    pair.use(BAD)
    pair.pass(10_000)
    expect(pair.b.talk).toEqual(upTo(300))
  })

  test('E102: any carriers, any misfortune: both lanes whole and in order, over seeds', () => {
    const count = process.env['KNOTHOLE_LONG'] === '1' ? 500 : 40
    const complaints = upTo(count).flatMap((seed) => new Misadventure(seed).run())
    expect(complaints).toEqual([])
  }, 600_000)
})

describe('bulk', () => {
  test('E103: no more than 256 KiB are in flight at first, and more once the path shows it', () => {
    const pair = pairOf(0)
    pair.use({ ...GOOD, delayMs: 50, rate: 20_000 })
    for (let number = 0; pair.a.stream.send('bulk', numbered(number, 15_000), 0); number++) continue
    pair.settle()
    expect(pair.a.sentBytes).toBeLessThan(256 * 1024 + 15_100)
    const fresh = pairOf(0)
    fresh.use({ ...GOOD, delayMs: 50, rate: 20_000 })
    // 30 MB at 256 KiB a round trip would take 12 s; the path brings it in 1.5 s.
    expect(transfer(fresh, 2_000)).toBeLessThan(4_000)
  })

  test('E103: the window stays small where the path is short', () => {
    const pair = pairOf(0)
    pair.use({ ...GOOD, delayMs: 1, rate: 20_000 })
    transfer(pair, 500)
    pair.a.sentBytes = 0
    for (
      let number = 500;
      pair.a.stream.send('bulk', numbered(number, 15_000), pair.nowMs);
      number++
    )
      continue
    pair.settle()
    expect(pair.a.sentBytes).toBeLessThan(300 * 1024)
  })

  test('E103: a relay that drops brings it all the same', () => {
    const pair = pairOf(0)
    pair.use(BAD)
    expect(transfer(pair, 200)).toBeGreaterThan(0)
  })

  test('E104: who does not take holds the sender back; nothing is lost', () => {
    const pair = pairOf(0)
    pair.use(GOOD)
    pair.b.appetite = 0
    let given = 0
    for (let i = 0; i < 100; i++) {
      while (pair.a.stream.send('bulk', numbered(given, 15_000), pair.nowMs)) given++
      pair.settle()
      pair.pass(100)
    }
    expect(given).toBeLessThan(300)
    expect(pair.a.sentBytes).toBeLessThan(600 * 1024)
    pair.b.appetite = Infinity
    while (pair.b.bulk.length < given) {
      const before = pair.b.bulk.length
      for (let frame = pair.b.stream.takeBulk(pair.nowMs); frame !== undefined;) {
        pair.b.bulk.push(new DataView(frame.buffer, frame.byteOffset).getUint32(0))
        frame = pair.b.stream.takeBulk(pair.nowMs)
      }
      pair.settle()
      pair.pass(100)
      expect(pair.b.bulk.length).toBeGreaterThan(before)
    }
    expect(pair.b.bulk).toEqual(upTo(given))
  })

  test('E104: what is taken is acknowledged every 32 KiB, after 256 segments every 64 where it is not relayed', () => {
    // Five frames of 15,000 bytes are the first to exceed 64 KiB, and three of them 32 KiB.
    expect(acknowledgements('reliable')).toBeLessThanOrEqual(256 / 3 + 44 / 5 + 3)
    expect(acknowledgements('relayed')).toBeGreaterThanOrEqual(300 / 3)
    expect(acknowledgements('relayed')).toBeLessThanOrEqual(300 / 3 + 6)
  })

  test('E105: talk overtakes bulk that waits', () => {
    const pair = pairOf(0)
    const sent: unknown[] = []
    pair.a.stream.use('reliable', 0)
    for (let number = 0; pair.a.stream.send('bulk', numbered(number, 15_000), 0); number++) continue
    pair.a.say(0, 0)
    for (let out = pair.a.stream.poll(); out !== undefined; out = pair.a.stream.poll())
      if (out.type === 'packet') sent.push(laneOf(out.packet))
    expect(sent.at(-1)).toBe('talk')
    expect(sent.length).toBeLessThan(20)
  })
})

describe('a sender that keeps to nothing', () => {
  test('E106: what is beyond the window is refused and told, and holds no memory', () => {
    const stream = new Stream()
    const payload = new Uint8Array(MAX_SEGMENT_BYTES)
    const segment = { type: 'segment', lane: 'bulk', ack: 0, more: false, payload } as const
    for (let number = 1; number < 1_000; number++)
      stream.handle(encodeStreamPacket({ ...segment, number }), 0)
    stream.handle(encodeStreamPacket({ ...segment, number: 2 ** 53 - 1 }), 0)
    let floods = 0
    for (let out = stream.poll(); out !== undefined; out = stream.poll())
      if (out.type === 'flood') floods += 1
    expect(floods).toBeGreaterThan(1_000 - 290)
  })

  test('E106: talk is read no faster than a page bears; the rest waits and is not lost', () => {
    const pair = pairOf(0)
    pair.use({ ...GOOD, delayMs: 1 })
    for (const number of upTo(30_000)) pair.a.say(number, 0)
    pair.pass(100)
    expect(pair.b.talk.length).toBeLessThan(6_000 + 6_100)
    pair.pass(10_000)
    expect(pair.b.talk).toEqual(upTo(30_000))
    expect(pair.b.oddities).toEqual([])
  })

  test('E106: acknowledgements of what was never sent are ignored', () => {
    const pair = pairOf(0)
    pair.use(GOOD)
    const lie = { upTo: 9, ranges: [[10, 2 ** 53 - 1]] } as const
    pair.inject(pair.a, encodeStreamPacket({ type: 'ack', talk: lie, bulk: lie }))
    pair.a.say(0, 0)
    pair.pass(1_000)
    expect(pair.b.talk).toEqual([0])
  })

  test('E42: noise is told as such', () => {
    const pair = pairOf(0)
    pair.inject(pair.b, new Uint8Array([255, 255]))
    expect(pair.b.oddities).toEqual(['malformed'])
  })
})
