import { describe, expect, it } from 'vitest'
import {
  closeCodeOf,
  encodeClientFrame,
  MAX_CLIENT_FRAME_BYTES,
  MAX_SIGNAL_BYTES,
} from '@knothole/wire'
import {
  ARRIVAL_RATE,
  BYTE_RATE,
  FRAME_RATE,
  GRACE_MS,
  MAX_BACKLOG_BYTES,
  MAX_SOCKETS_PER_NETWORK,
  MAX_WAITING_SOCKETS,
  MISTAKE_RATE,
  SCAN_INTERVAL_MS,
} from './limits.ts'
import { RendezvousRig } from './rendezvous.testing.ts'

/** The n-th address of a large network. */
const addressOf = (n: number): string => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`

describe('limits of one socket', () => {
  it('R17 takes a burst of frames and refuses a flood', () => {
    const rig = new RendezvousRig()
    const alice = rig.join(rig.makeRoom())
    for (let n = 1; n < FRAME_RATE.burst; n++) rig.send(alice.socket, { type: 'ping' })
    expect(rig.closeCode(alice.socket)).toBeUndefined()
    rig.send(alice.socket, { type: 'ping' })
    expect(rig.closeCode(alice.socket)).toBe(closeCodeOf('rate-limited'))
    const { length } = rig.outputs
    rig.send(alice.socket, { type: 'ping' })
    expect(rig.outputs).toHaveLength(length)
  })

  it('R17 takes frames at the steady rate for ever', () => {
    const rig = new RendezvousRig()
    const alice = rig.join(rig.makeRoom())
    for (let n = 0; n < 10 * FRAME_RATE.burst; n++) {
      rig.advance(1000 / FRAME_RATE.perSecond)
      rig.send(alice.socket, { type: 'ping' })
    }
    expect(rig.closeCode(alice.socket)).toBeUndefined()
  })

  it('R17 counts bytes too', () => {
    const rig = new RendezvousRig()
    const room = rig.makeRoom()
    const [alice, bob] = [rig.join(room), rig.join(room)]
    const sealed = new Uint8Array(MAX_SIGNAL_BYTES)
    const frames = Math.ceil(BYTE_RATE.burst / MAX_SIGNAL_BYTES)
    for (let n = 0; n < frames; n++)
      rig.send(alice.socket, { type: 'signal', to: bob.peer, sealed })
    expect(rig.closeCode(alice.socket)).toBe(closeCodeOf('rate-limited'))
    expect(rig.framesOf(bob.socket, 'signal').length).toBeLessThan(frames)
  })

  it('R17 counts WebSocket pings', () => {
    const rig = new RendezvousRig()
    const alice = rig.join(rig.makeRoom())
    for (let n = 0; n < FRAME_RATE.burst; n++)
      rig.input({ type: 'sign-of-life', socket: alice.socket })
    expect(rig.closeCode(alice.socket)).toBe(closeCodeOf('rate-limited'))
  })

  it('R18 ends a socket for a malformed frame, a text and a frame too large', () => {
    const rig = new RendezvousRig()
    const room = rig.makeRoom()
    const refusalOf = (data: Uint8Array, isBinary = true): number | undefined => {
      const { socket } = rig.join(room)
      rig.input({ type: 'message', socket, data, isBinary })
      return rig.closeCode(socket)
    }
    expect(refusalOf(new Uint8Array([0xff]))).toBe(closeCodeOf('bad-frame'))
    expect(refusalOf(new Uint8Array())).toBe(closeCodeOf('bad-frame'))
    expect(refusalOf(encodeClientFrame({ type: 'ping' }), false)).toBe(closeCodeOf('bad-frame'))
    expect(refusalOf(new Uint8Array(MAX_CLIENT_FRAME_BYTES + 1))).toBe(closeCodeOf('too-large'))
  })

  it('R18 ends a socket that joins twice', () => {
    const rig = new RendezvousRig()
    const room = rig.makeRoom()
    let join: Parameters<RendezvousRig['send']>[1] = { type: 'ping' }
    const alice = rig.join(room, { spoil: (frame) => (join = frame) })
    rig.send(alice.socket, join)
    expect(rig.closeCode(alice.socket)).toBe(closeCodeOf('bad-frame'))
  })

  it('R13 forgives mistakes up to a measure', () => {
    const rig = new RendezvousRig()
    const room = rig.makeRoom()
    const [alice, bob] = [rig.join(room), rig.join(room)]
    rig.send(bob.socket, { type: 'leave' })
    const mistake = { type: 'signal', to: bob.peer, sealed: new Uint8Array([1]) } as const
    for (let n = 0; n < MISTAKE_RATE.burst; n++) rig.send(alice.socket, mistake)
    expect(rig.closeCode(alice.socket)).toBeUndefined()
    rig.send(alice.socket, mistake)
    expect(rig.closeCode(alice.socket)).toBe(closeCodeOf('rate-limited'))
  })

  it('R19 drops a slow reader with a reason and forwards nothing more to it', () => {
    const rig = new RendezvousRig()
    const room = rig.makeRoom()
    const [alice, bob, carol] = [rig.join(room), rig.join(room), rig.join(room)]
    rig.backlog.set(bob.socket, MAX_BACKLOG_BYTES + 1)
    rig.news(bob.socket)
    rig.send(alice.socket, { type: 'signal', to: bob.peer, sealed: new Uint8Array([1]) })
    expect(rig.closeCode(bob.socket)).toBe(closeCodeOf('rate-limited'))
    expect(rig.news(bob.socket)).toEqual([])
    rig.advance(GRACE_MS + SCAN_INTERVAL_MS)
    expect(rig.framesOf(carol.socket, 'left')).toEqual([{ type: 'left', peer: bob.peer }])
  })
})

describe('limits of a network and of all', () => {
  it('R20 refuses arrivals from one network that come too fast, and only those', () => {
    const rig = new RendezvousRig()
    const room = rig.makeRoom()
    const open = (address: string): number => {
      const socket = rig.open(room, address)
      rig.input({ type: 'socket-closed', socket })
      return socket
    }
    for (let n = 0; n < ARRIVAL_RATE.burst; n++) {
      expect(rig.closeCode(open(`2001:db8::${n.toString(16)}`))).toBeUndefined()
    }
    expect(rig.closeCode(open('2001:db8::ffff:1'))).toBe(closeCodeOf('rate-limited'))
    expect(rig.frames(open('2001:db8::ffff:2')).map(({ type }) => type)).toEqual(['refused'])
    expect(rig.closeCode(open('2001:db8:0:1::1'))).toBeUndefined()
    rig.advance(1000)
    expect(rig.closeCode(open('2001:db8::3'))).toBeUndefined()
  })

  it('R20 refuses more sockets than a network may have', () => {
    const rig = new RendezvousRig()
    const room = rig.makeRoom()
    const sockets = Array.from({ length: MAX_SOCKETS_PER_NETWORK + 1 }, () => {
      rig.nowMs += 1000 / ARRIVAL_RATE.perSecond
      return rig.open(room)
    })
    expect(rig.closeCode(sockets.at(-2) ?? 0)).toBeUndefined()
    expect(rig.closeCode(sockets.at(-1) ?? 0)).toBe(closeCodeOf('rate-limited'))
    rig.input({ type: 'socket-closed', socket: sockets[0] ?? 0 })
    rig.input({ type: 'socket-closed', socket: sockets.at(-1) ?? 0 })
    expect(rig.closeCode(rig.open(room))).toBeUndefined()
  })

  it('R20 has no limits per network when told so', () => {
    const rig = new RendezvousRig({ limitNetworks: false })
    const room = rig.makeRoom()
    const sockets = Array.from({ length: MAX_SOCKETS_PER_NETWORK + 1 }, () => rig.open(room))
    expect(sockets.filter((socket) => rig.closeCode(socket) !== undefined)).toEqual([])
  })

  it('R21 lets the oldest waiting socket go in a flood, and the joined stay', () => {
    const rig = new RendezvousRig()
    const room = rig.makeRoom()
    const alice = rig.join(room)
    const waiting = Array.from({ length: MAX_WAITING_SOCKETS }, (_, n) =>
      rig.open(room, addressOf(n)),
    )
    expect(rig.of('close')).toEqual([])
    const bob = rig.join(room, { address: '198.51.100.1' })
    expect(rig.of('close').map(({ socket }) => socket)).toEqual([waiting[0]])
    expect(rig.framesOf(bob.socket, 'welcome')).toHaveLength(1)
    expect(rig.news(alice.socket)).toContain('joined')
  })

  it('R22 forgets everything of who has gone', () => {
    const rig = new RendezvousRig()
    const room = rig.makeRoom()
    const visitors = [rig.join(room), rig.join(room)]
    for (const { socket } of visitors) rig.input({ type: 'socket-closed', socket })
    rig.advance(GRACE_MS + SCAN_INTERVAL_MS)
    const { length } = rig.of('renew-room')
    const deadlineMs = rig.machine.deadlineMs() ?? 0
    expect(deadlineMs - rig.nowMs).toBeGreaterThan(SCAN_INTERVAL_MS)
    rig.advance(deadlineMs - rig.nowMs)
    expect(rig.of('renew-room')).toHaveLength(length)
    const carol = rig.join(room)
    expect(rig.framesOf(carol.socket, 'welcome')[0]?.participants).toEqual([])
  })
})
