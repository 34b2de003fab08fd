// Rooms too large for links to everyone, in virtual time, from seeds: one component, few links each, everyone
// seen and everything said read by all, whoever comes, leaves, crashes or is cut off.
import { expect, test } from 'vitest'
import { LargeRoom } from './large-room.testing.ts'
import { overSeeds } from './over-seeds.testing.ts'
import type { Scenario } from './over-seeds.testing.ts'
import type { SimulatedPeer } from './simulated-peer.testing.ts'
import type { SimulatedWorld } from './simulated-world.testing.ts'

const LONG_MS = 3_600_000

/** Links too many of those who came first are given up by then. */
const TRIMMED_MS = 35_000

/** A server forgets who vanished without a word when the lease ends. */
const LEASE_OVER_MS = 50_000

/** More than any scenario here needs. */
const maxSteps = 50_000_000

function overRooms(
  scenario: Scenario,
  run: (room: LargeRoom, world: SimulatedWorld) => void,
): string[] {
  return overSeeds({ maxSteps, ...scenario }, (world) => run(new LargeRoom(world), world))
}

/** At rest nothing is wrong, and no link comes or goes. */
function expectPeace(room: LargeRoom, afterMs: number): void {
  room.world.clock.advance(afterMs)
  room.watch()
  room.world.clock.advance(6_000)
  expect(room.complaints()).toEqual([])
  expect(room.begun, 'links that began at rest').toBeLessThanOrEqual(2)
}

/** Everyone of these says something; everyone here reads all of it, once each. */
function expectAllRead(room: LargeRoom, authors: readonly SimulatedPeer[], withinMs: number): void {
  const { world } = room
  const texts = authors.map((author) => `${author.name} at ${world.clock.elapsedMs()}`)
  authors.forEach((author, at) => author.say(texts[at] ?? ''))
  const missing = (peer: SimulatedPeer): number => {
    const read = peer.messages.map(({ text }) => text).filter((text) => texts.includes(text))
    expect(new Set(read).size, `${peer.name} reads nothing twice`).toBe(read.length)
    return texts.length - read.length
  }
  const isRead = (): boolean => world.here.every((peer) => missing(peer) === 0)
  world.clock.runUntilTrue(isRead, withinMs, 100)
  expect(world.here.filter((peer) => missing(peer) > 0).map(({ name }) => name)).toEqual([])
}

test(
  'E460: hundred: a hundred people in six seconds are one mesh of few links, and hear each other',
  { timeout: LONG_MS },
  () => {
    expect(
      overRooms({ name: 'hundred', seeds: 1 }, (room, world) => {
        room.fill(100, 6_000, 10)
        expect(world.clock.runUntilTrue(() => room.isConnected(), 3_000, 200)).toBe(true)
        expect(Math.min(...room.degrees())).toBeGreaterThan(0)
        expect(room.isSeen()).toBe(true)
        expectAllRead(room, world.here.slice(0, 6), 5_000)
      }),
    ).toEqual([])
  },
)

test(
  'E459 E461 E462 E467: calm: a room at rest stays as it is, takes a newcomer in, and all hear what is not said',
  { timeout: LONG_MS },
  () => {
    expect(
      overRooms({ name: 'calm', seeds: 1 }, (room) => {
        room.fill(18, 3_000, 4)
        expectPeace(room, TRIMMED_MS)
        expectQuiet(room)
        expectWelcome(room)
        expectTold(room)
        expectPeace(room, 12_000)
      }),
    ).toEqual([])
  },
)

/** Links at rest carry little beside their signs of life. */
function expectQuiet(room: LargeRoom): void {
  const sent = (): number =>
    room.world.here
      .flatMap(({ state }) => state.people)
      .reduce((sum, { link }) => sum + link.bytesSent, 0)
  const [before, links] = [sent(), room.degrees().reduce((sum, count) => sum + count, 0)]
  room.world.clock.advance(20_000)
  const bytesPerSecond = (sent() - before) / 20 / links
  expect(bytesPerSecond).toBeGreaterThan(10)
  expect(bytesPerSecond, 'as much as in a small room').toBeLessThan(80)
}

/** Whoever opens the link has a link at once and six soon, and offers to few. */
function expectWelcome(room: LargeRoom): void {
  const { world } = room
  const one = world.join('newcomer')
  const linksOf = (): number => room.linkedWith(one).length
  expect(world.clock.runUntilTrue(() => linksOf() > 0, 1_000)).toBe(true)
  expect(world.clock.runUntilTrue(() => linksOf() >= 6, 3_000)).toBe(true)
  expect(one.page.connections().length).toBeLessThanOrEqual(9)
  expectAllRead(room, [one], 2_000)
}

