import { encodeCbor } from '@knothole/wire'
import { describe, expect, test } from 'vitest'
import { MAX_AHEAD_MS } from '../log/limits.ts'
import { NOON, TalkWorld } from './talk.testing.ts'
import type { TalkPage } from './talk.testing.ts'

const DAY_MS = 24 * 60 * 60 * 1000

/** Two people who are linked. */
function pair(): { world: TalkWorld; alice: TalkPage; bob: TalkPage } {
  const world = new TalkWorld()
  const [alice, bob] = [world.page('alice'), world.page('bob')]
  world.link(alice, bob)
  return { world, alice, bob }
}

/** Somebody who wrote so many texts, each a second after the other. */
function writer(world: TalkWorld, count: number): TalkPage {
  const page = world.page('alice')
  page.isSealing = false
  for (let i = 0; i < count; i++) {
    world.nowMs += 1_000
    page.say(`text ${i}`)
    if (i % 50 === 49) page.seal()
  }
  page.seal()
  return page
}

describe('saying', () => {
  test('E397: what is said stands there at once, with its id, and then goes to everyone', () => {
    const world = new TalkWorld()
    const [alice, bob] = [world.page('alice'), world.page('bob')]
    const id = alice.say('hello')
    expect(alice.shown()).toEqual(['hello'])
    expect(alice.message(id)).toMatchObject({ mine: true, delivery: { type: 'waiting' } })
    world.link(alice, bob)
    world.pass(5_000)
    expect(bob.shown()).toEqual(['hello'])
    expect(bob.message(id)).toMatchObject({ id, author: alice.member, name: 'alice', mine: false })
    expect(alice.message(id)?.delivery).toEqual({
      type: 'delivered',
      to: 1,
      of: 1,
      names: ['bob'],
    })
    expect(bob.spoke).toEqual([alice.member])
  })

  test('E397: it stands there before it is sealed, and after everything else', () => {
    const { world, alice, bob } = pair()
    bob.say('first')
    alice.isSealing = false
    const ids = [alice.say('one'), alice.say('two')]
    alice.write({ type: 'reaction', target: ids[0] ?? '', emoji: '👍', on: true })
    expect(alice.shown()).toEqual(['first', 'one', 'two'])
    expect(bob.shown()).toEqual(['first'])
    expect(ids.map((id) => alice.talk.reader.indexOf(id))).toEqual([1, 2])
    alice.seal()
    world.pass(1_000)
    expect(bob.shown()).toEqual(['first', 'one', 'two'])
  })

  test('E398: what is said while something is being sealed is sealed and signed together', () => {
    const { alice, bob } = pair()
    alice.isSealing = false
    const count = alice.signatures
    for (let i = 0; i < 50; i++) alice.say(`text ${i}`)
    alice.seal()
    expect(bob.shown()).toHaveLength(50)
    expect(alice.signatures - count).toBeLessThanOrEqual(3)
  })

  test('E398: long texts are sealed in as many parts as fit', () => {
    const { alice, bob } = pair()
    alice.isSealing = false
    for (let i = 0; i < 9; i++) alice.say('é'.repeat(8_000))
    alice.seal()
    expect(bob.shown()).toHaveLength(9)
  })

  test('E393: who speaks is called by the name they told, then and now', () => {
    const { world, alice, bob } = pair()
    const id = alice.say('hi')
    world.unlink(alice, bob)
    expect(bob.message(id)?.name).toBe('alice')
    world.link(alice, bob)
    alice.ownName = 'Alison'
    alice.give({ type: 'people' })
    bob.give({ type: 'people' })
    expect(bob.message(id)?.name).toBe('Alison')
    expect(bob.shown()).toEqual(['hi', { type: 'named', name: 'Alison' }])
    const late = world.page('carol')
    world.link(late, bob)
    world.unlink(alice, bob)
    world.pass(5_000)
    expect(late.message(id)?.name).toBe('Alison')
  })

  test('E396: a message’s fate is told as it changes, and who read it', () => {
    const { world, alice, bob } = pair()
    const id = alice.say('hi')
    world.pass(5_000)
    bob.give({ type: 'read', id })
    world.pass(5_000)
    const fates = alice.messages.filter((message) => message.id === id)
    expect(fates.map(({ delivery }) => delivery?.type)).toEqual([
      'waiting',
      'waiting',
      'delivered',
      'read',
    ])
    expect(alice.talk.reader.deliveryOf(id)).toEqual([
      { member: bob.member, name: 'bob', state: 'read' },
    ])
  })

  test('E396: a message object stays the same until something about it changes', () => {
    const { world, alice } = pair()
    const id = alice.say('hi')
    world.pass(5_000)
    const before = alice.message(id)
    alice.give({ type: 'people' })
    expect(alice.message(id)).toBe(before)
    alice.write({ type: 'edit', target: id, text: 'hello' })
    expect(alice.message(id)).toMatchObject({ text: 'hello', edited: true })
  })
})

