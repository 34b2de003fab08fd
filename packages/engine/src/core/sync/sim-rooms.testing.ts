// The simulated rooms that are run over many seeds: what is drawn for each, and what must hold in the end.
import { SeededRandom } from '@knothole/testkit'
import { FAIR } from './sim-links.testing.ts'
import { PolicyRoom } from './sim-policy.testing.ts'
import { ROUGH, Storm } from './sim-storm.testing.ts'
import type { SimWorld, Topology } from './sim-world.testing.ts'

/** A kind of room, and how many seeds of it a quick run takes. */
export interface SimRoom {
  readonly seeds: number
  /** Runs it and calms it down; throws when something does not hold. */
  readonly run: (seed: string) => SimWorld
}

const TOPOLOGIES: readonly Topology[] = ['full', 'full', 'mesh', 'chain', 'star']
const HEAL_MS = 120_000

/** A room of two to a dozen in any weather. */
function draw(seed: string, villains = 0): Storm {
  const random = new SeededRandom(seed)
  const people = 2 + random.below(random.chance(0.8) ? 4 : 11) + villains
  const storm = new Storm(
    {
      seed,
      people,
      villains,
      topology: random.pick(TOPOLOGIES),
      diskless: random.pick([0, 0.3, 1]),
      skewMs: random.pick([0, 60_000, 5 * 3_600_000]),
    },
    { ...ROUGH, turns: 12 + random.below(30) },
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

function healed({ world }: Storm): SimWorld {
  world.heal(HEAL_MS)
  return world
}

export const rooms: Readonly<
  Record<'storm' | 'churn' | 'crowd' | 'backlog' | 'policy' | 'villains', SimRoom>
> = {
  storm: {
    seeds: 150,
    run: (seed) => {
      const storm = draw(seed)
      storm.run()
      return healed(storm)
    },
  },
  churn: {
    seeds: 30,
    run: (seed) => {
      const storm = draw(seed)
      for (const person of storm.world.people.slice(0, 2)) storm.world.arrive(person)
      storm.churn(60_000)
      return healed(storm)
    },
  },
  crowd: {
    seeds: 1,
    run: (seed) => {
      // A quick run sees forty people; a long one goes on to a hundred.
      const drawn = 20 + new SeededRandom(seed).below(80)
      const people = seed.endsWith(' 0') ? 40 : seed.endsWith(' 1') ? 100 : drawn
      const options = { seed, people, topology: 'mesh', skewMs: 60_000 } as const
      const storm = new Storm(options, { ...ROUGH, turns: 8 })
      storm.run()
      return healed(storm)
    },
  },
  backlog: {
    seeds: 2,
    run: (seed) => {
      const random = new SeededRandom(seed)
      const storm = new Storm({ seed, people: 3, topology: 'full' }, ROUGH)
      const { world } = storm
      const [writer, ...guests] = world.people
      if (writer === undefined) throw new Error('nobody is there')
      world.weather = { ...FAIR, delayMs: random.between(1, 200), rate: random.pick([100, 500]) }
      world.arrive(writer)
      for (let turn = 0; turn < 12; turn++) {
        world.say(writer, 128, 4_000)
        world.pass(1_000)
      }
      for (const guest of guests) world.arrive(guest)
      for (let turn = 0; turn < 12; turn++) {
        world.say(random.pick(world.present))
        world.pass(random.below(3_000))
        if (random.chance(0.4)) storm.breakLink()
        world.wire()
      }
      return healed(storm)
    },
  },
  policy: {
    seeds: 40,
    run: (seed) => {
      const storm = draw(seed)
      const { random } = storm.world
      const room = new PolicyRoom(storm, random.pick(['day', 'day', 'month']))
      room.live(3 + random.below(6))
      room.world.heal(HEAL_MS, () => room.letGo())
      room.check()
      return room.world
    },
  },
  villains: {
    seeds: 80,
    run: (seed) => {
      const storm = draw(seed, new SeededRandom(`${seed} villains`).chance(0.7) ? 1 : 2)
      if (storm.world.random.chance(0.4)) storm.addTwins()
      storm.run()
      return healed(storm)
    },
  },
}
