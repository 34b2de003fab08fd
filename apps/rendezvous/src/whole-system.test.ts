// The whole system in virtual time, from seeds: sessions, their WebRTC and sockets in memory, and the
// real rendezvous. Held against what people are promised: everyone meets everyone, links outlive the
// server, paths heal, nothing arrives twice.
import type { ServerFrame } from '@knothole/wire'
import { expect, test } from 'vitest'
import { Adversary, onSignals } from './adversary.testing.ts'
import type { Lie, SignalFrame } from './adversary.testing.ts'
import { overSeed, overSeeds } from './over-seeds.testing.ts'
import type { SimulatedPeer } from './simulated-peer.testing.ts'
import { isLinked } from './simulated-world.testing.ts'
import type { SimulatedWorld } from './simulated-world.testing.ts'

/** How long a long run of one scenario may take. */
const LONG_MS = 3_600_000

/** A client's longest pause between two tries, and the time for a try. */
const BACK_WITHIN_MS = 31_000

/** A server forgets who vanished without a word when the lease ends. */
const LEASE_OVER_MS = 60_000

/** Links of a dead peer, spare connections and rows of those who left are gone by then. */
const SETTLE_MS = 12_000

/** Some people open the link one after the other. */
function gather(world: SimulatedWorld, { most = 6, withinMs = 2_000 } = {}): void {
  const count = 2 + world.random.below(most - 1)
  for (let i = 0; i < count; i++) world.at(world.random.below(withinMs), () => world.join(`p${i}`))
  world.clock.advance(withinMs)
  expect(world.meet(20_000), 'everyone meets').toBe(true)
}

/** At rest nothing is wrong: a full mesh of one connection a pair, and no false alarm. */
function expectPeace(world: SimulatedWorld, afterMs = SETTLE_MS): void {
  world.clock.advance(afterMs)
  expect(world.complaints()).toEqual([])
}

test(
  'E60: meet: everyone meets everyone, in any order of arrival, on one connection a pair',
  { timeout: LONG_MS },
  () => {
    expect(
      overSeeds({ name: 'meet', seeds: 40 }, (world) => {
        gather(world, { most: world.random.chance(0.2) ? 12 : 5, withinMs: 3_000 })
        expectPeace(world)
      }),
    ).toEqual([])
  },
)

test('E60: a full room of twelve is a mesh in a second', () => {
  expect(
    overSeed({ name: 'twelve' }, '0', (world) => {
      for (let i = 0; i < 12; i++) world.join(`p${i}`)
      expect(world.meet(1_000)).toBe(true)
      expectPeace(world)
    }),
  ).toEqual([])
})

test('E60: lossy: loss, delay and jitter delay it and no more', { timeout: LONG_MS }, () => {
  const weather = { loss: 0.05, delayMs: 50, jitterMs: 20 }
  expect(
    overSeeds({ name: 'lossy', seeds: 40, weather }, (world) => {
      gather(world)
      expectPeace(world)
    }),
  ).toEqual([])
})

test(
  'E61: killed: links live on without the server, clients come back, newcomers can join',
  { timeout: LONG_MS },
  () => {
    expect(
      overSeeds({ name: 'killed', seeds: 20 }, (world) => {
        gather(world, { most: 4 })
        world.server.kill()
        world.clock.advance(1_000 + world.random.below(20_000))
        expect(world.isMesh(), 'links outlive the server').toBe(true)
        expectHeard(world, sayThrough(world, 1_000))
        world.server.start()
        world.join('late')
        expect(world.meet(BACK_WITHIN_MS), 'the newcomer meets everyone').toBe(true)
        expectPeace(world, BACK_WITHIN_MS)
      }),
    ).toEqual([])
  },
)

test(
  'E61: restart: the server may be killed and restarted in the midst of joins',
  { timeout: LONG_MS },
  () => {
    expect(
      overSeeds({ name: 'restart', seeds: 30 }, (world) => {
        const count = 2 + world.random.below(4)
        for (let i = 0; i < count; i++) world.at(world.random.below(600), () => world.join(`p${i}`))
        world.clock.advance(world.random.below(800))
        world.server.kill()
        world.clock.advance(world.random.below(3_000))
        world.server.start()
        world.clock.advance(1_000)
        expect(world.meet(60_000), 'everyone meets').toBe(true)
        expectPeace(world, BACK_WITHIN_MS)
      }),
    ).toEqual([])
  },
)

