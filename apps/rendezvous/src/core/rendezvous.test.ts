import { describe, expect, it } from 'vitest'
import { closeCodeOf, encodeServerFrame, MAX_ROOM_PEERS, PROTOCOL_VERSION } from '@knothole/wire'
import type { RefusalCode, ServerFrame } from '@knothole/wire'
import { createTestKeys, signJoin } from '../shell/test-peer.testing.ts'
import {
  CONGESTED_BACKLOG_BYTES,
  GRACE_MS,
  JOIN_TIMEOUT_MS,
  LEASE_MS,
  PING_INTERVAL_MS,
  SCAN_INTERVAL_MS,
  SWEEP_INTERVAL_MS,
} from './limits.ts'
import { RendezvousRig, ROOM_LIFE_MS } from './rendezvous.testing.ts'
import type { Visitor } from './rendezvous.testing.ts'

/** A rig with alice and bob in a room, all news read. */
function aliceAndBob(): {
  rig: RendezvousRig
  alice: Visitor
  bob: Visitor
  room: ReturnType<RendezvousRig['makeRoom']>
} {
  const rig = new RendezvousRig()
  const room = rig.makeRoom()
  const alice = rig.join(room)
  const bob = rig.join(room, { address: '198.51.100.7' })
  rig.news(alice.socket)
  rig.news(bob.socket)
  return { rig, alice, bob, room }
}

/** The refusal of a socket that got nothing but a challenge, that refusal and its close code. */
function onlyRefusal(rig: RendezvousRig, socket: number): RefusalCode | undefined {
  const frames = rig.frames(socket)
  const code = rig.framesOf(socket, 'refused')[0]?.code
  const isOnly = frames.map((frame) => frame.type).join() === 'challenge,refused'
  return isOnly && code !== undefined && rig.closeCode(socket) === closeCodeOf(code)
    ? code
    : undefined
}