describe('what waits', () => {
  test('E399: typed alone and kept, it goes when the page is back and somebody comes', () => {
    const world = new TalkWorld()
    const before = world.page('alice')
    before.say('nobody hears me')
    const after = world.page('alice', before.kept())
    expect(after.shown()).toEqual(['nobody hears me'])
    const bob = world.page('bob')
    world.link(after, bob)
    world.pass(5_000)
    expect(bob.shown()).toEqual(['nobody hears me'])
  })

  test('E399: it goes through whoever has it, when its author has left', () => {
    const { world, alice, bob } = pair()
    const id = alice.say('pass it on')
    world.pass(1_000)
    world.unlink(alice, bob)
    const carol = world.page('carol')
    world.link(bob, carol)
    world.pass(5_000)
    expect(carol.message(id)).toMatchObject({ text: 'pass it on', author: alice.member })
    expect(alice.message(id)?.delivery).toMatchObject({ type: 'delivered', to: 1 })
  })

  test('E399: what is said before the disk was read goes at once', () => {
    const world = new TalkWorld()
    const bob = world.page('bob')
    const alice = world.unread('alice')
    world.link(alice, bob)
    alice.say('at once')
    expect(bob.shown()).toEqual(['at once'])
  })
})

describe('a long conversation', () => {
  test('E400: opens with its newest part, and older ones when they are asked for', () => {
    const world = new TalkWorld()
    const kept = writer(world, 3_000).kept()
    const page = world.page('alice', kept)
    const { reader } = page.talk
    expect(page.opened).toBeLessThan(600)
    expect(page.shown().at(-1)).toBe('text 2999')
    expect(reader.length).toBeLessThan(400)
    expect(reader.hasEarlier).toBe(true)
    const { length } = reader
    page.give({ type: 'earlier' })
    expect(reader.length).toBeGreaterThanOrEqual(length + 50)
    while (reader.hasEarlier) page.give({ type: 'earlier' })
    expect(page.shown()).toEqual(Array.from({ length: 3_000 }, (_, at) => `text ${at}`))
    expect(page.messages).toEqual([])
  })

  test('E400: one that streams in shows its newest part, and all of it when asked', () => {
    const world = new TalkWorld()
    const alice = writer(world, 5_000)
    const bob = world.page('bob')
    bob.isOpening = false
    world.link(alice, bob)
    world.pass(20_000)
    bob.open()
    expect(bob.shown().at(-1)).toBe('text 4999')
    expect(bob.talk.reader.length).toBeLessThan(2_500)
    for (let i = 0; bob.talk.reader.hasEarlier && i < 100; i++) bob.give({ type: 'earlier' })
    expect(bob.shown()).toEqual(Array.from({ length: 5_000 }, (_, at) => `text ${at}`))
  })

  test('E400: names and agreements are found in the part that is not open', () => {
    const world = new TalkWorld()
    const alice = world.page('alice')
    alice.write({ type: 'policy', keep: 'month' })
    const bob = world.page('bob')
    world.link(alice, bob)
    bob.isSealing = false
    for (let i = 0; i < 2_000; i++) bob.say(`text ${i}`)
    bob.seal()
    world.pass(10_000)
    const { notes, ...kept } = alice.kept()
    const page = world.page('carol', { ...kept, notes: notes.filter(({ key }) => key !== 'keep') })
    expect(page.talk.reader.keep).toBe('forever')
    world.pass(10_000)
    expect(page.talk.reader.keep).toBe('month')
    expect(page.talk.reader.at(page.talk.reader.length - 1)?.name).toBe('bob')
  })
})

