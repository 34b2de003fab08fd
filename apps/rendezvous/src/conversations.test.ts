// The conversation in the whole system: what people say reaches whoever stays or returns, through whoever
// has it, and stands in the same order for everyone.
import { expect, test } from 'vitest'
import { overSeeds } from './over-seeds.testing.ts'
import type { SimulatedPeer } from './simulated-peer.testing.ts'
import type { SimulatedWorld } from './simulated-world.testing.ts'

/** A long run takes its time. */
const LONG_MS = 3_600_000

/** The words of a conversation, in its order. */
const texts = (peer: SimulatedPeer): string[] =>
  peer.talk.shown.filter(({ event }) => event === undefined).map(({ text }) => text)

/** Everyone says some things at random in so many ms. */
function chatter(world: SimulatedWorld, count: number, ms: number): string[] {
  const said: string[] = []
  for (let i = 0; i < count; i++) {
    world.at(world.random.below(ms), () => {
      const peer = world.random.pick(world.here)
      said.push(`${peer.name} says ${i}`)
      peer.say(`${peer.name} says ${i}`)
    })
  }
  return said
}

/** Whether everyone here has the same conversation, with all of this in it once. */
function agree(world: SimulatedWorld, said: readonly string[]): boolean {
  const [first, ...others] = world.here.map(texts)
  if (first === undefined || first.length !== said.length) return false
  return others.every((other) => other.join('\n') === first.join('\n'))
}

function expectAgreement(world: SimulatedWorld, said: readonly string[], withinMs: number): void {
  world.clock.runUntilTrue(() => agree(world, said), withinMs)
  for (const peer of world.here) {
    const { name } = peer
    expect({ name, texts: texts(peer).toSorted() }).toEqual({ name, texts: said.toSorted() })
    expect({ name, texts: texts(peer) }).toEqual({ name, texts: texts(world.here[0] ?? peer) })
    expect(peer.faults.map(({ code }) => code)).toEqual([])
  }
}

test(
  'E410: carried: one who left before another came is heard through a third, signed',
  { timeout: LONG_MS },
  () => {
    const failures = overSeeds({ name: 'carried', seeds: 10 }, (world) => {
      const [alice, carol] = [world.join('alice'), world.join('carol')]
      world.meet(5_000)
      const said = chatter(world, 10, 1_000)
      world.clock.advance(3_000)
      alice.leave()
      world.clock.advance(1_000)
      const bob = world.join('bob')
      world.meet(5_000)
      expectAgreement(world, said, 5_000)
      const byAlice = bob.messages.filter(({ author }) => author === alice.member)
      expect(byAlice.map(({ text }) => text)).toEqual(
        said.filter((text) => text.startsWith('alice')),
      )
      expect(carol.faults).toEqual([])
    })
    expect(failures).toEqual([])
  },
)

test(
  'E411: alone: what was typed with nobody there goes when somebody comes, after a reload too',
  { timeout: LONG_MS },
  () => {
    const failures = overSeeds({ name: 'alone', seeds: 10 }, (world) => {
      const alice = world.join('alice')
      alice.say('before anything is there')
      world.clock.advance(2_000)
      alice.say('nobody here')
      const again = world.reload(alice)
      world.clock.advance(500)
      expect(texts(again)).toEqual(['before anything is there', 'nobody here'])
      world.join('bob')
      world.meet(5_000)
      expectAgreement(world, ['before anything is there', 'nobody here'], 3_000)
    })
    expect(failures).toEqual([])
  },
)

test(
  'E412: late: a guest who comes late has the whole conversation, in its order',
  { timeout: LONG_MS },
  () => {
    const failures = overSeeds({ name: 'late', seeds: 6 }, (world) => {
      for (const name of ['alice', 'bob', 'carol']) world.join(name)
      world.meet(5_000)
      const said = chatter(world, 150, 20_000)
      world.clock.advance(22_000)
      world.join('dave')
      world.meet(5_000)
      expectAgreement(world, said, 5_000)
    })
    expect(failures).toEqual([])
  },
)

test(
  'E413: unrest: through moves, crashes, reloads and leaving, nothing that was kept is lost',
  { timeout: LONG_MS },
  () => {
    const failures = overSeeds({ name: 'unrest', seeds: 12 }, (world) => {
      for (const name of ['alice', 'bob', 'carol', 'dave']) world.join(name)
      world.meet(5_000)
      const said = chatter(world, 40, 30_000)
      for (let i = 0; i < 8; i++) {
        world.at(world.random.below(30_000), () => {
          const one = world.random.pick(world.here)
          world.random.pick([
            () => world.move(one),
            () => world.reload(one),
            () => world.sockets.cut(one.host),
          ])()
        })
      }
      world.clock.advance(32_000)
      world.meet(60_000)
      expectAgreement(world, said, 40_000)
    })
    expect(failures).toEqual([])
  },
)

test('E414: serverless: all of that without the server', { timeout: LONG_MS }, () => {
  const failures = overSeeds({ name: 'serverless', seeds: 8 }, (world) => {
    for (const name of ['alice', 'bob', 'carol']) world.join(name)
    world.meet(5_000)
    world.server.kill()
    const said = chatter(world, 20, 10_000)
    world.clock.advance(12_000)
    expectAgreement(world, said, 5_000)
  })
  expect(failures).toEqual([])
})
