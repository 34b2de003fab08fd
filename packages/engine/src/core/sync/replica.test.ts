import type { Bytes, LogFrame } from '@knothole/wire'
import { describe, expect, it } from 'vitest'
import { PENALTY_MS, SILENCE_MS } from './limits.ts'
import { hasEntries } from './reception.ts'
import { Table, three } from './replica.testing.ts'

const without =
  (...types: LogFrame['type'][]) =>
  (frame: LogFrame): LogFrame | undefined =>
    types.includes(frame.type) ? undefined : frame

/** Something signed, with its signature spoiled. */
const spoiled = <Signed extends { readonly proof: Bytes }>(signed: Signed): Signed => ({
  ...signed,
  proof: signed.proof.map((byte) => byte ^ 1),
})

/** A frame that holds no more, if it is one of entries. */
function forged(frame: LogFrame): LogFrame {
  if (frame.type === 'chunk') return { ...frame, chunk: spoiled(frame.chunk) }
  return frame.type === 'run' ? { ...frame, run: spoiled(frame.run) } : frame
}

describe('what is announced', () => {
  it('E331 what the store does not keep yet is not announced', () => {
    const { table, alice, bob } = three()
    table.link(alice, bob)
    bob.isStoring = false
    alice.say('hello')
    table.pass(1_000)
    expect(bob.has(alice.feed)).toBe(1)
    expect(table.count('have', bob, alice)).toBe(0)
    bob.store()
    table.pass(100)
    expect(table.count('have', bob, alice)).toBe(1)
  })

  it('E331 what cannot be stored is announced as what this page keeps', () => {
    const { table, alice, bob } = three()
    table.link(alice, bob)
    bob.isStoring = false
    alice.say('hello')
    table.pass(100)
    bob.store(false)
    table.pass(100)
    expect(table.count('have', bob, alice)).toBe(1)
  })

  it('E331 what is let go before the store has it is announced as far as the store knows of it', () => {
    const { table, alice, bob } = three()
    table.link(alice, bob)
    bob.isStoring = false
    alice.say('one')
    table.pass(1_000)
    alice.say('two')
    table.pass(1_000)
    bob.give({ type: 'prune', beforeMs: table.nowMs + 10_000 })
    const told = (): unknown =>
      table.sent.findLast(({ from, frame }) => from === bob.peer && frame.type === 'summary')?.frame
    for (const upTo of [0, 1, 2]) {
      if (upTo > 0) bob.store()
      table.pass(5_000)
      const feeds = upTo === 0 ? [] : [{ feed: alice.feed, base: upTo, count: upTo }]
      expect(told()).toMatchObject({ feeds })
    }
  })
})

describe('new entries', () => {
  it('E332 go at once to everyone linked, before they are stored', () => {
    const { table, alice, bob, carol } = three()
    table.link(alice, bob)
    table.link(alice, carol)
    alice.isStoring = false
    alice.say('hello')
    table.run()
    expect([bob.has(alice.feed), carol.has(alice.feed)]).toEqual([1, 1])
  })

  it('E332 written together they have one signature, and go in order', () => {
    const { table, alice, bob } = three()
    table.link(alice, bob)
    alice.say(...Array.from({ length: 300 }, (_, at) => `${at}`))
    table.pass(100)
    expect(bob.has(alice.feed)).toBe(300)
    expect(alice.of('sign').length).toBeLessThan(5)
    expect(alice.of('written')).toHaveLength(1)
  })

  it('E333 of others are passed on at once in a partial mesh, and asked for in a full one', () => {
    for (const isEager of [true, false]) {
      const { table, alice, bob, carol } = three()
      table.link(alice, bob, isEager)
      table.link(bob, carol, isEager)
      alice.say('hello')
      table.run()
      expect(carol.has(alice.feed)).toBe(isEager ? 1 : 0)
      table.pass(100)
      expect(table.count('want', carol, bob)).toBe(0)
      table.pass(200)
      expect(carol.has(alice.feed)).toBe(1)
      expect(table.count('want', carol, bob)).toBe(isEager ? 0 : 1)
    }
  })
})