/** Names, typing and goodbyes reach everyone. */
function expectTold(room: LargeRoom): void {
  const { world } = room
  const [one, other] = world.here
  if (one === undefined || other === undefined) throw new Error('two are needed')
  const others = world.here.filter((peer) => peer !== one)
  const seenBy = (peer: SimulatedPeer): string => {
    const person = peer.personOf(one)
    return `${person?.name} ${person?.typing}`
  }
  one.rename('renamed')
  one.type(true)
  const isTold = (): boolean => others.every((peer) => seenBy(peer) === 'renamed true')
  expect(world.clock.runUntilTrue(isTold, 1_000)).toBe(true)
  one.type(false)
  const isOver = (): boolean => others.every((peer) => seenBy(peer) === 'renamed false')
  expect(world.clock.runUntilTrue(isOver, 1_000)).toBe(true)
  other.leave()
  expect(world.clock.runUntilTrue(() => room.isSeen(), 1_000)).toBe(true)
}

test(
  'E463: churn: people come, leave and crash; calm brings one mesh, and no pair flaps',
  { timeout: LONG_MS },
  () => {
    const weather = { loss: 0.01, jitterMs: 10 }
    expect(
      overRooms({ name: 'churn', seeds: 1, weather }, (room, world) => {
        room.fill(18, 4_000)
        room.watch()
        for (let i = 0; i < 16; i++) {
          world.clock.advance(world.random.below(2_500))
          const one = world.random.pick(world.here)
          const what = world.random.below(4)
          if (what < 2) world.join(`late ${i}`)
          else if (what === 2) one.leave()
          else one.crash()
        }
        expect(room.flapping(2), 'pairs that flapped').toEqual([])
        expect(world.clock.runUntilTrue(() => room.isConnected(), 12_000, 500)).toBe(true)
        expectAllRead(room, world.here.slice(0, 5), 10_000)
        expectPeace(room, LEASE_OVER_MS)
      }),
    ).toEqual([])
  },
)

test(
  'E464: torn: a mesh torn in two while the server is gone becomes one when it is back',
  { timeout: LONG_MS },
  () => {
    expect(
      overRooms({ name: 'torn', seeds: 1 }, (room, world) => {
        room.fill(16, 2_000)
        world.clock.advance(10_000)
        // With the server there, the halves would be relayed.
        world.server.kill()
        const [left, right] = halves(world)
        for (const a of left) for (const b of right) world.internet.block(a.host, b.host)
        world.clock.advance(20_000)
        expect(room.parts().length, 'torn').toBe(2)
        for (const a of left) for (const b of right) world.internet.unblock(a.host, b.host)
        world.server.start()
        expect(world.clock.runUntilTrue(() => room.isConnected(), 45_000, 500)).toBe(true)
        expectAllRead(room, world.here, 15_000)
      }),
    ).toEqual([])
  },
)

test(
  'E465: alone: without the server a mesh heals itself, and still knows who is there',
  { timeout: LONG_MS },
  () => {
    expect(
      overRooms({ name: 'alone', seeds: 1 }, (room, world) => {
        room.fill(18, 3_000)
        world.clock.advance(15_000)
        world.server.kill()
        world.clock.advance(1_000)
        for (const one of world.random.shuffle(world.here).slice(0, 4)) one.crash()
        for (const one of world.random.shuffle(world.here).slice(0, 2)) one.leave()
        world.clock.advance(15_000)
        expect(room.parts().length).toBe(1)
        expect(Math.min(...room.degrees())).toBeGreaterThanOrEqual(4)
        expectAllRead(room, world.here, 5_000)
        world.clock.advance(LEASE_OVER_MS + 10_000)
        expect(room.isSeen(), 'those who are gone are forgotten').toBe(true)
      }),
    ).toEqual([])
  },
)

test(
  'E466: small: a mesh that shrinks is full again, and partial when it grows',
  { timeout: LONG_MS },
  () => {
    expect(
      overRooms({ name: 'small', seeds: 1 }, (room, world) => {
        room.fill(16, 3_000)
        world.clock.advance(25_000)
        for (const one of world.random.shuffle(world.here).slice(0, 8)) one.leave()
        expect(world.meet(20_000), 'everyone is linked with everyone').toBe(true)
        room.fill(8, 2_000)
        expectPeace(room, TRIMMED_MS)
      }),
    ).toEqual([])
  },
)

function halves(world: SimulatedWorld): [SimulatedPeer[], SimulatedPeer[]] {
  const shuffled = world.random.shuffle(world.here)
  const middle = Math.floor(shuffled.length / 2)
  return [shuffled.slice(0, middle), shuffled.slice(middle)]
}
