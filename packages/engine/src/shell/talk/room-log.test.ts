import {
  FakeInternet,
  FakeRtc,
  FakeSockets,
  SeededRandom,
  VirtualClock,
  watchCrypto,
} from '@knothole/testkit'
import type { FakeHost } from '@knothole/testkit'
import { describe, expect, test } from 'vitest'
import type { OpenTabChannel } from '../../ports/index.ts'
import { StoreError } from '../../ports/index.ts'
import { MemoryLog, MemoryLogStore, plainLog } from '../../log.ts'
import type { Credentials } from '../seals/introducer.ts'
import { cardEnvelope, secret, subtle } from '../store/known-answers.testing.ts'
import type { LoadLog } from './log-module.ts'
import { deriveRoomKeys } from '../seals/room-keys.ts'
import { openRoom } from '../room.ts'
import type { Room } from '../room.ts'
import { generateKeyPair, memberOf, peerOf, signingKeyOf } from '../seals/signing-key.ts'
import { tabChannels } from './tabs.testing.ts'
import { TinyRendezvous } from '../tiny-rendezvous.testing.ts'

/** A browser: pages of one identity, with one disk. */
interface Browser {
  readonly identity: Credentials['identity']
  readonly disk: MemoryLog
  readonly openTabs: OpenTabChannel
}

/** Rooms with the real cryptography and stores in memory, in virtual time. */
class World {
  readonly clock = new VirtualClock()
  readonly random = new SeededRandom('talk')
  readonly internet = new FakeInternet({ clock: this.clock, random: this.random })
  readonly hosts: FakeHost[] = []
  readonly rtc = new FakeRtc(this.internet)
  readonly sockets = new FakeSockets(this.internet, new TinyRendezvous().accept)
  readonly crypto = watchCrypto(subtle, () => new Promise((resolve) => void setImmediate(resolve)))

  async browser(): Promise<Browser> {
    // Time waits for its signatures as for everything else.
    const { subtle } = this.crypto
    const identity = await signingKeyOf(subtle, await generateKeyPair(subtle))
    return { identity, disk: new MemoryLog(), openTabs: tabChannels() }
  }

  /** A page of a browser opens the room. */
  async open(
    name: string,
    browser: Browser,
    load: LoadLog = plainLog(() => Promise.resolve(new MemoryLogStore(browser.disk))),
  ): Promise<Room> {
    const host = this.internet.addHost(name)
    this.hosts.push(host)
    const page = this.rtc.openPage(host)
    const room = await openRoom(
      {
        room: cardEnvelope.room,
        link: 'https://knothole.test/r/room#secret',
        socketUrl: 'wss://knothole.test/',
        card: { name, device: 'desktop' },
        roomIsNew: false,
        credentials: this.#credentials(browser),
      },
      {
        clock: this.clock,
        randomBytes: this.random.bytes,
        openSocket: this.sockets.openFrom(host),
        openRtc: page.openRtc,
        subtle: this.crypto.subtle,
        loadLog: load,
      },
    )
    await this.pass(0)
    return room
  }

  async #credentials({ identity }: Browser): Promise<Credentials> {
    const { subtle } = this.crypto
    const keys = await deriveRoomKeys(subtle, secret)
    const session = await signingKeyOf(subtle, await generateKeyPair(subtle))
    const peer = await peerOf(subtle, session.publicKey)
    const member = await memberOf(subtle, identity.publicKey)
    return { keys, identity, session, peer, member }
  }

  /** Lets time pass until this holds, or long enough. */
  async until(condition: () => boolean): Promise<void> {
    for (let i = 0; i < 100 && !condition(); i++) await this.pass(50)
  }

  async pass(ms: number): Promise<void> {
    const untilMs = this.clock.nowMs() + ms
    await this.crypto.settled()
    while (this.clock.step(untilMs)) await this.crypto.settled()
    this.clock.runUntil(untilMs)
    await this.crypto.settled()
  }
}

/** Leaves; time passes meanwhile. Answers how long it took. */
async function leave(world: World, room: Room): Promise<number> {
  const fromMs = world.clock.nowMs()
  let tookMs: number | undefined
  void room.leave().then(() => (tookMs = world.clock.nowMs() - fromMs))
  await world.until(() => tookMs !== undefined)
  return tookMs ?? Infinity
}