describe('history', () => {
  it('E334 is asked for at once on a new link, and each feed of one peer only', () => {
    const { table, alice, bob, carol } = three()
    alice.say('one', 'two')
    table.link(alice, bob)
    table.pass(100)
    table.unlink(alice, bob)
    const dave = table.hand('dave').restore()
    table.link(bob, carol)
    table.pass(100)
    expect(carol.has(alice.feed)).toBe(2)
    table.link(dave, bob)
    table.link(dave, carol)
    table.pass(100)
    expect(dave.has(alice.feed)).toBe(2)
    expect(table.count('want', dave, bob) + table.count('want', dave, carol)).toBe(1)
  })

  it('E335 a peer that is asked and silent for 3 s is passed over for another', () => {
    const { table, alice, bob, carol } = three()
    table.link(alice, bob)
    table.link(alice, carol)
    alice.say('hello')
    table.pass(100)
    table.unlink(alice, bob)
    table.unlink(alice, carol)
    const dave = table.hand('dave').restore()
    table.filter = (frame, from) => (hasEntries(frame) && from === bob.peer ? undefined : frame)
    table.link(dave, bob)
    table.pass(500)
    expect(table.count('want', dave, bob)).toBe(1)
    table.link(dave, carol)
    table.pass(SILENCE_MS)
    expect(dave.has(alice.feed)).toBe(1)
    expect(dave.of('fault')).toEqual([])
  })

  it('E335 when the link to who was asked ends, another is asked at once', () => {
    const { table, alice, bob, carol } = three()
    table.link(alice, bob)
    table.link(alice, carol)
    alice.say('hello')
    table.pass(100)
    table.unlink(alice, bob)
    table.unlink(alice, carol)
    const dave = table.hand('dave').restore()
    table.filter = without('chunk', 'run')
    table.link(dave, bob)
    table.link(dave, carol)
    table.pass(200)
    const asked = table.count('want', dave, bob) === 1 ? bob : carol
    table.filter = (frame) => frame
    table.unlink(dave, asked)
    table.pass(50)
    expect(dave.has(alice.feed)).toBe(1)
  })

  it('E335 a silent peer is asked again when there is no other', () => {
    const { table, alice, bob } = three()
    alice.say('hello', ...Array.from({ length: 40 }, (_, at) => `${at}`))
    table.filter = without('chunk', 'run')
    table.link(alice, bob)
    table.pass(SILENCE_MS / 2)
    expect(bob.has(alice.feed)).toBe(0)
    table.filter = (frame) => frame
    table.pass(SILENCE_MS)
    expect(bob.has(alice.feed)).toBe(41)
  })

  it('E349 what is asked for comes as a run, what is new as a chunk', () => {
    const { table, alice, bob } = three()
    alice.say(...Array.from({ length: 40 }, (_, at) => `${at}`))
    table.link(alice, bob)
    table.pass(100)
    expect(table.count('run', alice, bob)).toBe(1)
    expect(table.count('chunk', alice, bob)).toBe(0)
    alice.say('and more')
    table.pass(100)
    expect(table.count('run', alice, bob)).toBe(1)
    expect(table.count('chunk', alice, bob)).toBe(1)
    expect(bob.has(alice.feed)).toBe(41)
    const ids = (hand: typeof bob): string[] =>
      Array.from(hand.replica.log.order.newestFirst(), ({ id }) => id)
    expect(ids(bob)).toEqual(ids(alice))
  })

  it('E336 who sends what does not verify is told, and not asked for that feed for a while', () => {
    const { table, alice, bob, carol } = three()
    alice.say(...Array.from({ length: 40 }, (_, at) => `${at}`))
    table.link(alice, bob)
    table.pass(100)
    table.unlink(alice, bob)
    table.filter = (frame, from) => (from === bob.peer ? forged(frame) : frame)
    table.link(bob, carol)
    table.pass(PENALTY_MS - 1_000)
    expect(carol.has(alice.feed)).toBe(0)
    expect(carol.of('fault')).toEqual([{ type: 'fault', peer: bob.peer, code: 'forged' }])
    expect(table.count('want', carol, bob)).toBe(1)
    table.filter = (frame) => frame
    table.pass(20_000)
    expect(carol.has(alice.feed)).toBe(40)
  })

  it('E339 what was lost unnoticed is found by the next beat', () => {
    const { table, alice, bob } = three()
    table.link(alice, bob)
    alice.say('hello')
    table.pass(5_000)
    table.filter = without('chunk', 'run', 'have')
    bob.say('lost')
    table.pass(2_000)
    expect(alice.has(bob.feed)).toBe(0)
    table.filter = (frame) => frame
    table.pass(20_000)
    expect(alice.has(bob.feed)).toBe(1)
    const { length } = table.sent
    table.pass(60_000)
    // Then there is nothing to tell but digests.
    expect(new Set(table.sent.slice(length).map(({ frame }) => frame.type))).toEqual(
      new Set(['digest']),
    )
  })

  it('E340 two branches of a feed cut it for everyone, and the evidence goes round', () => {
    const { table, alice, bob, carol } = three()
    const twin = table.hand('twin', { author: 'alice' }).restore()
    table.link(alice, bob)
    table.link(twin, carol)
    for (const text of ['one', 'two']) alice.say(text)
    table.nowMs += 5
    for (const text of ['eins', 'zwei', 'drei']) twin.say(text)
    table.pass(100)
    expect([bob.has(alice.feed), carol.has(alice.feed)]).toEqual([2, 3])
    table.unlink(alice, bob)
    table.unlink(twin, carol)
    table.link(bob, carol)
    table.pass(10_000)
    const cuts = [bob, carol].map(({ replica }) => replica.log.feed(alice.feed)?.cut)
    expect(cuts).toEqual([1, 1])
    expect(bob.of('cut')).toMatchObject([{ feed: alice.feed, at: 1, why: 'fork' }])
    const dave = table.hand('dave').restore()
    table.link(dave, bob)
    table.pass(10_000)
    expect(dave.replica.log.feed(alice.feed)?.cut).toBe(1)
  })
})