describe('joining', () => {
  it('R5 challenges every socket with a nonce of its own', () => {
    const rig = new RendezvousRig()
    const room = rig.makeRoom()
    const nonces = [rig.open(room), rig.open(room)].map((socket) =>
      String(rig.framesOf(socket, 'challenge')[0]?.nonce),
    )
    expect(new Set(nonces).size).toBe(2)
  })

  it('R5 refuses a socket that does not join in time', () => {
    const rig = new RendezvousRig()
    const socket = rig.open(rig.makeRoom())
    rig.advance(JOIN_TIMEOUT_MS - 1)
    expect(rig.closeCode(socket)).toBeUndefined()
    rig.advance(SCAN_INTERVAL_MS + 1)
    expect(onlyRefusal(rig, socket)).toBe('join-timeout')
  })

  it('R5 refuses any first frame that is no join', () => {
    const rig = new RendezvousRig()
    const socket = rig.open(rig.makeRoom())
    rig.send(socket, { type: 'ping' })
    expect(onlyRefusal(rig, socket)).toBe('bad-frame')
  })

  it('R5 keeps a join that comes before the room is found, and refuses a second frame meanwhile', () => {
    const rig = new RendezvousRig()
    const room = rig.makeRoom()
    rig.answersLookUps = false
    const early = rig.join(room)
    const pushy = rig.join(room)
    rig.send(pushy.socket, { type: 'ping' })
    expect(rig.news(early.socket)).toEqual(['challenge'])
    for (const { socket } of [early, pushy]) {
      rig.input({ type: 'room-found', socket, room: rig.rooms.get(room.id) })
    }
    expect(rig.news(early.socket)).toEqual(['welcome'])
    expect(onlyRefusal(rig, pushy.socket)).toBe('bad-frame')
  })

  it('R5 closes with 1011 when the database fails', () => {
    const rig = new RendezvousRig()
    rig.answersLookUps = false
    const socket = rig.open(rig.makeRoom())
    rig.input({ type: 'room-look-up-failed', socket })
    expect(rig.closeCode(socket)).toBe(1011)
  })

  it('R112 tells nobody but itself where a peer is that joins hidden', () => {
    const rig = new RendezvousRig()
    const room = rig.makeRoom()
    const first = rig.join(room)
    const hidden = rig.join(room, { spoil: (join) => ({ ...join, hidden: true }) })
    const last = rig.join(room)
    const [joined] = rig.framesOf(first.socket, 'joined')
    expect(joined?.participant.peer).toBe(hidden.peer)
    expect(joined?.participant.observed).toBe(undefined)
    const [welcome] = rig.framesOf(last.socket, 'welcome')
    const shown = welcome?.participants.map(({ peer, observed }) => [peer, observed !== undefined])
    expect(shown).toEqual([
      [first.peer, true],
      [hidden.peer, false],
    ])
    expect(rig.framesOf(hidden.socket, 'welcome')[0]?.observed.address).toBeTypeOf('string')
  })

  it('R6 refuses another protocol version', () => {
    const rig = new RendezvousRig()
    const { socket } = rig.join(rig.makeRoom(), {
      spoil: (join) => ({ ...join, version: PROTOCOL_VERSION + 1 }),
    })
    expect(onlyRefusal(rig, socket)).toBe('unsupported-version')
  })

  it('R6 refuses a room that never was', () => {
    const rig = new RendezvousRig()
    const { socket } = rig.join(new RendezvousRig().makeRoom())
    expect(onlyRefusal(rig, socket)).toBe('room-not-found')
  })

  const strangerKeys = createTestKeys()
  it.each([
    ['an admission signature by another key', 'admission'],
    ['a session signature by another key', 'proof'],
  ] as const)('R6 R7 refuses %s and says nothing else', (_what, field) => {
    const rig = new RendezvousRig()
    const room = rig.makeRoom()
    const alice = rig.join(room)
    rig.news(alice.socket)
    const stranger = rig.join(room, {
      spoil: (join) => {
        const forged = signJoin({
          room: { ...room, admission: strangerKeys },
          session: strangerKeys,
          nonce: new Uint8Array(32),
          card: join.card,
        })
        return { ...join, [field]: forged[field] }
      },
    })
    expect(onlyRefusal(rig, stranger.socket)).toBe('not-admitted')
    expect(rig.news(alice.socket)).toEqual([])
  })

  it('R6 refuses a join recorded from another socket', () => {
    const rig = new RendezvousRig()
    const room = rig.makeRoom()
    let recorded: Parameters<RendezvousRig['send']>[1] | undefined
    rig.join(room, { spoil: (join) => (recorded = join) })
    const { socket } = rig.join(room, { spoil: (join) => recorded ?? join })
    expect(onlyRefusal(rig, socket)).toBe('not-admitted')
  })

  it('R6 refuses session keys that are no points of the curve', () => {
    const rig = new RendezvousRig()
    const { socket } = rig.join(rig.makeRoom(), {
      spoil: (join) => ({ ...join, session: new Uint8Array(32).fill(255) }),
    })
    expect(onlyRefusal(rig, socket)).toBe('not-admitted')
  })

  it('R8 takes as many peers as a room may have and no more, the returning excepted', () => {
    const rig = new RendezvousRig()
    const room = rig.makeRoom()
    const peers = Array.from({ length: MAX_ROOM_PEERS }, () => rig.join(room))
    expect(onlyRefusal(rig, rig.join(room).socket)).toBe('room-full')
    const again = rig.join(room, { keys: peers[3]?.keys ?? createTestKeys() })
    expect(rig.framesOf(again.socket, 'welcome')).toHaveLength(1)
  })

  it('R9 lets a returning peer take over its old socket and keep its place', () => {
    const { rig, alice, bob, room } = aliceAndBob()
    const card = new Uint8Array([7])
    const again = rig.join(room, { keys: alice.keys, card, address: '203.0.113.9' })
    expect(rig.framesOf(alice.socket, 'refused')[0]?.code).toBe('replaced')
    expect(rig.closeCode(alice.socket)).toBe(closeCodeOf('replaced'))
    expect(again.peer).toBe(alice.peer)
    expect(rig.news(bob.socket)).toEqual(['joined'])
    const joined = rig.framesOf(bob.socket, 'joined').at(-1)
    expect(joined?.participant).toMatchObject({
      peer: alice.peer,
      observed: { address: '203.0.113.9' },
    })
    expect([...(joined?.participant.card ?? [])]).toEqual([7])

    // The old socket's end changes nothing, and alice is still the longest present.
    rig.input({ type: 'socket-closed', socket: alice.socket })
    rig.advance(2 * GRACE_MS)
    expect(rig.news(bob.socket)).toEqual([])
    const carol = rig.join(room, { offer: new Uint8Array([9]) })
    expect(rig.framesOf(carol.socket, 'welcome')[0]?.offeredTo).toBe(alice.peer)
    expect(rig.news(again.socket)).toEqual(['challenge', 'welcome', 'joined', 'signal'])
  })

  it('R9 ignores what the replaced socket still says', () => {
    const { rig, alice, bob, room } = aliceAndBob()
    rig.join(room, { keys: alice.keys })
    rig.news(bob.socket)
    rig.send(alice.socket, { type: 'signal', to: bob.peer, sealed: new Uint8Array([1]) })
    rig.send(alice.socket, { type: 'leave' })
    expect(rig.news(bob.socket)).toEqual([])
  })

  it('R10 welcomes with everybody there, and tells them', () => {
    const { rig, alice, bob } = aliceAndBob()
    const [welcome] = rig.framesOf(bob.socket, 'welcome')
    expect(welcome).toMatchObject({
      peer: bob.peer,
      observed: { address: '198.51.100.7' },
      capacity: MAX_ROOM_PEERS,
      expiresAtMs: rig.nowMs + ROOM_LIFE_MS,
    })
    expect(welcome?.participants.map(({ peer }) => peer)).toEqual([alice.peer])
    expect(welcome?.offeredTo).toBeUndefined()
    expect(rig.framesOf(alice.socket, 'welcome')[0]?.participants).toEqual([])
    expect(rig.framesOf(alice.socket, 'joined').map((f) => f.participant.peer)).toEqual([bob.peer])
  })

  it('R11 hands an offer to the longest present who is there and keeps up', () => {
    const { rig, alice, bob, room } = aliceAndBob()
    const offer = new Uint8Array([9])
    const carol = rig.join(room, { offer })
    expect(rig.framesOf(carol.socket, 'welcome')[0]?.offeredTo).toBe(alice.peer)
    const signal = rig.framesOf(alice.socket, 'signal')[0]
    expect(signal).toMatchObject({ from: carol.peer, toAnyone: true })
    expect([...(signal?.sealed ?? [])]).toEqual([9])
    expect(rig.framesOf(bob.socket, 'signal')).toEqual([])

    rig.backlog.set(alice.socket, CONGESTED_BACKLOG_BYTES + 1)
    const dave = rig.join(room, { offer })
    expect(rig.framesOf(dave.socket, 'welcome')[0]?.offeredTo).toBe(bob.peer)
    rig.input({ type: 'socket-closed', socket: bob.socket })
    const erin = rig.join(room, { offer })
    expect(rig.framesOf(erin.socket, 'welcome')[0]?.offeredTo).toBe(carol.peer)
  })

  it('R11 names nobody when there is nobody to take the offer', () => {
    const rig = new RendezvousRig()
    const alice = rig.join(rig.makeRoom(), { offer: new Uint8Array([9]) })
    expect(rig.framesOf(alice.socket, 'welcome')[0]?.offeredTo).toBeUndefined()
  })
})

