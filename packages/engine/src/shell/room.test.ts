import {
  FakeInternet,
  FakeRtc,
  FakeSockets,
  SeededRandom,
  VirtualClock,
  watchCrypto,
} from '@knothole/testkit'
import type { FakeHost, FakePage } from '@knothole/testkit'
import { MAX_TEXT_BYTES } from '@knothole/wire'
import type { RoomState } from '../core/index.ts'
import { describe, expect, test } from 'vitest'
import { loadPlainDetours } from '../detours.ts'
import { plainLog } from '../log.ts'
import type { Credentials } from './seals/introducer.ts'
import type { LoadLog } from './talk/log-module.ts'
import { cardEnvelope, secret, subtle } from './store/known-answers.testing.ts'
import { deriveRoomKeys } from './seals/room-keys.ts'
import { openRoom } from './room.ts'
import type { Room } from './room.ts'
import { generateKeyPair, memberOf, peerOf, signingKeyOf } from './seals/signing-key.ts'
import { TinyRendezvous } from './tiny-rendezvous.testing.ts'

interface Guest {
  readonly room: Room
  readonly page: FakePage
}

/** Rooms in virtual time with the real cryptography. */
class World {
  readonly clock = new VirtualClock()
  readonly random = new SeededRandom('room')
  readonly internet = new FakeInternet({ clock: this.clock, random: this.random })
  readonly rtc = new FakeRtc(this.internet)
  readonly server = new TinyRendezvous()
  readonly sockets = new FakeSockets(this.internet, this.server.accept)
  /** Every page has a disk of its own, which it takes with it. */
  loadLog: LoadLog = plainLog()
  readonly crypto = watchCrypto(subtle, () => new Promise((resolve) => void setImmediate(resolve)))

  async join(name: string, given?: Promise<Credentials>): Promise<Guest> {
    const host = this.internet.addHost(name)
    const page = this.rtc.openPage(host)
    const room = await this.open(name, { host, page, credentials: given ?? this.credentials() })
    return { room, page }
  }

  open(
    name: string,
    at: { host: FakeHost; page: FakePage; credentials: Promise<Credentials> },
  ): Promise<Room> {
    return openRoom(
      {
        room: cardEnvelope.room,
        link: 'https://knothole.test/r/room#secret',
        socketUrl: 'wss://knothole.test/',
        card: { name, device: 'desktop' },
        roomIsNew: false,
        credentials: at.credentials,
      },
      {
        clock: this.clock,
        randomBytes: this.random.bytes,
        openSocket: this.sockets.openFrom(at.host),
        openRtc: at.page.openRtc,
        subtle: this.crypto.subtle,
        loadDetours: loadPlainDetours,
        loadLog: this.loadLog,
      },
    )
  }

  async credentials(): Promise<Credentials> {
    const { subtle } = this.crypto
    const keys = await deriveRoomKeys(subtle, secret)
    const identity = await signingKeyOf(subtle, await generateKeyPair(subtle))
    const session = await signingKeyOf(subtle, await generateKeyPair(subtle))
    const peer = await peerOf(subtle, session.publicKey)
    const member = await memberOf(subtle, identity.publicKey)
    return { keys, identity, session, peer, member }
  }

  async pass(ms: number): Promise<void> {
    const untilMs = this.clock.nowMs() + ms
    await this.crypto.settled()
    while (this.clock.step(untilMs)) await this.crypto.settled()
    this.clock.runUntil(untilMs)
  }

  async pair(): Promise<{ alice: Guest; bob: Guest }> {
    const alice = await this.join('alice')
    await this.pass(200)
    const bob = await this.join('bob')
    await this.pass(1_000)
    return { alice, bob }
  }
}

const linkStates = (room: Room): string[] => room.state.people.map(({ link }) => link.state)

describe('opening', () => {
  test('E50: two meet and talk', async () => {
    const world = new World()
    const { alice, bob } = await world.pair()
    expect([linkStates(alice.room), linkStates(bob.room)]).toEqual([['connected'], ['connected']])
    const heard: string[] = []
    bob.room.on('message', ({ name, text }) => heard.push(`${name}: ${text}`))
    const said = alice.room.say('hello')
    expect(said).toMatchObject({ mine: true, delivery: { type: 'waiting' }, text: 'hello' })
    await world.pass(100)
    expect(heard).toEqual(['alice: hello'])
  })

  test('E50: socket and first connection are opened while the keys are derived', async () => {
    const world = new World()
    const host = world.internet.addHost('alice')
    const page = world.rtc.openPage(host)
    const open: (() => void)[] = []
    const gate = new Promise<void>((resolve) => open.push(resolve))
    const credentials = gate.then(() => world.credentials())
    const opening = world.open('alice', { host, page, credentials })
    await world.pass(500)
    expect(page.connections().length).toBe(1)
    expect(world.server.received).toEqual([])
    open[0]?.()
    const room = await opening
    expect(room.state.rendezvous.state).toBe('connecting')
    await world.pass(100)
    expect(world.server.received.map(({ type }) => type)).toEqual(['join'])
    expect(room.state.rendezvous.state).toBe('online')
  })

  test('E50: without keys it rejects and leaves nothing running', async () => {
    const world = new World()
    const host = world.internet.addHost('alice')
    const page = world.rtc.openPage(host)
    const credentials = Promise.reject(new Error('no Ed25519 here'))
    await expect(world.open('alice', { host, page, credentials })).rejects.toThrow(
      'no Ed25519 here',
    )
    expect(page.connections()).toEqual([])
    await world.pass(20_000)
    expect(world.clock.nextMs()).toBe(undefined)
  })
})

