import type { PeerId } from '@knothole/wire'
import { expect, test } from 'vitest'
import { MeshRoot } from './root.ts'

const [alice, bob, carol, dave] = ['A', 'B', 'C', 'D'].map((name) => name as PeerId) as [
  PeerId,
  PeerId,
  PeerId,
  PeerId,
]

/** We are carol, and know the others. */
class Rig {
  readonly told: [PeerId, number][] = []
  met = 0
  nowMs = 0
  known: PeerId[] = [alice, bob, dave]
  readonly root: MeshRoot

  constructor() {
    this.root = new MeshRoot(
      {
        me: carol,
        lesser: () => this.known.filter((peer) => peer < carol),
        isKnown: (peer) => this.known.includes(peer),
        tell: ({ root, number }) => void this.told.push([root, number]),
        met: () => (this.met += 1),
      },
      0,
    )
  }

  hear(root: PeerId, number: number): this {
    this.root.heard({ type: 'beat', root, number, links: 1 }, this.nowMs)
    return this
  }

  /** Lets time pass; answers whom we reached for. */
  pass(ms: number): (PeerId | undefined)[] {
    const reached: (PeerId | undefined)[] = []
    for (const endMs = this.nowMs + ms; this.nowMs < endMs; this.nowMs += 500) {
      this.root.tick(this.nowMs)
      const peer = this.root.toReach(this.nowMs, () => 0)
      if (peer !== undefined) reached.push(peer)
    }
    return reached
  }
}

test('E455: a beat of a lesser root is passed on once', () => {
  const rig = new Rig().hear(bob, 7).hear(bob, 7).hear(bob, 6)
  expect(rig.told).toEqual([[bob, 7]])
  expect(rig.root.root).toBe(bob)
  rig.hear(alice, 1).hear(bob, 8)
  expect(rig.told).toEqual([
    [bob, 7],
    [alice, 1],
  ])
})

test('E455: beats of greater ids, of ourselves and of nobody we know are nothing', () => {
  const rig = new Rig()
    .hear(dave, 1)
    .hear(carol, 5)
    .hear('0' as PeerId, 1)
  expect(rig.told).toEqual([])
  expect(rig.root.root).toBe(carol)
})

test('E455: whoever hears of no lesser root beats, every four seconds, after those who come before', () => {
  const rig = new Rig()
  rig.known = [dave]
  rig.pass(9_000)
  expect(rig.told).toEqual([
    [carol, 1],
    [carol, 2],
    [carol, 3],
  ])
  const second = new Rig()
  second.root.tick(100)
  expect(second.told, 'two come before').toEqual([])
  expect(second.root.greeting(), 'nothing to say yet').toBe(undefined)
})

test('E455: a root that falls silent for ten seconds is none', () => {
  const rig = new Rig().hear(bob, 1)
  rig.pass(9_500)
  expect(rig.root.root).toBe(bob)
  rig.pass(3_000)
  expect(rig.root.root).toBe(carol)
  expect(rig.told.at(-1)).toEqual([carol, 1])
})

test('E455: a root that knows lesser ids reaches for one of them every three seconds', () => {
  const rig = new Rig()
  expect(rig.pass(4_500)).toEqual([])
  expect(rig.pass(7_000)).toEqual([alice, alice, alice])
  rig.hear(alice, 1)
  expect(rig.pass(6_000)).toEqual([])
})

test('E455: two roots that meet are told of, if the one that gives way is here still', () => {
  const rig = new Rig().hear(bob, 1)
  expect(rig.met, 'we were no root').toBe(0)
  rig.hear(alice, 1)
  expect(rig.met).toBe(1)
  rig.known = [alice, dave]
  const other = new Rig().hear(bob, 1)
  other.known = [alice, dave]
  other.hear(alice, 1)
  expect(other.met, 'bob is gone').toBe(0)
})
