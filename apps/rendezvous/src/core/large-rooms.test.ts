import { FULL_MESH_PEERS, MAX_CARDS_PER_FRAME, MAX_ROOM_PEERS } from '@knothole/wire'
import { describe, expect, it } from 'vitest'
import { RendezvousRig } from './rendezvous.testing.ts'
import type { Visitor } from './rendezvous.testing.ts'

const offer = new Uint8Array([9])

function crowd(count: number): { rig: RendezvousRig; visitors: Visitor[]; join: () => Visitor } {
  const rig = new RendezvousRig()
  const room = rig.makeRoom()
  const join = (): Visitor => rig.join(room, { offer })
  const visitors = Array.from({ length: count }, join)
  return { rig, visitors, join }
}

describe('a large room', () => {
  it('R8 takes no more than it was told to', () => {
    const rig = new RendezvousRig({ roomCapacity: 3 })
    const room = rig.makeRoom()
    const [alice, , , dave] = [rig.join(room), rig.join(room), rig.join(room), rig.join(room)]
    expect(rig.framesOf(alice.socket, 'welcome')[0]?.capacity).toBe(3)
    expect(rig.framesOf(dave.socket, 'refused')[0]?.code).toBe('room-full')
  })

  it('R10 is told to a newcomer in pieces: a dozen cards, all ids, then the other cards', () => {
    const { rig, visitors } = crowd(MAX_ROOM_PEERS)
    const last = visitors.at(-1)?.socket ?? 0
    const [welcome] = rig.framesOf(last, 'welcome')
    const first = welcome?.participants.map(({ peer }) => peer) ?? []
    const later = rig
      .framesOf(last, 'people')
      .flatMap(({ participants }) => participants.map(({ peer }) => peer))
    expect(first).toHaveLength(MAX_CARDS_PER_FRAME)
    expect(first[0]).toBe(welcome?.offeredTo)
    expect(welcome?.later).toEqual(later)
    const others = visitors.slice(0, -1).map(({ peer }) => peer)
    expect([...first, ...later].toSorted()).toEqual(others.toSorted())
    const types = rig.frames(last).map(({ type }) => type)
    expect(new Set(types.slice(1))).toEqual(new Set(['welcome', 'people']))
  })

  it('R10 is told in one frame while it is a full mesh', () => {
    const { rig, visitors } = crowd(FULL_MESH_PEERS)
    const [welcome] = rig.framesOf(visitors.at(-1)?.socket ?? 0, 'welcome')
    expect(welcome?.participants).toHaveLength(FULL_MESH_PEERS - 1)
    expect(welcome?.later).toBe(undefined)
  })

  it('R11 hands offers to one after the other, and while it is small to the longest present', () => {
    const { rig, visitors, join } = crowd(FULL_MESH_PEERS)
    const receiverOf = ({ socket }: Visitor): string | undefined =>
      rig.framesOf(socket, 'welcome')[0]?.offeredTo
    const alice = visitors[0]?.peer
    expect(visitors.slice(1).map(receiverOf)).toEqual(visitors.slice(1).map(() => alice))
    const receivers = Array.from({ length: FULL_MESH_PEERS }, () => receiverOf(join()))
    expect(new Set(receivers).size).toBe(FULL_MESH_PEERS)
    expect(receivers).not.toContain(alice)
  })
})
