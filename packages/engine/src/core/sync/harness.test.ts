import { describe, expect, it } from 'vitest'
import { overSeeds } from './over-seeds.testing.ts'
import { HASH_SIGNER } from './sim-peer.testing.ts'
import { ROUGH, Storm } from './sim-storm.testing.ts'
import { SimWorld } from './sim-world.testing.ts'
import type { WorldOptions } from './sim-world.testing.ts'

/** A calm room in which everybody talks; what is wrong with it is in the options. */
function talk(seed: string, options: Partial<WorldOptions>): SimWorld {
  const world = new SimWorld({ seed, people: 4, topology: 'full', ...options })
  for (const person of world.people) world.arrive(person)
  for (let turn = 0; turn < 15; turn++) {
    world.say(world.random.pick(world.present), 2)
    world.pass(world.random.below(1_000))
  }
  return world
}

function calm(seed: string): SimWorld {
  const world = talk(seed, {})
  world.heal(60_000)
  return world
}

function withLyingStores(seed: string): SimWorld {
  const world = new SimWorld({ seed, people: 3, topology: 'full' })
  for (const person of world.people) {
    Object.assign(person, { diskMs: 2_000 })
    if (person.disk !== undefined) person.disk.isLying = true
    world.arrive(person)
  }
  world.pass(5_000)
  for (const person of world.people) world.say(person)
  world.pass(5_000)
  return world
}

function withBlindChecks(seed: string): SimWorld {
  const signer = {
    ...HASH_SIGNER,
    verify: (_: unknown, done: (ok: boolean) => void): void => done(true),
  }
  const storm = new Storm({ seed, people: 5, villains: 2, topology: 'full', signer }, ROUGH)
  storm.corrupt('forges')
  storm.run()
  return storm.world
}

function withHoles(seed: string): SimWorld {
  let frames = 0
  const world = talk(seed, {
    // Of every link something is lost for ever: nobody can have everything.
    tamper: (from, _to, data) => (from.name === 'p0-' && ++frames > 5 ? [] : [data]),
  })
  world.heal(60_000)
  return world
}

function withTwoOrders(seed: string): SimWorld {
  const world = talk(seed, {})
  const [page] = world.pages
  const order = page?.replica.log.order
  if (page === undefined || order === undefined) return world
  const at = order.at.bind(order)
  order.at = (index) => at(order.length - 1 - index)
  world.pages.forEach((other) => world.oracle.agree(page, other))
  return world
}

function broken(): SimWorld {
  throw new Error('lost')
}

/** What went wrong, in one text. */
const complaints = (run: (seed: string) => SimWorld): string =>
  overSeeds('harness', { seeds: 4, run }).join('\n')

describe('the simulation', () => {
  it('E348 finds nothing to complain of where nothing is wrong', () => {
    expect(complaints(calm)).toBe('')
  })

  it('E348 notices a store that says it keeps what it does not', () => {
    expect(complaints(withLyingStores)).toMatch(/announces 1 of .* and keeps 0/)
  })

  it('E348 notices signatures that are not checked', () => {
    expect(complaints(withBlindChecks)).toMatch(
      /never wrote|cut the honest|another .* than was written/,
    )
  })

  it('E348 notices what never comes', () => {
    expect(complaints(withHoles)).toMatch(/has \d+ of .* \(cut undefined\), .* (\d+|undefined)/)
  })

  it('E348 notices that two see another order', () => {
    expect(complaints(withTwoOrders)).toMatch(/see another order/)
  })

  it('E348 says how to replay what failed', () => {
    expect(complaints(broken)).toMatch(
      /^seed 0; replay: KNOTHOLE_SEED=0 npx vitest run .* -t 'harness:'/,
    )
  })
})
