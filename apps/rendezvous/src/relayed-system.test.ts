// The whole system where paths are blocked: links go through the rendezvous or through members, move to
// better paths as they come, and lose, double and reorder nothing. In virtual time, from seeds.
import { expect, test } from 'vitest'
import { overSeeds } from './over-seeds.testing.ts'
import type { SimulatedTransfer } from './simulated-bulk.testing.ts'
import type { SimulatedPeer } from './simulated-peer.testing.ts'
import { isLinked, isUp } from './simulated-world.testing.ts'
import type { SimulatedWorld } from './simulated-world.testing.ts'

const LONG_MS = 3_600_000

/** Two people whose computers cannot reach each other. */
function blockedPair(
  world: SimulatedWorld,
  { relays = true } = {},
): [SimulatedPeer, SimulatedPeer] {
  const [a, b] = ['alice', 'bob'].map((name) => world.internet.addHost(name))
  if (a === undefined || b === undefined) throw new Error('two are needed')
  world.internet.block(a, b)
  return [world.join('alice', a, { relays }), world.join('bob', b, { relays })]
}

/** Whether both sides of a pair say that it works. */
function works(one: SimulatedPeer, other: SimulatedPeer): boolean {
  return isUp(one, other) && isUp(other, one)
}

/** One says numbered things to all; answers what. */
function sayMany(
  world: SimulatedWorld,
  author: SimulatedPeer,
  { count = 50, overMs = 3_000 } = {},
): string[] {
  const texts = Array.from({ length: count }, (_, number) => `${author.name} ${number}`)
  for (const [number, text] of texts.entries())
    world.at((number * overMs) / count, () => author.say(text))
  return texts
}

test(
  'E110: relayed: a pair without a path talks through the rendezvous within 3 s',
  { timeout: LONG_MS },
  () => {
    expect(
      overSeeds({ name: 'relayed', seeds: 30 }, (world) => {
        const [alice, bob] = blockedPair(world)
        expect(world.clock.runUntilTrue(() => works(alice, bob), 3_000)).toBe(true)
        expect(alice.linkTo(bob)?.path).toBe('ws-relay')
        const said = [sayMany(world, alice), sayMany(world, bob)]
        world.clock.advance(10_000)
        expect([bob.textsFrom(alice), alice.textsFrom(bob)]).toEqual(said)
        expect([...alice.faults, ...bob.faults]).toEqual([])
      }),
    ).toEqual([])
  },
)

test(
  'E111: upgraded: from relay to direct in the midst of a burst, nothing is lost, doubled or reordered',
  { timeout: LONG_MS },
  () => {
    const weather = { delayMs: 25, jitterMs: 15, loss: 0.01 }
    expect(
      overSeeds({ name: 'upgraded', seeds: 30, weather }, (world) => {
        const [alice, bob] = blockedPair(world)
        expect(world.clock.runUntilTrue(() => works(alice, bob), 5_000)).toBe(true)
        world.at(world.random.below(2_000), () => {
          world.internet.unblock(alice.host, bob.host)
          alice.networkChanged()
        })
        const said = [sayMany(world, alice, { count: 500 }), sayMany(world, bob, { count: 200 })]
        expect(world.clock.runUntilTrue(() => isLinked(alice, bob), 70_000)).toBe(true)
        world.clock.advance(20_000)
        expect([bob.textsFrom(alice), alice.textsFrom(bob)]).toEqual(said)
        expect(world.complaints()).toEqual([])
      }),
    ).toEqual([])
  },
)

test('E111: back and forth: paths that come and go lose nothing', { timeout: LONG_MS }, () => {
  const weather = { delayMs: 20, jitterMs: 30, loss: 0.02 }
  expect(
    overSeeds({ name: 'back and forth', seeds: 20, weather }, (world) => {
      const [alice, bob] = blockedPair(world)
      expect(world.clock.runUntilTrue(() => works(alice, bob), 5_000)).toBe(true)
      const said = [
        sayMany(world, alice, { count: 300, overMs: 40_000 }),
        sayMany(world, bob, { count: 300, overMs: 40_000 }),
      ]
      for (let i = 0; i < 8; i++) {
        world.clock.advance(world.random.below(5_000))
        const { internet } = world
        if (internet.passes(alice.host, bob.host)) internet.block(alice.host, bob.host)
        else internet.unblock(alice.host, bob.host)
        if (world.random.chance(0.3)) world.sockets.cut(alice.host)
        if (world.random.chance(0.5)) alice.networkChanged()
      }
      world.internet.unblock(alice.host, bob.host)
      expect(world.meet(120_000)).toBe(true)
      world.clock.advance(40_000)
      expect([bob.textsFrom(alice), alice.textsFrom(bob)]).toEqual(said)
    }),
  ).toEqual([])
})