test(
  'E62: moved: a changed address heals within two seconds of silence, and loses no message',
  { timeout: LONG_MS },
  () => {
    expect(
      overSeeds({ name: 'moved', seeds: 50 }, (world) => {
        gather(world, { most: 4 })
        world.clock.advance(world.random.below(5_000))
        const moved = world.random.pick(world.here)
        world.move(moved)
        const movedAtMs = world.clock.nowMs()
        const said = sayThrough(world, 2_000)
        expect(world.clock.runUntilTrue(() => isHealed(world, moved), 10_000)).toBe(true)
        expect(world.clock.nowMs() - movedAtMs).toBeLessThanOrEqual(2_000)
        expectPeace(world)
        expectHeard(world, said)
      }),
    ).toEqual([])
  },
)

test(
  'E62: two-moved: two may move one after the other, sockets half-open on both sides',
  { timeout: LONG_MS },
  () => {
    expect(overSeeds({ name: 'two-moved', seeds: 30 }, twoMove)).toEqual([])
  },
)

test('E27: seed 1 of two-moved: who moves while in repair finds that its socket is dead', () => {
  expect(overSeed({ name: 'move-two' }, '1', twoMove)).toEqual([])
})

function twoMove(world: SimulatedWorld): void {
  gather(world, { most: 4 })
  world.clock.advance(world.random.below(5_000))
  const [first, second] = world.random.shuffle(world.here)
  if (first === undefined || second === undefined) throw new Error('two are needed')
  world.move(first)
  world.at(world.random.below(3_000), () => world.move(second))
  world.clock.advance(4_000)
  expect(world.meet(8_000), 'both are back').toBe(true)
  expectPeace(world)
}

test('E13: glare: both sides may offer in the same instant', { timeout: LONG_MS }, () => {
  expect(
    overSeeds({ name: 'glare', seeds: 30 }, (world) => {
      gather(world, { most: 4 })
      // A dark network breaks every path at once, so that all sides repair together.
      for (const { host } of world.here) host.isDark = true
      world.clock.advance(world.random.between(1_500, 16_000))
      for (const { host } of world.here) host.isDark = false
      expect(world.meet(BACK_WITHIN_MS), 'all are back').toBe(true)
      expectPeace(world, BACK_WITHIN_MS)
    }),
  ).toEqual([])
})

test(
  'E3: reloaded: a reloaded page is another peer, and meets everyone',
  { timeout: LONG_MS },
  () => {
    expect(
      overSeeds({ name: 'reloaded', seeds: 30 }, (world) => {
        gather(world, { most: 4 })
        const old = world.random.pick(world.here)
        const reloaded = world.reload(old)
        expect(world.meet(1_000), 'the new page meets everyone').toBe(true)
        expect(reloaded.peer).not.toBe(old.peer)
        expectPeace(world)
      }),
    ).toEqual([])
  },
)

test(
  'E63: blocked: a pair without a path or a relay is told so in 12 s, all others meet',
  { timeout: LONG_MS },
  () => {
    expect(
      overSeeds({ name: 'blocked', seeds: 20, hasDetours: false }, (world) => {
        const hosts = ['alice', 'bob', 'carol', 'dave'].map((name) => world.internet.addHost(name))
        const [a, b] = world.random.shuffle(hosts)
        if (a === undefined || b === undefined) throw new Error('two are needed')
        world.internet.block(a, b)
        const joined = new Map<unknown, SimulatedPeer>()
        for (const host of hosts) joined.set(host, world.join(host.name, host))
        world.clock.advance(12_000 + 200)
        for (const peer of world.here) {
          for (const other of world.here) {
            const isBlocked = [peer.host, other.host].every((host) => host === a || host === b)
            const expected = peer === other ? undefined : isBlocked ? 'unreachable' : 'connected'
            expect(peer.linkTo(other)?.state, `${peer.name} to ${other.name}`).toBe(expected)
          }
        }
        world.internet.unblock(a, b)
        expect(world.meet(61_000), 'they meet once there is a path').toBe(true)
        expectPeace(world)
      }),
    ).toEqual([])
  },
)

test(
  'E64: said: what is said on healthy links arrives once, in order',
  { timeout: LONG_MS },
  () => {
    const weather = { loss: 0.03, delayMs: 30, jitterMs: 40 }
    expect(
      overSeeds({ name: 'said', seeds: 20, weather }, (world) => {
        gather(world, { most: 5 })
        expectHeard(world, sayThrough(world, 5_000))
        world.clock.advance(10_000)
        expectPeace(world)
      }),
    ).toEqual([])
  },
)

test('E28: left: people leave with a word and without', { timeout: LONG_MS }, () => {
  expect(
    overSeeds({ name: 'left', seeds: 30 }, (world) => {
      const { random } = world
      for (let i = 0; i < 5; i++) world.at(random.below(2_000), () => world.join(`p${i}`))
      const ending = ['leave', 'leave', 'crash', 'crash'] as const
      for (const how of ending) {
        world.at(random.below(3_000), () => {
          if (world.here.length > 1) random.pick(world.here)[how]()
        })
      }
      world.clock.advance(3_000)
      expect(world.meet(BACK_WITHIN_MS), 'who is left meets').toBe(true)
      expectPeace(world)
    }),
  ).toEqual([])
})

