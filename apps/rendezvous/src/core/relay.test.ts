import { describe, expect, it } from 'vitest'
import { closeCodeOf, encodeCbor, MAX_RELAY_BYTES } from '@knothole/wire'
import type { PeerId, ServerFrame } from '@knothole/wire'
import {
  GRACE_MS,
  MAX_RELAY_BACKLOG_BYTES,
  RELAY_DROP_RATE,
  RELAY_FRAME_COST_BYTES,
  RELAY_HOLD_MS,
  RELAY_PAIR_RATE,
  RELAY_PEER_RATE,
} from './limits.ts'
import { RendezvousRig } from './rendezvous.testing.ts'
import type { Visitor } from './rendezvous.testing.ts'

const bytes = (...values: number[]): Uint8Array<ArrayBuffer> => Uint8Array.from(values)
const large = new Uint8Array(MAX_RELAY_BYTES)
const largeCost = MAX_RELAY_BYTES + RELAY_FRAME_COST_BYTES

function roomOf(count: number): { rig: RendezvousRig; people: Visitor[] } {
  const rig = new RendezvousRig({ limitNetworks: false })
  const room = rig.makeRoom()
  return { rig, people: Array.from({ length: count }, () => rig.join(room)) }
}

function pair(): { rig: RendezvousRig; alice: Visitor; bob: Visitor } {
  const { rig, people } = roomOf(2)
  const [alice, bob] = people
  if (alice === undefined || bob === undefined) throw new Error('a pair has two')
  return { rig, alice, bob }
}

const bodies = (frames: Extract<ServerFrame, { type: 'relay' }>[]): number[][] =>
  frames.map(({ body }) => [...body])

