// Rooms at two servers, over many seeds: when the first does not answer people meet at the second, and
// come back to the first, one after the other.
import { expect, test } from 'vitest'
import { overSeeds } from './over-seeds.testing.ts'
import type { SimulatedWorld } from './simulated-world.testing.ts'

/** How long a long run of one scenario may take. */
const LONG_MS = 3_600_000

function gather(world: SimulatedWorld, most = 4): void {
  const count = 2 + world.random.below(most - 1)
  for (let i = 0; i < count; i++) world.at(world.random.below(500), () => world.join(`p${i}`))
  world.clock.advance(500)
  expect(world.meet(20_000), 'everyone meets').toBe(true)
  world.clock.advance(world.random.below(10_000))
  expect(placesOf(world)).toEqual(new Set([0]))
}

/** Where people are. */
function placesOf(world: SimulatedWorld): Set<number> {
  return new Set(world.here.map(({ place }) => place))
}

function isOnlineAt(world: SimulatedWorld, place: number): boolean {
  return world.here.every((peer) => peer.isOnline && peer.place === place)
}

test(
  'E440: failover: when the first server dies, people and newcomers meet at the second',
  { timeout: LONG_MS },
  () => {
    expect(
      overSeeds({ name: 'failover', seeds: 8, hasOther: true }, (world) => {
        gather(world)
        world.server.kill()
        world.clock.advance(world.random.below(3_000))
        const late = world.join('late')
        expect(world.meet(3_000), 'the newcomer meets everyone').toBe(true)
        expect(world.clock.runUntilTrue(() => isOnlineAt(world, 1), 3_000)).toBe(true)
        world.move(late)
        world.clock.advance(500)
        expect(world.meet(3_000), 'links are repaired by way of it').toBe(true)
        expect(world.here.flatMap(({ faults }) => faults)).toEqual([])
      }),
    ).toEqual([])
  },
)

test(
  'E440: hanging: a first server that hangs keeps nobody waiting for more than some seconds',
  { timeout: LONG_MS },
  () => {
    expect(
      overSeeds({ name: 'hanging', seeds: 8, hasOther: true }, (world) => {
        world.hangServer()
        for (let i = 0; i < 4; i++) world.at(world.random.below(500), () => world.join(`p${i}`))
        world.clock.advance(500)
        expect(world.meet(4_000), 'everyone meets').toBe(true)
        expect(placesOf(world)).toEqual(new Set([1]))
      }),
    ).toEqual([])
  },
)

test(
  'E441: return: people come back to a server that lives again, not all at once; newcomers meet them',
  { timeout: LONG_MS },
  () => {
    expect(
      overSeeds({ name: 'return', seeds: 6, hasOther: true }, (world) => {
        gather(world, 6)
        world.server.kill()
        world.clock.advance(1_000 + world.random.below(60_000))
        world.server.start()
        world.clock.advance(world.random.below(5_000))
        world.join('late')
        expect(world.meet(20_000), 'the newcomer meets everyone').toBe(true)
        const back = world.clock.runUntilTrue(() => isOnlineAt(world, 0), 200_000)
        expect(back, 'everyone is back').toBe(true)
        world.clock.advance(60_000)
        expect(isOnlineAt(world, 0), 'and stays').toBe(true)
        expect(world.complaints()).toEqual([])
      }),
    ).toEqual([])
  },
)
