import { expect, test } from 'vitest'
import { FakeInternet } from './fake-internet.ts'
import type { FakeHost, Weather } from './fake-internet.ts'
import { SeededRandom } from './seeded-random.ts'
import { VirtualClock } from './virtual-clock.ts'

class World {
  readonly clock = new VirtualClock({ startMs: 0 })
  readonly internet: FakeInternet
  readonly alice: FakeHost
  readonly bob: FakeHost
  readonly arrivals: number[] = []

  constructor(weather: Partial<Weather> = {}) {
    const random = new SeededRandom('internet')
    this.internet = new FakeInternet({ clock: this.clock, random, weather })
    this.alice = this.internet.addHost('alice')
    this.bob = this.internet.addHost('bob')
  }

  send(count = 1): this {
    for (let i = 0; i < count; i++) {
      this.internet.transmit(this.alice, this.bob, () => this.arrivals.push(this.clock.nowMs()))
    }
    return this
  }
}

test('a packet takes its delay, and jitter', () => {
  const world = new World({ delayMs: 30, jitterMs: 10 }).send(100)
  world.clock.advance(100)
  expect(Math.min(...world.arrivals)).toBeGreaterThanOrEqual(30)
  expect(Math.max(...world.arrivals)).toBeLessThan(40)
  expect(new Set(world.arrivals).size).toBe(100)
})

test('a share of packets is lost', () => {
  const world = new World({ loss: 0.1 }).send(10_000)
  world.clock.advance(100)
  expect(Math.abs(world.arrivals.length - 9_000)).toBeLessThan(200)
})

test('no packet passes between blocked hosts or to a dark one, nor in flight', () => {
  const world = new World()
  world.internet.block(world.bob, world.alice)
  world.send().clock.advance(100)
  world.internet.unblock(world.alice, world.bob)
  world.bob.isDark = true
  world.send().clock.advance(100)
  world.bob.isDark = false
  world.send().bob.isDark = true
  world.clock.advance(100)
  expect(world.arrivals).toEqual([])
})

test('a packet to an address that has changed is lost', () => {
  const world = new World().send()
  const old = world.bob.address
  world.bob.move()
  world.clock.advance(100)
  expect(world.arrivals).toEqual([])
  expect(world.bob.address).not.toBe(old)
  world.send().clock.advance(100)
  expect(world.arrivals.length).toBe(1)
})
