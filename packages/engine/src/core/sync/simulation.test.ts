import { SeededRandom } from '@knothole/testkit'
import { describe, expect, it } from 'vitest'
import { overSeeds } from './over-seeds.testing.ts'
import { ROUGH, Storm } from './sim-storm.testing.ts'
import type { Topology } from './sim-world.testing.ts'

const TOPOLOGIES: readonly Topology[] = ['full', 'full', 'mesh', 'chain', 'star']
const HEAL_MS = 120_000

/** A room of two to a dozen in any weather. */
function storm(seed: string, villains = 0): Storm {
  const random = new SeededRandom(seed)
  const people = 2 + random.below(random.chance(0.8) ? 5 : 11) + villains
  const storm = new Storm(
    {
      seed,
      people,
      villains,
      topology: random.pick(TOPOLOGIES),
      diskless: random.pick([0, 0.3, 1]),
      skewMs: random.pick([0, 60_000, 5 * 3_600_000]),
    },
    { ...ROUGH, turns: 20 + random.below(60) },
  )
  storm.world.weather = {
    delayMs: random.between(1, 300),
    rate: random.pick([20, 200, 2_000]),
    loss: random.chance(0.5) ? 0 : random.between(0, 0.3),
    repeat: random.chance(0.5) ? 0 : random.between(0, 0.3),
    reorder: random.chance(0.5) ? 0 : random.between(0, 0.5),
  }
  return storm
}

describe('a simulated room', () => {
  it('E330 storm: after any misfortunes everyone has the same, and nothing is lost', () => {
    expect(
      overSeeds({ name: 'storm', seeds: 120 }, (seed) => {
        const rough = storm(seed)
        rough.run()
        rough.world.heal(HEAL_MS)
      }),
    ).toEqual([])
  }, 120_000)

  it('E330 churn: people who come and go as measured in the wild leave nothing behind', () => {
    expect(
      overSeeds({ name: 'churn', seeds: 20 }, (seed) => {
        const churn = storm(seed)
        churn.world.people.slice(0, 2).forEach((person) => churn.world.arrive(person))
        churn.churn(120_000)
        churn.world.heal(HEAL_MS)
      }),
    ).toEqual([])
  }, 120_000)

  it('E330 crowd: a hundred people in a partial mesh', () => {
    expect(
      overSeeds({ name: 'crowd', seeds: 2 }, (seed) => {
        const people = seed.endsWith(' 0') ? 100 : 20 + new SeededRandom(seed).below(60)
        const crowd = new Storm(
          { seed, people, topology: 'mesh', skewMs: 60_000 },
          { ...ROUGH, turns: 12 },
        )
        crowd.run()
        crowd.world.heal(HEAL_MS)
      }),
    ).toEqual([])
  }, 120_000)

  it('E330 villains: those who lie harm nobody but themselves', () => {
    expect(
      overSeeds({ name: 'villains', seeds: 80 }, (seed) => {
        const villains = storm(seed, 1 + (seed.length % 2))
        if (villains.world.random.chance(0.4)) villains.addTwins()
        villains.run()
        villains.world.heal(HEAL_MS)
      }),
    ).toEqual([])
  }, 120_000)
})