test(
  'E107: transferred: bytes go beside the talk, whole and in order, while the path changes',
  { timeout: LONG_MS },
  () => {
    const weather = { delayMs: 20, jitterMs: 10, loss: 0.005 }
    expect(
      overSeeds({ name: 'transferred', seeds: 12, weather }, (world) => {
        const [alice, bob] = blockedPair(world)
        expect(world.clock.runUntilTrue(() => works(alice, bob), 5_000)).toBe(true)
        const sizes = [3_000_000, 0, 1, 500_000]
        for (const size of sizes) alice.sendBytes(bob, size)
        bob.sendBytes(alice, 400_000)
        const said = sayMany(world, alice, { count: 200, overMs: 8_000 })
        world.clock.advance(1_000 + world.random.below(3_000))
        world.internet.unblock(alice.host, bob.host)
        bob.networkChanged()
        expect(world.clock.runUntilTrue(() => alice.bulk.sent.whole === 4, 120_000)).toBe(true)
        world.clock.advance(10_000)
        expect(bob.bulk.transfers.map(({ bytes }) => bytes)).toEqual(sizes)
        expect([...bob.bulk.transfers, ...alice.bulk.transfers].every(isGood)).toBe(true)
        expect(bob.bulk.sent).toEqual({ whole: 1, cut: 0 })
        expect(bob.textsFrom(alice)).toEqual(said)
      }),
    ).toEqual([])
  },
)

test(
  'E107: a transfer to someone who vanishes is told as cut, on both sides',
  { timeout: LONG_MS },
  () => {
    expect(
      overSeeds({ name: 'vanished', seeds: 6, weather: { delayMs: 200 } }, (world) => {
        const [alice, bob] = [world.join('alice'), world.join('bob')]
        expect(world.meet(5_000)).toBe(true)
        alice.sendBytes(bob, 2_000_000_000)
        bob.sendBytes(alice, 2_000_000_000)
        world.clock.advance(500)
        bob.crash()
        world.clock.advance(60_000)
        expect(alice.bulk.sent).toEqual({ whole: 0, cut: 1 })
        expect(alice.bulk.transfers.map(({ isWhole }) => isWhole)).toEqual([false])
      }),
    ).toEqual([])
  },
)

function isGood({ isInOrder, isWhole }: SimulatedTransfer): boolean {
  return isInOrder && isWhole
}

test(
  'E110: turned: where there is a TURN server it takes over from the rendezvous, and is closed in its turn',
  { timeout: LONG_MS },
  () => {
    expect(
      overSeeds({ name: 'turned', seeds: 20, hasTurn: true }, (world) => {
        const [alice, bob] = blockedPair(world)
        expect(world.clock.runUntilTrue(() => works(alice, bob), 3_000)).toBe(true)
        const said = sayMany(world, alice, { count: 100, overMs: 30_000 })
        const isTurned = (): boolean => pathsOf(alice, bob).every((path) => path === 'turn')
        expect(world.clock.runUntilTrue(isTurned, 3_000)).toBe(true)
        // Twelve seconds later nothing goes through the rendezvous any more.
        world.clock.advance(12_000)
        const before = world.relayed
        world.clock.advance(10_000)
        expect(world.relayed).toBe(before)
        world.internet.unblock(alice.host, bob.host)
        expect(world.meet(70_000)).toBe(true)
        world.clock.advance(15_000)
        expect(world.complaints()).toEqual([])
        expect(bob.textsFrom(alice)).toEqual(said)
      }),
    ).toEqual([])
  },
)

