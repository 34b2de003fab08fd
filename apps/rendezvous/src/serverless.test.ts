// Rooms whose server is gone for good or hangs, over many seeds: members carry the signals, and as long
// as the graph of live links is connected, everyone is linked to everyone again.
import { expect, test } from 'vitest'
import { overSeeds } from './over-seeds.testing.ts'
import type { SimulatedPeer } from './simulated-peer.testing.ts'
import { isLinked, isUp } from './simulated-world.testing.ts'
import type { SimulatedWorld } from './simulated-world.testing.ts'

/** How long a long run of one scenario may take. */
const LONG_MS = 3_600_000

/** Everyone has the code of the detours, and knows whom others are linked with. */
const SETTLED_MS = 3_000

/** What people are promised where the server is gone. */
const HEALED_WITHIN_MS = 6_000

type Pair = readonly [SimulatedPeer, SimulatedPeer]

/** Three to eight people, linked and at rest. */
function gather(world: SimulatedWorld, most = 8): void {
  const count = 3 + world.random.below(most - 2)
  for (let i = 0; i < count; i++) world.at(world.random.below(1_000), () => world.join(`p${i}`))
  world.clock.advance(1_000)
  expect(world.meet(20_000), 'everyone meets').toBe(true)
  world.clock.advance(SETTLED_MS)
}

function pairsOf(peers: readonly SimulatedPeer[]): Pair[] {
  return peers.flatMap((peer, at) => peers.slice(at + 1).map((other) => [peer, other] as const))
}

/** Whether everyone can be reached from everyone over these links. */
function isConnected(peers: readonly SimulatedPeer[], links: readonly Pair[]): boolean {
  const [first] = peers
  if (first === undefined) return true
  const reached = new Set([first])
  for (const peer of reached) {
    for (const [a, b] of links) {
      if (a === peer) reached.add(b)
      if (b === peer) reached.add(a)
    }
  }
  return reached.size === peers.length
}

/** Breaks as many links at random as leave everyone connected, at most so many. */
function breakSome(world: SimulatedWorld, most = Infinity): Pair[] {
  const broken: Pair[] = []
  let live = pairsOf(world.here)
  for (const pair of world.random.shuffle(live)) {
    if (broken.length >= most) break
    const rest = live.filter((one) => one !== pair)
    if (!isConnected(world.here, rest)) continue
    live = rest
    broken.push(pair)
    world.breakLink(...pair)
  }
  return broken
}

function expectHealed(world: SimulatedWorld, withinMs = HEALED_WITHIN_MS): void {
  const healed = world.clock.runUntilTrue(() => isWhole(world), withinMs)
  expect(world.disorders()).toEqual([])
  expect(healed, 'all links are up again').toBe(true)
}

/** Whether every link works, by what happens on it and by what both sides say. A path that broke often is used after a while only. */
function isWhole(world: SimulatedWorld): boolean {
  return pairsOf(world.here).every(([a, b]) => a.works(b) && isUp(a, b) && isUp(b, a))
}

function expectNoAlarm(world: SimulatedWorld): void {
  expect(world.here.flatMap(({ faults }) => faults)).toEqual([])
}

test(
  'E426: broken: the server is gone for good, and links break one after the other',
  { timeout: LONG_MS },
  () => {
    expect(
      overSeeds({ name: 'broken', seeds: 8 }, (world) => {
        gather(world)
        world.server.kill()
        for (let round = 0; round < 4; round++) {
          world.clock.advance(world.random.below(20_000))
          breakSome(world, 1 + world.random.below(3))
          expectHealed(world)
        }
        expectNoAlarm(world)
      }),
    ).toEqual([])
  },
)

test(
  'E426: tree: the server is gone for good, and only so many links are left as connect everyone',
  { timeout: LONG_MS },
  () => {
    expect(
      overSeeds({ name: 'tree', seeds: 8, weather: { jitterMs: 10 } }, (world) => {
        gather(world)
        world.server.kill()
        world.clock.advance(world.random.below(20_000))
        breakSome(world)
        expectHealed(world)
        expectNoAlarm(world)
      }),
    ).toEqual([])
  },
)

test('E426: three: of three, a pair heals through the third', { timeout: LONG_MS }, () => {
  expect(
    overSeeds({ name: 'three', seeds: 10, weather: { loss: 0.03, jitterMs: 20 } }, (world) => {
      gather(world, 3)
      world.server.kill()
      world.clock.advance(world.random.below(60_000))
      breakSome(world, 1)
      expectHealed(world)
      expectNoAlarm(world)
    }),
  ).toEqual([])
})

test(
  'E427: hung: a server that hangs keeps nobody apart, and says so to nobody',
  { timeout: LONG_MS },
  () => {
    expect(
      overSeeds({ name: 'hung', seeds: 8 }, (world) => {
        gather(world)
        world.hangServer()
        world.clock.advance(world.random.below(10_000))
        breakSome(world)
        const healed = world.clock.runUntilTrue(() => isWhole(world), HEALED_WITHIN_MS)
        expect(healed, 'all links are up again').toBe(true)
        expectNoAlarm(world)
      }),
    ).toEqual([])
  },
)

test(
  'E428: midway: who has one link when the server dies meets the others through it',
  { timeout: LONG_MS },
  () => {
    expect(
      overSeeds({ name: 'midway', seeds: 15 }, (world) => {
        gather(world, 6)
        const late = world.join('late')
        world.clock.advance(world.random.below(500))
        world.server.kill()
        world.clock.advance(1_000)
        const others = world.here.filter((peer) => peer !== late)
        if (!others.some((peer) => isLinked(late, peer))) return
        expectHealed(world, 2 * HEALED_WITHIN_MS)
        expectNoAlarm(world)
      }),
    ).toEqual([])
  },
)