/** Alice and bob have spoken; what alice leaves behind is for bob, and for carol who comes later. */
async function twoTalk(): Promise<{ world: World; alice: Room; bob: Room; browser: Browser }> {
  const world = new World()
  const browser = await world.browser()
  const alice = await world.open('alice', browser)
  const bob = await world.open('bob', await world.browser())
  await world.pass(1_000)
  alice.say('hello')
  await world.until(() => shown(bob).length === 1)
  bob.say('hi')
  await world.until(() => shown(alice).length === 2)
  // Until names and receipts are exchanged.
  await world.pass(5_000)
  return { world, alice, bob, browser }
}

const shown = ({ talk }: Room): unknown[] =>
  Array.from({ length: talk.length }, (_, at) => {
    const message = talk.at(at)
    return message?.deleted === true ? 'deleted' : (message?.event ?? message?.text)
  })

describe('a conversation', () => {
  test('E405: can be edited, answered, reacted to, taken back and read, and says what became of it', async () => {
    const world = new World()
    const alice = await world.open('alice', await world.browser())
    const bob = await world.open('bob', await world.browser())
    await world.pass(1_000)
    const { id } = alice.say('helo')
    alice.edit(id, 'hello')
    const answer = bob.say('hi', { replyTo: id })
    await world.pass(100)
    bob.react(id, '👍', true)
    bob.markRead(id)
    await world.pass(6_000)
    const index = alice.talk.indexOf(id)
    expect(alice.talk.at(index)).toMatchObject({
      text: 'hello',
      edited: true,
      reactions: [{ emoji: '👍', authors: [bob.state.me.member] }],
      delivery: { type: 'read', by: ['bob'] },
    })
    expect(alice.talk.at(alice.talk.indexOf(answer.id))?.replyTo).toBe(id)
    expect(alice.deliveryOf(id)).toMatchObject([{ name: 'bob', state: 'read' }])
    alice.remove(id)
    await world.until(() => shown(bob).includes('deleted'))
    expect(shown(bob)).toContain('deleted')
    expect(() => alice.edit(answer.id, '  ')).toThrow(/nothing to say/)
  })

  test('E405: a page that is loaded anew has it again, before anybody is there', async () => {
    const world = new World()
    const browser = await world.browser()
    const before = await world.open('alice', browser)
    before.say('keep this')
    await world.pass(1_000)
    expect(before.talk.storage).toBe('durable')
    await before.close()
    const after = await world.open('alice', browser)
    await world.pass(0)
    expect(shown(after)).toEqual(['keep this'])
    expect(after.talk.at(0)).toMatchObject({ mine: true, delivery: { type: 'waiting' } })
    await after.forget()
    await after.close()
    const again = await world.open('alice', browser)
    await world.pass(0)
    expect(shown(again)).toEqual([])
  })

  test('E405: what is said before the code is there is shown, and goes when it comes', async () => {
    const world = new World()
    const bob = await world.open('bob', await world.browser())
    let tries = 0
    const alice = await world.open('alice', await world.browser(), async () => {
      tries += 1
      if (tries < 3) throw new Error('the server does not answer')
      return plainLog()()
    })
    const { id } = alice.say('wait for me')
    expect(shown(alice)).toEqual(['wait for me'])
    expect(alice.talk.at(alice.talk.indexOf(id))).toMatchObject({ delivery: { type: 'waiting' } })
    await world.pass(4_000)
    expect(shown(bob)).toEqual([])
    await world.pass(8_000)
    await world.until(() => shown(bob).length > 0)
    expect(tries).toBe(3)
    expect([shown(alice), shown(bob)]).toEqual([['wait for me'], ['wait for me']])
    expect(bob.talk.indexOf(id)).toBe(0)
  })
})