describe('what goes', () => {
  test('E401: a deleted message goes here and there, its words from the logs too', () => {
    const { world, alice, bob } = pair()
    const id = alice.say('my secret')
    alice.write({ type: 'edit', target: id, text: 'my other secret' })
    world.pass(1_000)
    alice.write({ type: 'delete', target: id })
    world.pass(1_000)
    for (const page of [alice, bob]) {
      expect(page.shown()).toEqual(['deleted'])
      expect(page.bodies()).not.toContain('secret')
    }
    const late = world.page('carol')
    world.link(late, bob)
    world.pass(5_000)
    expect(late.shown()).toEqual(['deleted'])
  })

  test('E402: what was agreed is told to everyone and to the device, and older entries go', () => {
    const { world, alice, bob } = pair()
    alice.say('old')
    world.pass(DAY_MS - 60_000)
    bob.say('new')
    bob.write({ type: 'policy', keep: 'day' })
    expect(alice.talk.reader.keep).toBe('day')
    expect(alice.effects.filter(({ type }) => type === 'keep')).toMatchObject([{ keep: 'day' }])
    expect(alice.shown()).toEqual(['old', 'new', { type: 'keep', keep: 'day' }])
    world.pass(180_000)
    for (const page of [alice, bob])
      expect(page.shown()).toEqual(['new', { type: 'keep', keep: 'day' }])
  })

  test('E402: a device remembers what was agreed', () => {
    const { world, alice } = pair()
    alice.write({ type: 'policy', keep: 'month' })
    const note = alice.effects.flatMap((effect) => (effect.type === 'keep' ? [effect.note] : []))
    const page = world.page('alice', { blocks: [], notes: note, damaged: [], isDamaged: false })
    expect(page.talk.reader.keep).toBe('month')
    expect(page.effects.filter(({ type }) => type === 'keep')).toEqual([])
  })
})

describe('what is wrong', () => {
  test('E394: a body of a newer kind, or one that does not open, is shown as what it is', () => {
    const { alice, bob } = pair()
    alice.say('from today')
    alice.sealAs = () => encodeCbor({ type: 'hologram', beam: 1 })
    alice.say('from tomorrow')
    alice.sealAs = () => encodeCbor({ type: 'text', text: 7 })
    alice.say('nonsense')
    alice.sealAs = undefined
    bob.isDamaged = true
    alice.say('broken')
    expect(bob.shown()).toEqual(['from today', 'newer-kind', 'damaged', 'damaged'])
  })

  test('E394: a text from the future is shown as one', () => {
    const { world, alice, bob } = pair()
    world.nowMs = NOON + MAX_AHEAD_MS + 60_000
    const id = alice.say('see you')
    world.nowMs = NOON
    bob.give({ type: 'people' })
    expect(bob.message(id)).toMatchObject({ text: 'see you', problem: 'from-future' })
  })

  test('E394: what came after a fork does not count, and the fork is shown', () => {
    const { world, alice, bob } = pair()
    alice.say('one')
    const copy = world.page('alice', undefined, 0)
    copy.say('one')
    alice.say('two')
    copy.say('another two')
    world.pass(1_000)
    const carol = world.page('carol')
    world.link(carol, copy)
    world.link(carol, bob)
    world.pass(30_000)
    expect(bob.shown()).toEqual(['one', 'forked'])
    expect(carol.shown()).toEqual(bob.shown())
  })

  test('E403: gaps are told with the names of those who are asked', () => {
    const { world, alice, bob } = pair()
    for (let i = 0; i < 5; i++) alice.say(`text ${i}`)
    world.unlink(alice, bob)
    const carol = world.page('carol')
    world.withholding = true
    world.link(carol, bob)
    world.pass(2_000)
    expect(carol.talk.reader.gaps).toMatchObject([{ from: 'bob' }])
  })
})

describe('windows of one browser', () => {
  test('E404: another window is a peer of the log, by its own channel', () => {
    const world = new TalkWorld()
    const [one, two] = [world.page('alice'), world.page('alice')]
    world.tabs(one, two)
    const id = one.say('here too')
    world.pass(5_000)
    expect(two.message(id)).toMatchObject({ text: 'here too', mine: true })
    expect(one.message(id)?.delivery).toEqual({ type: 'waiting' })
    one.give({ type: 'tab-down', tab: two.peer })
    one.say('gone')
    expect(two.shown()).toEqual(['here too'])
  })
})