test(
  'E116: passed on: a member that both reach takes over, and gives way again',
  { timeout: LONG_MS },
  () => {
    expect(
      overSeeds({ name: 'passed on', seeds: 20 }, (world) => {
        const carol = world.join('carol')
        const dave = world.join('dave')
        const [alice, bob] = blockedPair(world)
        const isPassedOn = (): boolean =>
          pathsOf(alice, bob).every((path) => path === 'member-relay')
        expect(world.clock.runUntilTrue(isPassedOn, 6_000)).toBe(true)
        const said = sayMany(world, alice, { count: 100, overMs: 20_000 })
        world.clock.advance(world.random.below(4_000))
        // Whoever passes on leaves; the other one takes over, or the rendezvous does meanwhile.
        world.random.pick([carol, dave]).crash()
        world.clock.advance(30_000)
        expect(isPassedOn()).toBe(true)
        world.internet.unblock(alice.host, bob.host)
        expect(world.meet(70_000)).toBe(true)
        world.clock.advance(15_000)
        expect(bob.textsFrom(alice)).toEqual(said)
        for (const { faults } of world.here) expect(faults).toEqual([])
      }),
    ).toEqual([])
  },
)

test(
  'E116: nobody is passed on through a member that does not want to, or that is relayed itself',
  { timeout: LONG_MS },
  () => {
    expect(
      overSeeds({ name: 'unwilling', seeds: 10 }, (world) => {
        world.join('carol', undefined, { relays: false })
        const far = world.join('dave')
        const [alice, bob] = blockedPair(world)
        world.internet.block(far.host, bob.host)
        world.clock.advance(30_000)
        expect(pathsOf(alice, bob)).toEqual(['ws-relay', 'ws-relay'])
        expect(works(alice, bob)).toBe(true)
      }),
    ).toEqual([])
  },
)

test(
  'E118: hidden: whoever hides is linked over TURN, and no member learns its address',
  { timeout: LONG_MS },
  () => {
    expect(
      overSeeds({ name: 'hidden', seeds: 20, hasTurn: true }, (world) => {
        const order = world.random.shuffle(['alice', 'bob', 'carol'])
        for (const name of order) {
          world.join(name, undefined, { hidden: name === 'alice' })
          world.clock.advance(world.random.below(1_500))
        }
        const [alice, bob] = ['alice', 'bob'].map((name) =>
          world.here.find((peer) => peer.name === name),
        )
        if (alice === undefined || bob === undefined) throw new Error('they joined')
        expect(
          world.clock.runUntilTrue(
            () =>
              world.here.every((one) =>
                world.here.every((other) => one === other || isUp(one, other)),
              ),
            5_000,
          ),
        ).toBe(true)
        const said = [sayMany(world, alice), sayMany(world, bob)]
        world.clock.advance(12_000)
        expect(pathsOf(alice, bob)).toEqual(['turn', 'turn'])
        expect([bob.textsFrom(alice), alice.textsFrom(bob)]).toEqual(said)
        const others = world.here.filter((other) => other !== alice)
        expect(others.map((other) => other.hasSeen(alice.host.address))).toEqual([false, false])
        expect(others.every((other) => alice.hasSeen(other.host.address))).toBe(true)
        expect(bob.linkTo(alice)?.hindrance).toBe('they-hide')
        expect(alice.linkTo(bob)?.hindrance).toBe('hiding')
      }),
    ).toEqual([])
  },
)

test(
  'E112: who leaves is gone in 5 s, though the link went through the rendezvous',
  { timeout: LONG_MS },
  () => {
    expect(
      overSeeds({ name: 'left relayed', seeds: 5 }, (world) => {
        const [alice, bob] = blockedPair(world)
        expect(world.clock.runUntilTrue(() => works(alice, bob), 3_000)).toBe(true)
        bob.leave()
        world.clock.advance(5_100)
        expect(alice.state.people).toEqual([])
      }),
    ).toEqual([])
  },
)

test(
  'E118: without a TURN server whoever hides is linked through the rendezvous',
  { timeout: LONG_MS },
  () => {
    expect(
      overSeeds({ name: 'hidden alone', seeds: 5 }, (world) => {
        const alice = world.join('alice', undefined, { hidden: true })
        const bob = world.join('bob')
        expect(world.clock.runUntilTrue(() => works(alice, bob), 3_000)).toBe(true)
        world.clock.advance(20_000)
        expect(pathsOf(alice, bob)).toEqual(['ws-relay', 'ws-relay'])
      }),
    ).toEqual([])
  },
)

/** How each of two sends to the other. */
function pathsOf(one: SimulatedPeer, other: SimulatedPeer): (string | undefined)[] {
  return [one.linkTo(other)?.path, other.linkTo(one)?.path]
}
