import { describe, expect, it } from 'vitest'
import { overSeeds } from './over-seeds.testing.ts'
import { SimWorld } from './sim-world.testing.ts'

describe('a simulated room', () => {
  it('E330 calm: everyone comes to have everything', () => {
    expect(
      overSeeds({ name: 'calm', seeds: 20 }, (seed) => {
        const world = new SimWorld({ seed, people: 4, topology: 'full' })
        for (const person of world.people) world.arrive(person)
        for (let turn = 0; turn < 20; turn++) {
          world.say(world.random.pick(world.present), 1 + world.random.below(3))
          world.pass(world.random.below(1_000))
        }
        world.heal(60_000)
        expect(world.oracle.writtenCount).toBeGreaterThan(20)
      }),
    ).toEqual([])
  })
})