describe('what is kept', () => {
  test('E406: where the room keeps in memory, the disk keeps the agreement and nothing else', async () => {
    const world = new World()
    const browser = await world.browser()
    const alice = await world.open('alice', browser)
    alice.say('before')
    await world.until(() => browser.disk.feeds.size === 1)
    expect(browser.disk.feeds.size).toBe(1)
    alice.setKeep('memory')
    await world.until(() => browser.disk.feeds.size === 0)
    alice.say('after')
    await world.pass(500)
    expect(browser.disk.feeds.size).toBe(0)
    expect([alice.talk.keep, alice.talk.storage]).toEqual(['memory', 'memory'])
    await alice.close()
    const again = await world.open('alice', browser)
    again.say('still not on disk')
    await world.pass(500)
    expect(again.talk.keep).toBe('memory')
    expect(browser.disk.feeds.size).toBe(0)
    again.setKeep('forever')
    await world.until(() => browser.disk.feeds.size === 1)
    await world.pass(500)
    expect(again.talk.storage).toBe('durable')
    expect(browser.disk.feeds.size).toBe(1)
    await again.close()
    const last = await world.open('alice', browser)
    await world.pass(100)
    expect(shown(last)).toEqual(['still not on disk', { type: 'keep', keep: 'forever' }])
  })

  test('E407: where the disk is in trouble, the room works in memory and says so', async () => {
    const world = new World()
    const bob = await world.open('bob', await world.browser())
    const broken = plainLog(() => Promise.reject(new StoreError('newer', 'written by a newer one')))
    const alice = await world.open('alice', await world.browser(), broken)
    await world.pass(1_000)
    alice.say('hello all the same')
    await world.pass(3_000)
    await world.until(() => alice.talk.at(0)?.delivery?.type === 'delivered')
    expect(alice.talk.storage).toBe('newer')
    expect(shown(bob)).toEqual(['hello all the same'])
    expect(bob.talk.storage).toBe('durable')
    expect(alice.talk.at(0)?.delivery).toMatchObject({ type: 'delivered', to: 1 })
  })

  test('E404: two windows of a browser have one conversation, without any network', async () => {
    const world = new World()
    const browser = await world.browser()
    const load = plainLog(() => Promise.resolve(new MemoryLogStore(browser.disk)), browser.openTabs)
    const one = await world.open('alice', browser, load)
    const two = await world.open('alice', browser, load)
    for (const host of world.hosts) host.isDark = true
    one.say('from one')
    await world.until(() => shown(two).length === 1)
    two.say('from two')
    await world.until(() => shown(one).length === 2)
    expect(shown(one)).toEqual(['from one', 'from two'])
    expect(shown(two)).toEqual(shown(one))
    await Promise.all([one.close(), two.close()])
    const three = await world.open('alice', browser, load)
    await world.until(() => shown(three).length === 2)
    expect(shown(three)).toEqual(['from one', 'from two'])
  })
})

describe('a goodbye', () => {
  test('E408: is with somebody when who leaves is gone, and reaches those who come later', async () => {
    const { world, alice, bob } = await twoTalk()
    expect(await leave(world, alice)).toBeLessThan(300)
    expect(shown(bob)).toEqual(['hello', 'hi', { type: 'left' }])
    const carol = await world.open('carol', await world.browser())
    await world.until(() => shown(carol).length === 3)
    expect(shown(carol)).toEqual(['hello', 'hi', { type: 'left' }])
    expect(carol.talk.at(2)?.author).toBe(alice.state.me.member)
  })

  test('E408: waits 300 ms at most for those who do not answer', async () => {
    const { world, alice } = await twoTalk()
    for (const host of world.hosts) host.isDark = true
    const tookMs = await leave(world, alice)
    expect(tookMs).toBeGreaterThanOrEqual(300)
    expect(tookMs).toBeLessThan(400)
  })

  test('E408: is kept where nobody is there, and heard when its author is back', async () => {
    const { world, alice, bob, browser } = await twoTalk()
    await bob.close()
    await world.pass(1_000)
    expect(await leave(world, alice)).toBeLessThan(300)
    const again = await world.open('alice', browser)
    await world.until(() => shown(again).length === 3)
    expect(shown(again)).toEqual(['hello', 'hi', { type: 'left' }])
  })

  test('E408: is not said by who closes, never spoke, or has another window there', async () => {
    const { world, alice, bob, browser } = await twoTalk()
    const second = await world.open('alice', browser)
    await world.pass(1_000)
    await leave(world, second)
    const silent = await world.open('carol', await world.browser())
    await world.pass(1_000)
    await leave(world, silent)
    await alice.close()
    await world.pass(1_000)
    expect(shown(bob)).toEqual(['hello', 'hi'])
  })
})