test('E65: chaos: after anything at all, calm brings a mesh', { timeout: LONG_MS }, () => {
  const weather = { loss: 0.02, jitterMs: 10 }
  expect(
    overSeeds({ name: 'chaos', seeds: 20, weather }, (world) => {
      gather(world, { most: 4 })
      for (let i = 0; i < 12; i++) {
        world.clock.advance(world.random.below(4_000))
        misfortune(world)
      }
      world.clock.advance(9_000)
      if (!world.server.isUp) world.server.start()
      expect(world.meet(120_000), 'calm brings a mesh').toBe(true)
      expectPeace(world, LEASE_OVER_MS)
    }),
  ).toEqual([])
})

test(
  'E71: liar: whatever a server does to signals, peace comes when it stops',
  { timeout: LONG_MS },
  () => {
    expect(
      overSeeds({ name: 'liar', seeds: 20 }, (world) => {
        const adversary = new Adversary()
        if (world.sockets.accept !== undefined)
          world.sockets.accept = adversary.before(world.sockets.accept)
        adversary.lie = mess(world, adversary)
        for (let i = 0; i < 4; i++) world.at(world.random.below(3_000), () => world.join(`p${i}`))
        world.at(3_000 + world.random.below(6_000), () => world.move(world.random.pick(world.here)))
        world.clock.advance(world.random.between(5_000, 25_000))
        adversary.stop()
        world.clock.advance(1_000)
        expect(world.meet(90_000), 'everyone meets').toBe(true)
        world.clock.advance(SETTLE_MS)
        expect(world.disorders()).toEqual([])
      }),
    ).toEqual([])
  },
)

/** A server that drops, repeats, delays, changes, misdirects and replays signals at random. */
function mess(world: SimulatedWorld, adversary: Adversary): Lie {
  const { random } = world
  const late: SignalFrame[] = []
  const changes: ((frame: SignalFrame) => ServerFrame[])[] = [
    (frame) => [frame],
    () => [],
    (frame) => [frame, frame],
    (frame) => [{ ...frame, toAnyone: !frame.toAnyone }],
    (frame) => [{ ...frame, sealed: frame.sealed.with(random.below(frame.sealed.length), 0) }],
    (frame) => [{ ...frame, from: random.pick(world.peers).peer }],
    (frame) => {
      late.push(frame)
      return random.chance(0.5) ? late.splice(0).toReversed() : []
    },
    (frame) => [frame, random.pick(adversary.signals).frame],
  ]
  return onSignals((frame) => random.pick(changes)(frame))
}

/** One thing goes wrong, or somebody comes. */
function misfortune(world: SimulatedWorld): void {
  const { here, random, server } = world
  const one = random.pick(here)
  const happenings = [
    () => world.move(one),
    () => world.sockets.cut(one.host),
    () => (here.length > 2 ? one.crash() : undefined),
    () => (here.length > 2 ? one.leave() : undefined),
    () => (here.length < 6 ? world.join('newcomer') : undefined),
    () => world.reload(one),
    () => (server.isUp ? server.kill() : server.start()),
    () => {
      one.host.isDark = true
      world.at(random.below(9_000), () => {
        one.host.isDark = false
      })
    },
  ]
  random.pick(happenings)()
}

/** Whether every path of a peer carries packets, and both sides of each say so. */
function isHealed(world: SimulatedWorld, peer: SimulatedPeer): boolean {
  const works = peer.page.connections().every(({ transport }) => transport.works)
  return works && world.here.every((other) => other === peer || isLinked(peer, other))
}

/** People talk at random; answers who will have said what. */
function sayThrough(world: SimulatedWorld, ms: number): Map<SimulatedPeer, string[]> {
  const said = new Map(world.here.map((peer) => [peer, [] as string[]]))
  for (let i = 0; i < 20; i++) {
    world.at(world.random.below(ms), () => {
      const peer = world.random.pick(world.here)
      const text = `${peer.name} ${i}`
      peer.say(text)
      said.get(peer)?.push(text)
    })
  }
  return said
}

function expectHeard(world: SimulatedWorld, said: Map<SimulatedPeer, string[]>): void {
  world.clock.advance(15_000)
  for (const [author, texts] of said) {
    for (const peer of world.here) {
      expect(peer.textsFrom(author), `${peer.name} heard ${author.name}`).toEqual(texts)
    }
  }
}
