import { describe, expect, test } from 'vitest'
import type { CheckPacket } from './check-agent.ts'
import { CheckAgent } from './check-agent.ts'
import { NatNetwork } from './nat-network.ts'
import type { Endpoint } from './nat-table.ts'
import { SeededRandom } from './seeded-random.ts'
import { VirtualClock } from './virtual-clock.ts'

class World {
  readonly clock = new VirtualClock({ startMs: 0 })
  readonly network = new NatNetwork<CheckPacket>({
    clock: this.clock,
    random: new SeededRandom('check-agent'),
  })
  readonly alice = this.network.addHost({ delayMs: 1 })
  readonly bob = this.network.addHost({ delayMs: 1 })
  /** Ports of bob that were checked, with the time. */
  readonly checks: (readonly [number, number])[] = []
  readonly opened: Endpoint[] = []

  agent(remote = 'bob'): CheckAgent {
    return new CheckAgent({
      clock: this.clock,
      socket: this.alice.open(),
      local: 'alice',
      remote,
      onOpen: (remote) => this.opened.push(remote),
    })
  }

  /** A port of bob's that listens and says nothing. */
  listen(port: number): Endpoint {
    const socket = this.bob.open(port)
    socket.onPacket = (packet) => {
      if (packet.type === 'check') this.checks.push([port, this.clock.nowMs()])
    }
    return socket.local
  }
}

describe('checks', () => {
  test('leave one per beat, in the order given, then who waited longest', () => {
    const world = new World()
    const agent = world.agent()
    for (const port of [3, 1, 2]) agent.add(world.listen(port))
    world.clock.advance(400)
    expect(world.checks.map(([port]) => port)).toEqual([3, 1, 2, 3, 1, 2, 3])
    const times = world.checks.map(([, atMs]) => atMs)
    expect(times[0]).toBe(2)
    expect(times.slice(2).map((atMs, at) => atMs - (times[at + 1] ?? 0))).toEqual([
      62.5, 62.5, 62.5, 62.5, 62.5,
    ])
  })

  test('go first to what has come last, if it was never checked', () => {
    const world = new World()
    const agent = world.agent()
    agent.add(world.listen(1))
    world.clock.advance(200)
    agent.add(world.listen(2))
    agent.add(world.listen(2))
    world.clock.advance(60)
    expect(world.checks.at(-1)?.[0]).toBe(2)
    expect(world.checks.filter(([port]) => port === 2)).toHaveLength(1)
  })

  test('of a pair nobody answers end after 15 s, while the socket still answers', () => {
    const world = new World()
    const agent = world.agent()
    agent.add(world.listen(1))
    world.clock.advance(20_000)
    expect(world.checks.at(-1)?.[1]).toBeLessThan(15_010)
    expect(world.checks.length).toBeGreaterThan(230)
    const bob = world.bob.open(9)
    const answers: CheckPacket[] = []
    bob.onPacket = (packet) => answers.push(packet)
    bob.send(
      { address: world.alice.address, port: 49_152 },
      { type: 'check', to: 'alice', from: 'bob' },
    )
    world.clock.advance(100)
    expect(answers[0]).toEqual({ type: 'answer', to: 'bob' })
    agent.close()
  })
})

describe('meeting', () => {
  test('one who is checked answers, checks back, and both open', () => {
    const world = new World()
    const other: Endpoint[] = []
    const socket = world.bob.open(7)
    const bob = new CheckAgent({
      clock: world.clock,
      socket,
      local: 'bob',
      remote: 'alice',
      onOpen: (remote) => other.push(remote),
    })
    world.agent().add(socket.local)
    world.clock.advance(200)
    expect(world.opened[0]).toEqual(socket.local)
    expect(other[0]).toEqual({ address: world.alice.address, port: 49_152 })
    bob.close()
  })

  test('a check for another name is not answered', () => {
    const world = new World()
    const socket = world.bob.open(7)
    const bob = new CheckAgent({
      clock: world.clock,
      socket,
      local: 'bob',
      remote: 'alice',
      onOpen: () => {},
    })
    world.agent('carol').add(socket.local)
    world.clock.advance(1_000)
    expect(world.opened).toEqual([])
    bob.close()
  })
})