describe('what people are told', () => {
  it('E341 a gap is told after half a second with who is asked, and when it is filled', () => {
    const { table, alice, bob, carol } = three()
    alice.say('one', 'two', ...Array.from({ length: 40 }, (_, at) => `${at}`))
    table.link(alice, bob)
    table.pass(100)
    table.unlink(alice, bob)
    table.filter = without('chunk', 'run')
    table.link(bob, carol)
    table.pass(400)
    expect(carol.of('gaps')).toEqual([])
    table.pass(400)
    const gap = { feed: alice.feed, from: 1, count: 42, asked: [bob.peer] }
    expect(carol.of('gaps')).toEqual([{ type: 'gaps', gaps: [gap] }])
    table.filter = (frame) => frame
    table.pass(10_000)
    expect(carol.replica.gaps).toEqual([])
  })

  it('E341 entries that others name and nobody here has are a gap without anyone asked', () => {
    const { table, alice, bob, carol } = three()
    table.link(alice, bob)
    alice.say('one')
    table.pass(100)
    bob.say('an answer')
    table.unlink(alice, bob)
    table.filter = (frame, from) =>
      from === bob.peer && frame.type === 'summary' ? { ...frame, feeds: [] } : frame
    table.link(bob, carol)
    table.pass(3_000)
    expect(carol.has(bob.feed)).toBe(1)
    expect(carol.replica.gaps).toEqual([{ feed: alice.feed, from: 1, count: 1, asked: [] }])
  })

  it('E342 who has an entry is known from its link, or from its receipt by way of others', () => {
    const { table, alice, bob, carol } = three()
    table.link(alice, bob, true)
    alice.say('hello')
    table.pass(100)
    expect(alice.replica.deliveryOf(alice.feed, 1)).toEqual({ has: [bob.member], read: [] })
    table.link(bob, carol, true)
    table.pass(10_000)
    carol.give({ type: 'read', upTo: [[alice.feed, 1]] })
    table.pass(10_000)
    const { has, read } = alice.replica.deliveryOf(alice.feed, 1)
    expect(new Set(has)).toEqual(new Set([bob.member, carol.member]))
    expect(read).toEqual([carol.member])
    expect(alice.of('delivery').length).toBeGreaterThan(0)
  })

  it('E343 receipts outlive the page, and who was away hears of them', () => {
    const { table, alice, bob, carol } = three()
    table.link(alice, bob)
    alice.say('hello')
    table.pass(100)
    table.unlink(alice, bob)
    table.link(bob, carol)
    table.pass(20_000)
    table.unlink(bob, carol)
    const again = table.hand('alice again', { author: 'alice', nonce: 2 })
    again.restore(alice.disk.load())
    const bobAgain = table.hand('bob again', { author: 'bob', nonce: 2 })
    bobAgain.restore(bob.disk.load())
    table.link(again, bobAgain)
    table.pass(20_000)
    expect(new Set(again.replica.deliveryOf(alice.feed, 1).has)).toContain(carol.member)
  })
})

