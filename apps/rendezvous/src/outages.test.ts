// Outages, over many seeds: networks that go dark for a minute, pages that are frozen, computers that
// sleep, addresses that change. What is held against them is the time to heal after they end.
import { expect, test } from 'vitest'
import { overSeeds } from './over-seeds.testing.ts'
import type { SimulatedPeer } from './simulated-peer.testing.ts'
import { isUp } from './simulated-world.testing.ts'
import type { SimulatedWorld } from './simulated-world.testing.ts'

/** How long a long run of one scenario may take. */
const LONG_MS = 3_600_000

/** What people are promised where the server lives. */
const HEALED_WITHIN_MS = 3_000

function gather(world: SimulatedWorld, most = 4): void {
  const count = 2 + world.random.below(most - 1)
  for (let i = 0; i < count; i++) world.at(world.random.below(500), () => world.join(`p${i}`))
  world.clock.advance(500)
  expect(world.meet(20_000), 'everyone meets').toBe(true)
  world.clock.advance(world.random.below(10_000))
}

/** Some of those who are there, one at least. */
function some(world: SimulatedWorld): SimulatedPeer[] {
  const { here, random } = world
  return random.shuffle(here).slice(0, 1 + random.below(here.length))
}

/** All links work in time, by what happens on them and by what both sides say; nobody is told of a fault. */
function expectHealed(world: SimulatedWorld, withinMs = HEALED_WITHIN_MS): void {
  const { here } = world
  const pairs = here.flatMap((peer, at) =>
    here.slice(at + 1).map((other) => [peer, other] as const),
  )
  const ails = (): string[] =>
    pairs.flatMap(([a, b]) => {
      const isHealed = isUp(a, b) && isUp(b, a) && a.works(b)
      const states = [a.linkTo(b)?.state, b.linkTo(a)?.state, a.isOnline, b.isOnline]
      return isHealed ? [] : [`${a.name} ${b.name} ${states.join()}`]
    })
  world.clock.runUntilTrue(() => ails().length === 0, withinMs)
  expect(ails(), 'after the outage').toEqual([])
  expect(here.flatMap(({ faults }) => faults)).toEqual([])
}

test(
  'E430: blackout: a minute of darkness is healed 3 s after its end',
  { timeout: LONG_MS },
  () => {
    expect(
      overSeeds({ name: 'blackout', seeds: 10, weather: { delayMs: 30 } }, (world) => {
        gather(world)
        const dark = some(world)
        for (const { host } of dark) host.isDark = true
        world.clock.advance(60_000 + world.random.below(5_000))
        for (const { host } of dark) host.isDark = false
        expectHealed(world)
      }),
    ).toEqual([])
  },
)

test(
  'E431: frozen: a page that was frozen for a minute is back 3 s after it wakes',
  { timeout: LONG_MS },
  () => {
    expect(
      overSeeds({ name: 'frozen', seeds: 10, weather: { delayMs: 30 } }, (world) => {
        gather(world)
        const frozen = some(world)
        for (const peer of frozen) peer.freeze()
        world.clock.advance(60_000 + world.random.below(5_000))
        for (const peer of frozen) peer.thaw()
        expectHealed(world)
      }),
    ).toEqual([])
  },
)

test(
  'E431: asleep: a computer that slept for minutes is back 3 s after it wakes',
  { timeout: LONG_MS },
  () => {
    expect(
      overSeeds({ name: 'asleep', seeds: 10, weather: { delayMs: 30 } }, (world) => {
        gather(world)
        const asleep = some(world)
        for (const peer of asleep) {
          peer.freeze()
          peer.host.isDark = true
        }
        world.clock.advance(world.random.between(5_000, 600_000))
        for (const peer of asleep) {
          peer.host.isDark = false
          peer.thaw()
        }
        expectHealed(world)
      }),
    ).toEqual([])
  },
)