describe('talking', () => {
  test('E51: what is renamed twice in one moment arrives in order', async () => {
    const world = new World()
    const { alice, bob } = await world.pair()
    for (const name of ['A', 'B', 'C']) alice.room.rename(name)
    await world.pass(500)
    const cards = world.server.received.filter(({ type }) => type === 'card')
    expect(cards.length).toBe(3)
    expect(bob.room.state.people.map(({ name }) => name)).toEqual(['C'])
    expect(alice.room.state.me.name).toBe('C')
  })

  test('E52: an empty or too long text and an unusable name are refused', async () => {
    const { room } = await new World().join('alice')
    expect(codeOf(() => room.say(' \n'))).toBe('text-empty')
    expect(codeOf(() => room.say('é'.repeat(MAX_TEXT_BYTES / 2 + 1)))).toBe('text-too-long')
    expect(codeOf(() => room.rename('  '))).toBe('name-invalid')
    expect(codeOf(() => room.rename('x'.repeat(41)))).toBe('name-invalid')
    room.rename('  Ana \n Lovelace ')
    expect(room.state.me.name).toBe('Ana Lovelace')
  })

  test('E54: a listener hears until it stops, and a state stays as it was', async () => {
    const world = new World()
    const { room } = await world.join('alice')
    const states: RoomState[] = []
    const stop = room.on('change', (state) => states.push(state))
    await world.pass(100)
    const before = room.state
    expect(states.at(-1)).toBe(before)
    await world.join('bob')
    await world.pass(100)
    expect(before.people).toEqual([])
    expect(room.state.people.length).toBe(1)
    const count = states.length
    stop()
    room.rename('Ana')
    await world.pass(100)
    expect(states.length).toBe(count)
  })

  test('E41: typing is told to the others', async () => {
    const world = new World()
    const { alice, bob } = await world.pair()
    alice.room.setTyping(true)
    await world.pass(50)
    expect(bob.room.state.people[0]?.typing).toBe(true)
    await world.pass(6_000)
    expect(bob.room.state.people[0]?.typing).toBe(false)
  })
})

test('E53: close says so and leaves no timer, socket or connection behind', async () => {
  const world = new World()
  const { alice, bob } = await world.pair()
  await alice.room.close()
  await alice.room.close()
  await world.pass(100)
  expect(bob.room.state.people).toEqual([])
  expect(world.server.received.at(-1)?.type).toBe('leave')
  expect(alice.page.connections()).toEqual([])
  await bob.room.close()
  await world.pass(20_000)
  expect(world.clock.nextMs()).toBe(undefined)
  alice.room.setTyping(true)
  expect(world.clock.nextMs()).toBe(undefined)
})

/** The code of what a call throws. */
function codeOf(call: () => unknown): unknown {
  try {
    return call()
  } catch (error) {
    return (error as { code?: unknown }).code
  }
}

async function* chunks(count: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < count; at++) yield new Uint8Array(50_000).fill(at)
}

async function* failing(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  yield new Uint8Array(10)
  throw new Error('the disk is gone')
}

describe('bytes', () => {
  test('E107: go from one program to another as they are taken, beside the talk', async () => {
    const world = new World()
    const { alice, bob } = await world.pair()
    const taken: number[] = []
    bob.room.on('bytes', (incoming) => {
      expect(incoming).toMatchObject({ from: alice.room.state.me.peer, label: 'a picture' })
      void (async () => {
        for await (const chunk of incoming) taken.push(chunk.length)
      })()
    })
    const to = bob.room.state.me.peer
    const ends: boolean[] = []
    void alice.room.sendBytes(to, chunks(20), 'a picture').then((isWhole) => ends.push(isWhole))
    alice.room.say('look')
    for (let i = 0; i < 100 && ends.length === 0; i++) await world.pass(50)
    expect(ends).toEqual([true])
    expect(taken.reduce((sum, length) => sum + length, 0)).toBe(1_000_000)
  })

  test('E107: are refused where nobody listens, and end when a room is closed', async () => {
    const world = new World()
    const { alice, bob } = await world.pair()
    const ends: boolean[] = []
    const send = (): void =>
      void alice.room
        .sendBytes(bob.room.state.me.peer, chunks(1_000))
        .then((isWhole) => ends.push(isWhole))
    send()
    for (let i = 0; i < 100 && ends.length === 0; i++) await world.pass(50)
    expect(ends).toEqual([false])
    const cut: unknown[] = []
    bob.room.on('bytes', (incoming) => {
      void (async () => {
        for await (const chunk of incoming) if (chunk.length === 0) return
      })().catch((cause: unknown) => cut.push(cause))
    })
    send()
    await world.pass(200)
    await alice.room.close()
    await world.pass(20_000)
    expect(ends).toEqual([false, false])
    expect(cut).toMatchObject([{ code: 'bytes-cut-short' }])
  })

  test('E107: a source that fails is told to who gave it, and cut at the other side', async () => {
    const world = new World()
    const { alice, bob } = await world.pair()
    const cut: unknown[] = []
    bob.room.on('bytes', (incoming) => {
      void (async () => {
        for await (const chunk of incoming) if (chunk.length === 0) return
      })().catch((cause: unknown) => cut.push(cause))
    })
    const failed: unknown[] = []
    alice.room
      .sendBytes(bob.room.state.me.peer, failing())
      .catch((cause: unknown) => failed.push(cause))
    await world.pass(2_000)
    expect(failed).toMatchObject([{ message: 'the disk is gone' }])
    expect(cut).toMatchObject([{ code: 'bytes-cut-short' }])
  })
})