describe('what is kept', () => {
  it('E344 bodies that entries came without are asked for, those let go are not', () => {
    const { table, alice, bob, carol } = three()
    alice.say('one', 'two')
    table.link(alice, bob)
    table.pass(100)
    bob.give({
      type: 'drop',
      entries: [
        [alice.feed, 1],
        [alice.feed, 2],
      ],
    })
    table.unlink(alice, bob)
    table.link(bob, carol)
    table.pass(100)
    expect(carol.replica.log.entry(alice.feed, 1)?.body).toBeUndefined()
    carol.give({ type: 'drop', entries: [[alice.feed, 1]] })
    table.link(alice, carol)
    table.pass(15_000)
    expect(carol.replica.log.entry(alice.feed, 1)?.body).toBeUndefined()
    expect(carol.replica.log.entry(alice.feed, 2)?.body).toBeDefined()
    expect(carol.of('bodies')).toHaveLength(1)
  })

  it('E345 before the store is opened our entries go out and new ones come in, no more', () => {
    const table = new Table()
    const alice = table.hand('alice')
    const bob = table.hand('bob')
    table.link(alice, bob)
    alice.say('hello')
    table.pass(5_000)
    expect(bob.has(alice.feed)).toBe(1)
    expect(new Set(table.sent.map(({ frame }) => frame.type))).toEqual(new Set(['chunk']))
    alice.restore()
    bob.restore()
    table.pass(1_000)
    expect(alice.replica.deliveryOf(alice.feed, 1).has).toEqual([bob.member])
  })

  it('E345 a page that opens has what it kept and announces it', () => {
    const { table, alice, bob } = three()
    table.link(alice, bob)
    alice.say('hello')
    table.pass(100)
    const again = table.hand('bob again', { author: 'bob', nonce: 2 })
    again.restore(bob.disk.load())
    expect(again.has(alice.feed)).toBe(1)
    const carol = table.hand('dave').restore()
    table.link(again, carol)
    table.pass(100)
    expect(carol.has(alice.feed)).toBe(1)
  })

  it('E346 the beginning of a feed that everyone let go is passed over after a while', () => {
    const { table, alice, bob } = three()
    alice.say('old')
    table.pass(60_000)
    const horizonMs = table.nowMs - 30_000
    alice.say('new')
    alice.give({ type: 'prune', beforeMs: horizonMs })
    table.link(alice, bob)
    table.pass(2_000)
    expect(bob.has(alice.feed)).toBe(0)
    table.pass(10_000)
    expect(bob.replica.log.feed(alice.feed)).toMatchObject({ base: 1, count: 2 })
    expect(alice.of('pruned')).toHaveLength(1)
  })

  it('E341 what everyone let go is not missing to who comes later', () => {
    const { table, alice, bob } = three()
    alice.say('old', 'older')
    table.pass(60_000)
    alice.give({ type: 'prune', beforeMs: table.nowMs })
    table.link(alice, bob)
    table.pass(30_000)
    expect(bob.of('gaps')).toEqual([])
  })

  it('E345 a page that opens says of a feed that it let it go, and is not offered it again', () => {
    const { table, alice, bob } = three()
    table.link(alice, bob)
    alice.say('old')
    table.pass(60_000)
    bob.give({ type: 'prune', beforeMs: table.nowMs })
    const again = table.hand('again').restore(bob.disk.load())
    table.link(alice, again)
    table.pass(1_000)
    const [first] = table.sent.filter(({ from, frame }) => {
      return from === again.peer && frame.type === 'summary'
    })
    expect(first?.frame).toMatchObject({ feeds: [{ feed: alice.feed, base: 1, count: 1 }] })
  })

  it('E347 what the store kept beyond a hole counts once the hole is filled', () => {
    const { table, alice, bob } = three()
    table.link(alice, bob)
    for (const text of ['one', 'two', 'three']) {
      alice.say(text)
      table.pass(100)
    }
    const stored = bob.disk.load()
    const blocks = stored.blocks.flatMap((block) => [
      {
        ...block,
        entries: block.entries.slice(2),
        from: 3,
        proofs: block.proofs.filter((proof) => proof.sequence > 2),
      },
    ])
    const again = table.hand('bob again', { author: 'bob', nonce: 2 })
    again.restore({ ...stored, blocks })
    expect(again.has(alice.feed)).toBe(0)
    table.filter = (frame, from) =>
      from === alice.peer && frame.type === 'summary'
        ? { ...frame, feeds: frame.feeds.map((feed) => ({ ...feed, count: 2 })) }
        : frame
    alice.outputs.length = 0
    table.link(alice, again)
    table.pass(1_000)
    expect(again.has(alice.feed)).toBe(3)
  })
})
