import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { closeCodeOf } from '@knothole/wire'
import { ICE_SERVERS_RATE, TURN_CREDENTIAL_MS } from './limits.ts'
import { RendezvousRig } from './rendezvous.testing.ts'

const turnSecret = 'sesame'

describe('credentials of the relays', () => {
  it('R100 come with the welcome: the servers by the names this socket reaches, and a credential', () => {
    const rig = new RendezvousRig({ turnSecret })
    const alice = rig.join(rig.makeRoom())
    const ice = rig.framesOf(alice.socket, 'welcome')[0]?.iceServers
    expect(ice?.urls).toEqual(rig.turnUrls)
    expect(ice?.expiresAtMs).toBe(Math.floor((rig.nowMs + TURN_CREDENTIAL_MS) / 1000) * 1000)
    const { username = '', credential } = ice ?? {}
    expect(username).toBe(`${(ice?.expiresAtMs ?? 0) / 1000}:${username.split(':')[1]}`)
    const mac = createHmac('sha1', turnSecret).update(username).digest('base64')
    expect(credential).toBe(mac)
  })

  it('R100 name nobody: one name for a socket, another for the next, and no id or address in it', () => {
    const rig = new RendezvousRig({ turnSecret })
    const room = rig.makeRoom()
    const names = [rig.join(room), rig.join(room)].map(({ socket, peer }) => {
      rig.send(socket, { type: 'ice-servers' })
      const first = rig.framesOf(socket, 'welcome')[0]?.iceServers?.username
      const second = rig.framesOf(socket, 'ice-servers')[0]?.iceServers?.username
      expect(first).toBe(second)
      expect(first).not.toContain(peer)
      expect(first).toMatch(/^\d+:[\w-]{12}$/)
      return first
    })
    expect(new Set(names).size).toBe(2)
  })

  it('R100 go to nobody who is not admitted', () => {
    const rig = new RendezvousRig({ turnSecret })
    const room = rig.makeRoom()
    const waiting = rig.open(room)
    rig.send(waiting, { type: 'ice-servers' })
    const refused = rig.join(room, { spoil: (frame) => ({ ...frame, admission: frame.proof }) })
    for (const socket of [waiting, refused.socket]) {
      expect(JSON.stringify(rig.frames(socket))).not.toContain('turn:')
    }
    expect(rig.closeCode(waiting)).toBe(closeCodeOf('bad-frame'))
  })

  it.each([
    ['the server has none', {}, ['turn:192.0.2.9:3478']],
    ['this socket cannot reach them', { turnSecret }, []],
  ])('R100 are left out where %s', (_why, options, turnUrls) => {
    const rig = new RendezvousRig(options)
    rig.turnUrls = turnUrls
    const alice = rig.join(rig.makeRoom())
    rig.send(alice.socket, { type: 'ice-servers' })
    expect(rig.framesOf(alice.socket, 'welcome')[0]).not.toHaveProperty('iceServers')
    expect(rig.framesOf(alice.socket, 'ice-servers')).toEqual([{ type: 'ice-servers' }])
  })

  it('R101 are renewed on request, and last from then', () => {
    const rig = new RendezvousRig({ turnSecret })
    const alice = rig.join(rig.makeRoom())
    rig.advance(30_000)
    rig.send(alice.socket, { type: 'ice-servers' })
    const before = rig.framesOf(alice.socket, 'welcome')[0]?.iceServers
    const after = rig.framesOf(alice.socket, 'ice-servers')[0]?.iceServers
    expect((after?.expiresAtMs ?? 0) - (before?.expiresAtMs ?? 0)).toBe(30_000)
    expect(after?.credential).not.toBe(before?.credential)
  })

  it('R101 are not made without end', () => {
    const rig = new RendezvousRig({ turnSecret })
    const alice = rig.join(rig.makeRoom())
    for (let n = 0; n < ICE_SERVERS_RATE.burst; n++) rig.send(alice.socket, { type: 'ice-servers' })
    expect(rig.closeCode(alice.socket)).toBeUndefined()
    rig.send(alice.socket, { type: 'ice-servers' })
    expect(rig.closeCode(alice.socket)).toBe(closeCodeOf('rate-limited'))
    expect(rig.framesOf(alice.socket, 'ice-servers')).toHaveLength(ICE_SERVERS_RATE.burst)
  })
})