describe('being in a room', () => {
  it('R12 forwards a signal to the peer it names and to nobody else', () => {
    const { rig, alice, bob, room } = aliceAndBob()
    const carol = rig.join(room)
    rig.news(alice.socket)
    rig.send(alice.socket, { type: 'signal', to: bob.peer, sealed: new Uint8Array([4]) })
    expect(rig.framesOf(bob.socket, 'signal')).toMatchObject([
      { from: alice.peer, toAnyone: false },
    ])
    expect(rig.news(alice.socket)).toEqual([])
    expect(rig.framesOf(carol.socket, 'signal')).toEqual([])
  })

  it('R12 R13 answers unknown-peer across rooms, to oneself and to nobody, and goes on', () => {
    const { rig, alice, bob } = aliceAndBob()
    const carol = rig.join(rig.makeRoom())
    const sealed = new Uint8Array([4])
    for (const to of [carol.peer, alice.peer])
      rig.send(alice.socket, { type: 'signal', to, sealed })
    expect(rig.framesOf(alice.socket, 'refused').map(({ code }) => code)).toEqual([
      'unknown-peer',
      'unknown-peer',
    ])
    expect(rig.framesOf(carol.socket, 'signal')).toEqual([])
    rig.send(alice.socket, { type: 'signal', to: bob.peer, sealed })
    expect(rig.news(bob.socket)).toEqual(['signal'])
    expect(rig.closeCode(alice.socket)).toBeUndefined()
  })

  it('R14 keeps a new card and tells the others', () => {
    const { rig, alice, bob, room } = aliceAndBob()
    rig.send(alice.socket, { type: 'card', card: new Uint8Array([8, 8]) })
    expect(rig.news(bob.socket)).toEqual(['card'])
    expect(rig.news(alice.socket)).toEqual([])
    const carol = rig.join(room)
    const seen = rig.framesOf(carol.socket, 'welcome')[0]?.participants[0]
    expect([...(seen?.card ?? [])]).toEqual([8, 8])
  })

  it('R14 answers a ping', () => {
    const { rig, alice } = aliceAndBob()
    rig.send(alice.socket, { type: 'ping' })
    expect(rig.news(alice.socket)).toEqual(['pong'])
  })

  it('R15 tells the others of a leave at once and closes with 1000', () => {
    const { rig, alice, bob } = aliceAndBob()
    rig.send(bob.socket, { type: 'leave' })
    expect(rig.news(alice.socket)).toEqual(['left'])
    expect(rig.closeCode(bob.socket)).toBe(1000)
    rig.input({ type: 'socket-closed', socket: bob.socket })
    rig.advance(2 * GRACE_MS)
    expect(rig.news(alice.socket)).toEqual([])
  })

  it('R15 keeps the place of a broken socket for its grace', () => {
    const { rig, alice, bob } = aliceAndBob()
    rig.input({ type: 'socket-closed', socket: bob.socket })
    rig.advance(GRACE_MS - 1)
    expect(rig.news(alice.socket)).toEqual([])
    rig.advance(SCAN_INTERVAL_MS + 1)
    expect(rig.framesOf(alice.socket, 'left')).toEqual([{ type: 'left', peer: bob.peer }])
  })

  it('R15 makes no leave of a return within the grace', () => {
    const { rig, alice, bob, room } = aliceAndBob()
    rig.input({ type: 'socket-closed', socket: bob.socket })
    rig.advance(GRACE_MS - 1)
    rig.join(room, { keys: bob.keys })
    rig.advance(2 * GRACE_MS)
    expect(rig.news(alice.socket)).toEqual(['joined'])
  })

  it('R15 refuses signals to a place without a socket', () => {
    const { rig, alice, bob } = aliceAndBob()
    rig.input({ type: 'socket-closed', socket: bob.socket })
    rig.send(alice.socket, { type: 'signal', to: bob.peer, sealed: new Uint8Array([1]) })
    expect(rig.framesOf(alice.socket, 'refused')[0]?.code).toBe('unknown-peer')
  })

  it('R16 pings every socket and drops the silent', () => {
    const { rig, alice, bob } = aliceAndBob()
    rig.advance(PING_INTERVAL_MS + SCAN_INTERVAL_MS)
    expect(rig.of('ping').map(({ socket }) => socket)).toEqual([alice.socket, bob.socket])
    rig.input({ type: 'sign-of-life', socket: alice.socket })
    rig.advance(LEASE_MS - PING_INTERVAL_MS)
    expect(rig.of('drop')).toEqual([{ type: 'drop', socket: bob.socket }])
    rig.advance(GRACE_MS + SCAN_INTERVAL_MS)
    expect(rig.framesOf(alice.socket, 'left')).toEqual([{ type: 'left', peer: bob.peer }])
  })

  it('R16 blames nobody for silence while the server itself was stopped', () => {
    const { rig } = aliceAndBob()
    rig.freeze(10 * LEASE_MS)
    expect(rig.of('drop')).toEqual([])
    rig.advance(LEASE_MS + SCAN_INTERVAL_MS)
    expect(rig.of('drop')).toHaveLength(2)
  })

  it('R2 renews a room with every join and while people are in it', () => {
    const rig = new RendezvousRig()
    const room = rig.makeRoom()
    rig.advance(ROOM_LIFE_MS - 1)
    const alice = rig.join(room)
    expect(rig.rooms.get(room.id)).toMatchObject({
      lastUsedAtMs: rig.nowMs,
      expiresAtMs: rig.nowMs + ROOM_LIFE_MS,
    })
    for (let passedMs = 0; passedMs < 2 * SWEEP_INTERVAL_MS; passedMs += PING_INTERVAL_MS) {
      rig.advance(PING_INTERVAL_MS)
      rig.input({ type: 'sign-of-life', socket: alice.socket })
    }
    expect(rig.nowMs - (rig.rooms.get(room.id)?.lastUsedAtMs ?? 0)).toBeLessThan(SWEEP_INTERVAL_MS)
  })

  it('R2 refuses an expired room before it is swept, and sweeps', () => {
    const rig = new RendezvousRig()
    const room = rig.makeRoom()
    rig.advance(ROOM_LIFE_MS)
    expect(onlyRefusal(rig, rig.join(room).socket)).toBe('room-not-found')
    expect(rig.of('sweep-rooms').length).toBeGreaterThan(700)
    expect(rig.of('sweep-rooms').at(-1)?.atMs).toBeLessThan(rig.nowMs)
  })

  it('R30 refuses everybody when it stops, newcomers too', () => {
    const { rig, alice, bob, room } = aliceAndBob()
    const waiting = rig.open(room)
    rig.input({ type: 'stop' })
    for (const socket of [alice.socket, bob.socket, waiting, rig.open(room)]) {
      expect(rig.framesOf(socket, 'refused')[0]?.code).toBe('going-away')
      expect(rig.closeCode(socket)).toBe(closeCodeOf('going-away'))
    }
  })

  it('R10 sends frames of wire only, encoded once for all', () => {
    const { rig, alice, room } = aliceAndBob()
    rig.join(room)
    const joined: ServerFrame | undefined = rig.framesOf(alice.socket, 'joined').at(-1)
    if (joined === undefined) throw new Error('nobody joined')
    const copies = rig
      .of('send')
      .filter(({ data }) => Buffer.from(data).equals(encodeServerFrame(joined)))
    expect(copies).toHaveLength(2)
    expect(copies[0]?.data).toBe(copies[1]?.data)
  })
})
