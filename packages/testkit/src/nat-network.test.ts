import { describe, expect, test } from 'vitest'
import type { NatHost, NatRouter } from './nat-network.ts'
import { NatNetwork } from './nat-network.ts'
import type { Endpoint, NatBehaviour } from './nat-table.ts'
import { SeededRandom } from './seeded-random.ts'
import { VirtualClock } from './virtual-clock.ts'

const HOME: NatBehaviour = {
  mapping: 'endpoint-independent',
  filtering: 'address-and-port-dependent',
  allocation: { type: 'preserving' },
  timeoutMs: 30_000,
  hairpin: false,
  flowsPerSecond: 0,
  udp: true,
}

class World {
  readonly clock = new VirtualClock({ startMs: 0 })
  readonly network: NatNetwork<string>
  readonly server: NatHost<string>

  constructor(loss = 0) {
    const random = new SeededRandom('nat-network')
    this.network = new NatNetwork({ clock: this.clock, random, loss })
    this.server = this.network.addHost({ delayMs: 5 })
  }

  host(behind?: NatRouter<string>): NatHost<string> {
    return this.network.addHost({ delayMs: 5, behind })
  }

  /** Where a server sees a packet of this host come from. */
  seen(host: NatHost<string>): Endpoint | undefined {
    const socket = this.server.open(3_478)
    let seen: Endpoint | undefined
    socket.onPacket = (_, from) => (seen = from)
    host.open(5_000).send(socket.local, 'ask')
    this.clock.advance(100)
    return seen
  }

  /** Whether a packet to a place reaches a host's socket there, and from where. */
  reaches(host: NatHost<string>, to: Endpoint, from: NatHost<string>): Endpoint | undefined {
    let seen: Endpoint | undefined
    for (const socket of host.sockets.values()) socket.onPacket = (_, from) => (seen = from)
    from.open(6_000).send(to, 'hello')
    this.clock.advance(100)
    return seen
  }
}

test('a packet takes the delays of both hosts', () => {
  const world = new World()
  const [alice, bob] = [world.host().open(), world.host().open()]
  const arrivals: number[] = []
  bob.onPacket = () => arrivals.push(world.clock.nowMs())
  alice.send(bob.local, 'hello')
  world.clock.advance(100)
  expect(arrivals).toEqual([10])
})

test('packets are lost as told, and a closed socket hears nothing', () => {
  const world = new World(0.25)
  const [alice, bob] = [world.host().open(), world.host().open()]
  let heard = 0
  bob.onPacket = () => (heard += 1)
  for (let i = 0; i < 1_000; i++) alice.send(bob.local, 'hello')
  world.clock.advance(100)
  expect(heard).toBeGreaterThan(700)
  expect(heard).toBeLessThan(800)
  bob.close()
  alice.send(bob.local, 'hello')
  world.clock.advance(100)
  expect(heard).toBeLessThan(800)
})

describe('routers', () => {
  test('a host behind one is seen with its address, and not reached by strangers', () => {
    const world = new World()
    const router = world.network.addRouter(HOME)
    const alice = world.host(router)
    expect(world.seen(alice)).toEqual({ address: router.address, port: 5_000 })
    const place = { address: router.address, port: 5_000 }
    expect(world.reaches(alice, place, world.host())).toBeUndefined()
    expect(world.reaches(alice, place, world.host(router))).toBeUndefined()
  })

  test('an open one lets strangers in, and hairpin its own hosts', () => {
    const world = new World()
    const router = world.network.addRouter({
      ...HOME,
      filtering: 'endpoint-independent',
      hairpin: true,
    })
    const [alice, bob] = [world.host(router), world.host(router)]
    const place = world.seen(alice) ?? alice.open().local
    expect(world.reaches(alice, place, world.host())).toBeDefined()
    // The sender is seen from outside, as RFC 4787 wants it (REQ-9).
    expect(world.reaches(alice, place, bob)).toEqual({ address: router.address, port: 6_000 })
  })

  test('behind two, the outer one is seen and both filter', () => {
    const world = new World()
    const outer = world.network.addRouter({ ...HOME, filtering: 'endpoint-independent' })
    const inner = world.network.addRouter(HOME, outer)
    const alice = world.host(inner)
    expect(world.seen(alice)).toEqual({ address: outer.address, port: 5_000 })
    expect(
      world.reaches(alice, { address: outer.address, port: 5_000 }, world.host()),
    ).toBeUndefined()
  })

  test('hosts of one local network reach each other without it', () => {
    const world = new World()
    const router = world.network.addRouter(HOME)
    const [alice, bob] = [world.host(router), world.host(router)]
    const socket = alice.open(5_000)
    expect(world.reaches(alice, socket.local, bob)).toEqual({ address: bob.address, port: 6_000 })
  })

  test('a firewall leaves addresses alone and keeps strangers out until they are sent to', () => {
    const world = new World()
    const alice = world.host(world.network.addRouter({ ...HOME, mapping: 'none' }))
    const place = { address: alice.address, port: 5_000 }
    expect(world.seen(alice)).toEqual(place)
    const bob = world.host()
    expect(world.reaches(alice, place, bob)).toBeUndefined()
    alice.sockets.get(5_000)?.send({ address: bob.address, port: 6_000 }, 'knock')
    expect(world.reaches(alice, place, bob)).toBeDefined()
  })
})