describe('the relay', () => {
  it('R102 hands a body to the peer it names, unread and in order, with the id of its sender', () => {
    const { rig, people } = roomOf(3)
    const [alice, bob, carol] = people
    if (!alice || !bob || !carol) throw new Error('three joined')
    for (const n of [1, 2, 3]) {
      rig.send(alice.socket, { type: 'relay', to: bob.peer, body: bytes(n, 0xff, 0) })
    }
    const heard = rig.framesOf(bob.socket, 'relay')
    expect(bodies(heard)).toEqual([1, 2, 3].map((n) => [n, 0xff, 0]))
    expect(heard.map(({ from }) => from)).toEqual(Array(3).fill(alice.peer))
    expect(rig.framesOf(carol.socket, 'relay')).toEqual([])
    expect(rig.framesOf(alice.socket, 'relay')).toEqual([])
  })

  it('R102 stays inside a room', () => {
    const { rig, alice } = pair()
    const stranger = rig.join(rig.makeRoom())
    rig.send(alice.socket, { type: 'relay', to: stranger.peer, body: bytes(1) })
    expect(rig.framesOf(stranger.socket, 'relay')).toEqual([])
    const [full] = rig.framesOf(alice.socket, 'relay-full')
    expect(full).toEqual({ type: 'relay-full', to: stranger.peer, waitMs: RELAY_HOLD_MS })
  })

  it('R102 takes a frame that says more than we know', () => {
    const { rig, alice, bob } = pair()
    const data = encodeCbor({ type: 'relay', to: bob.peer, body: bytes(7), urgent: true })
    rig.input({ type: 'message', socket: alice.socket, data, isBinary: true })
    expect(bodies(rig.framesOf(bob.socket, 'relay'))).toEqual([[7]])
  })

  it('R102 is for those who have joined', () => {
    const { rig, bob } = pair()
    const stranger = rig.open(rig.makeRoom())
    rig.send(stranger, { type: 'relay', to: bob.peer, body: bytes(1) })
    expect(rig.closeCode(stranger)).toBe(closeCodeOf('bad-frame'))
    expect(rig.framesOf(bob.socket, 'relay')).toEqual([])
  })

  it('R102 passes nothing on that its sender changes afterwards', () => {
    const { rig, alice, bob } = pair()
    const data = encodeCbor({ type: 'relay', to: bob.peer, body: bytes(1, 2, 3) })
    rig.input({ type: 'message', socket: alice.socket, data, isBinary: true })
    data.fill(0)
    expect(bodies(rig.framesOf(bob.socket, 'relay'))).toEqual([[1, 2, 3]])
  })

  it.each([
    ['itself', (alice: Visitor) => alice.peer],
    ['nobody', () => 'AAAAAAAAAAAAAAAAAAAAAA' as PeerId],
  ])('R103 says that what is for %s is dropped, and goes on', (_who, whom) => {
    const { rig, alice, bob } = pair()
    rig.send(alice.socket, { type: 'relay', to: whom(alice), body: bytes(1) })
    expect(rig.framesOf(alice.socket, 'relay-full')).toHaveLength(1)
    rig.send(alice.socket, { type: 'relay', to: bob.peer, body: bytes(2) })
    expect(bodies(rig.framesOf(bob.socket, 'relay'))).toEqual([[2]])
  })

  it('R103 drops what is for a peer whose socket broke, until it is back', () => {
    const rig = new RendezvousRig()
    const room = rig.makeRoom()
    const [alice, bob] = [rig.join(room), rig.join(room)]
    rig.input({ type: 'socket-closed', socket: bob.socket })
    rig.send(alice.socket, { type: 'relay', to: bob.peer, body: bytes(1) })
    expect(rig.framesOf(alice.socket, 'relay-full')).toHaveLength(1)
    const back = rig.join(room, { keys: bob.keys })
    rig.send(alice.socket, { type: 'relay', to: bob.peer, body: bytes(2) })
    expect(bodies(rig.framesOf(back.socket, 'relay'))).toEqual([[2]])
    expect(rig.framesOf(alice.socket, 'refused')).toEqual([])
  })

  it('R103 takes so much for one peer at once and so much a second, and says how long to wait', () => {
    const { rig, alice, bob } = pair()
    const fit = Math.floor(RELAY_PAIR_RATE.burst / largeCost)
    const send = (): void => rig.send(alice.socket, { type: 'relay', to: bob.peer, body: large })
    for (let n = 0; n < fit; n++) send()
    expect(rig.framesOf(alice.socket, 'relay-full')).toEqual([])
    send()
    const [full] = rig.framesOf(alice.socket, 'relay-full')
    expect(full?.waitMs).toBeGreaterThan(0)
    rig.advance((full?.waitMs ?? 0) - 1)
    send()
    expect(rig.framesOf(alice.socket, 'relay-full')).toHaveLength(2)
    rig.advance(1)
    send()
    expect(rig.framesOf(alice.socket, 'relay-full')).toHaveLength(2)
    expect(rig.framesOf(bob.socket, 'relay')).toHaveLength(fit + 1)
    expect(rig.closeCode(alice.socket)).toBeUndefined()
  })

  it('R103 leaves room for words to one peer while a stream goes to another', () => {
    const { rig, people } = roomOf(4)
    const [alice, ...others] = people
    if (!alice) throw new Error('she joined')
    const [bob, carol, dave] = others
    if (!bob || !carol || !dave) throw new Error('they joined')
    const fit = Math.floor(RELAY_PAIR_RATE.burst / largeCost)
    for (let n = 0; n <= fit; n++) {
      rig.send(alice.socket, { type: 'relay', to: bob.peer, body: large })
    }
    expect(rig.framesOf(alice.socket, 'relay-full').map(({ to }) => to)).toEqual([bob.peer])
    rig.send(alice.socket, { type: 'relay', to: carol.peer, body: bytes(1) })
    expect(rig.framesOf(carol.socket, 'relay')).toHaveLength(1)
    const rest = Math.ceil(RELAY_PEER_RATE.burst / largeCost)
    for (const { peer } of [carol, dave]) {
      for (let n = 0; n < rest; n++)
        rig.send(alice.socket, { type: 'relay', to: peer, body: large })
    }
    const heard = others.flatMap(({ socket }) => rig.framesOf(socket, 'relay'))
    const relayed = heard.reduce((sum, { body }) => sum + body.length + RELAY_FRAME_COST_BYTES, 0)
    expect(relayed).toBeLessThanOrEqual(RELAY_PEER_RATE.burst)
  })

  it('R103 counts the rate on across a new socket, and not for those who have left', () => {
    const rig = new RendezvousRig()
    const room = rig.makeRoom()
    const [alice, bob] = [rig.join(room), rig.join(room)]
    const fit = Math.floor(RELAY_PAIR_RATE.burst / largeCost)
    for (let n = 0; n < fit; n++)
      rig.send(alice.socket, { type: 'relay', to: bob.peer, body: large })
    const again = rig.join(room, { keys: alice.keys })
    rig.send(again.socket, { type: 'relay', to: bob.peer, body: large })
    expect(rig.framesOf(again.socket, 'relay-full')).toHaveLength(1)
    rig.send(bob.socket, { type: 'leave' })
    rig.advance(GRACE_MS)
    const back = rig.join(room, { keys: bob.keys })
    rig.send(again.socket, { type: 'relay', to: bob.peer, body: large })
    expect(rig.framesOf(back.socket, 'relay')).toHaveLength(1)
  })

  it('R104 lets only so much wait for a reader, and still introduces people to it', () => {
    const { rig, alice, bob } = pair()
    rig.backlog.set(bob.socket, MAX_RELAY_BACKLOG_BYTES + 1)
    rig.send(alice.socket, { type: 'relay', to: bob.peer, body: bytes(1) })
    expect(rig.framesOf(bob.socket, 'relay')).toEqual([])
    const [full] = rig.framesOf(alice.socket, 'relay-full')
    expect(full).toEqual({ type: 'relay-full', to: bob.peer, waitMs: RELAY_HOLD_MS })
    rig.send(alice.socket, { type: 'signal', to: bob.peer, sealed: bytes(2) })
    expect(rig.framesOf(bob.socket, 'signal')).toHaveLength(1)
    expect(rig.closeCode(bob.socket)).toBeUndefined()
    rig.backlog.set(bob.socket, MAX_RELAY_BACKLOG_BYTES)
    rig.send(alice.socket, { type: 'relay', to: bob.peer, body: bytes(3) })
    expect(bodies(rig.framesOf(bob.socket, 'relay'))).toEqual([[3]])
  })

  it('R104 ends the socket of who goes on sending what is dropped', () => {
    const { rig, alice, bob } = pair()
    rig.backlog.set(bob.socket, MAX_RELAY_BACKLOG_BYTES + 1)
    const flood = { type: 'relay', to: bob.peer, body: bytes(1) } as const
    for (let n = 0; n < RELAY_DROP_RATE.burst; n++) rig.send(alice.socket, flood)
    expect(rig.closeCode(alice.socket)).toBeUndefined()
    rig.send(alice.socket, flood)
    expect(rig.closeCode(alice.socket)).toBe(closeCodeOf('rate-limited'))
  })
})
