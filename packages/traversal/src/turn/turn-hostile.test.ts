import { describe, expect, it } from 'vitest'

import type { StunAttribute } from '../stun/stun-attributes.ts'
import { STUN_METHODS, encodeMessage } from '../stun/stun-message.ts'
import {
  CHALLENGE_ALLOWANCE,
  CHALLENGE_RATE_LIMIT,
  DEFAULT_QUOTAS,
  MAX_CHALLENGE_GROWTH_BYTES,
} from './turn-limits.ts'
import { mintRestCredentials, checkRestUsername } from './turn-rest-credentials.ts'
import { NODE_CRYPTO, NODE_HMAC } from '../stun/stun-vectors.testing.ts'
import type { TestClient } from './turn-world.testing.ts'
import { TurnWorld, UDP, addressOf, bytesOf, codeOf, peersOf } from './turn-world.testing.ts'

const PEER = addressOf('192.0.2.9', 5000)
const SMALLEST_ALLOCATE = encodeMessage({
  class: 'request',
  method: STUN_METHODS.allocate,
  transactionId: new Uint8Array(12),
  attributes: [UDP],
})
const BARE_REFRESH = encodeMessage({
  class: 'request',
  method: STUN_METHODS.refresh,
  transactionId: new Uint8Array(12),
  attributes: [],
})

function ip(index: number): string {
  return `192.0.${index >> 8}.${index & 0xff}`
}

/** Each with its own address, so that the limit by address is not what is seen. */
function clientOf(world: TurnWorld, index: number): TestClient {
  return world.udp(`198.51.${index >> 8}.${index & 0xff}`, 40_000)
}

describe('quotas', () => {
  it('T217 of a user are reached by 486, wherever the user is, and freed again', () => {
    const world = new TurnWorld({ quotas: { allocationsPerUser: 3 } })
    const clients = [0, 1, 2, 3].map((index) => clientOf(world, index))
    const codes = clients.map((client) => codeOf(client.request('allocate', [UDP])))
    expect(codes).toEqual([0, 0, 0, 486])
    clients[0]?.request('refresh', [{ type: 'lifetime', value: 0 }])
    expect(clients[3] && codeOf(clients[3].request('allocate', [UDP]))).toBe(0)
    expect(codeOf(world.udp('198.51.100.9', 1, 'bob').request('allocate', [UDP]))).toBe(0)
  })

  it('T217 of a user are not escaped by new credentials', () => {
    const rest = { secret: 'north', hmacSha1: NODE_HMAC.sha1 }
    const passwordOf = (username: string) => checkRestUsername(rest, { username, nowUnixS: 1 })
    const world = new TurnWorld({ passwordOf, quotas: { allocationsPerUser: 1 } })
    const codes = [100, 200].map((expiresAtUnixS, index) => {
      const { username, password } = mintRestCredentials(rest, { user: 'al', expiresAtUnixS })
      const client = world.udp('198.51.100.7', index + 1, username)
      return codeOf(client.request('allocate', [UDP], { password }))
    })
    expect(codes).toEqual([0, 486])
  })

  it('T217 of an address count all of an IPv6 /64', () => {
    const world = new TurnWorld({ quotas: { allocationsPerAddress: 2 } })
    const codes = ['2001:db8:1::1', '2001:db8:1::2', '2001:db8:1::3', '2001:db8:1:1::1'].map(
      (address) => codeOf(world.udp(address, 1).request('allocate', [UDP])),
    )
    expect(codes).toEqual([0, 0, 486, 0])
  })

  it('T217 of the server are reached by 508, reservations included', () => {
    const world = new TurnWorld({ quotas: { allocations: 3 } })
    const pair: StunAttribute = { type: 'even-port', value: true }
    const codes = [[pair], [pair], []].map((more, index) =>
      codeOf(clientOf(world, index).request('allocate', [UDP, ...more])),
    )
    expect(codes).toEqual([0, 486, 0])
    expect(codeOf(clientOf(world, 9).request('allocate', [UDP]))).toBe(508)
    world.advance(30_000)
    expect(codeOf(clientOf(world, 9).request('allocate', [UDP]))).toBe(0)
  })

  it('T217 of an allocation bound its permissions and channels by 508', () => {
    const world = new TurnWorld({
      quotas: { permissionsPerAllocation: 3, channelsPerAllocation: 2 },
    })
    const alice = world.udp()
    alice.allocate()
    expect([1, 2, 3, 4].map((index) => alice.permit(addressOf(ip(512 + index), 1)))).toEqual([
      0, 0, 0, 508,
    ])
    const binds = [1, 2, 3].map((port) => alice.bind(0x40_00 + port, addressOf(ip(513), port)))
    expect(binds).toEqual([0, 0, 508])
    expect(alice.bind(0x40_09, addressOf(ip(600), 1))).toBe(508)
    expect(alice.bind(0x40_01, addressOf(ip(513), 1))).toBe(0)
    expect(world.server.counts()).toMatchObject({ permissions: 3, channels: 2 })
  })

  it('T217 allocations a user tries to exhaust leave room for others', () => {
    const world = new TurnWorld()
    const codes = new Map<number, number>()
    for (let index = 0; index < 300; index++) {
      const code = codeOf(clientOf(world, index).request('allocate', [UDP]))
      codes.set(code, (codes.get(code) ?? 0) + 1)
    }
    expect(codes.get(0)).toBe(DEFAULT_QUOTAS.allocationsPerUser)
    expect(codes.get(486)).toBe(300 - DEFAULT_QUOTAS.allocationsPerUser)
    expect(codeOf(world.udp('198.51.100.9', 1, 'bob').request('allocate', [UDP]))).toBe(0)
  })
})

describe('amplification', () => {
  it('T218 is bounded: no answer without credentials outgrows its request by more', () => {
    const realm = 'r'.repeat(64)
    const world = new TurnWorld({ realm })
    const client = world.udp()
    for (const request of [SMALLEST_ALLOCATE, BARE_REFRESH]) {
      client.send(request)
      const growth = (client.inbox.pop()?.length ?? Infinity) - request.length
      expect(growth).toBeGreaterThan(0)
      expect(growth).toBeLessThanOrEqual(MAX_CHALLENGE_GROWTH_BYTES)
    }
  })

  it('T218 of a flood is none: it sends more bytes than it makes us send', () => {
    const world = new TurnWorld()
    const victim = world.udp('198.51.100.200', 53)
    const seconds = 10
    for (let count = 0; count < 1000 * seconds; count++) {
      world.nowMs += 1
      victim.send(SMALLEST_ALLOCATE)
    }
    const sent = victim.inbox.reduce((sum, { length }) => sum + length, 0)
    const { burst, perSecond } = CHALLENGE_RATE_LIMIT
    expect(victim.inbox.length).toBeLessThanOrEqual(burst + perSecond * seconds)
    expect(sent).toBeLessThan(1000 * seconds * SMALLEST_ALLOCATE.length)
    expect(world.server.counts().dropped['rate-limited']).toBeGreaterThan(9000)
  })

  it('T218 is none of a flood from everywhere either, but for a small allowance', () => {
    const world = new TurnWorld()
    let sent = 0
    const { burstBytes, bytesPerSecond } = CHALLENGE_ALLOWANCE
    const seconds = 5
    const listener = world.server.openListener({
      local: addressOf('203.0.113.1', 3479),
      socket: { send: (message) => void (sent += message.length) },
    })
    const count = 10_000 * seconds
    for (let index = 0; index < count; index++) {
      const address = `11.${index >> 16}.${(index >> 8) & 0xff}.${index & 0xff}`
      listener.receive(SMALLEST_ALLOCATE, { address, port: 1024 }, world.nowMs + index / 10)
    }
    const asked = count * SMALLEST_ALLOCATE.length
    expect(sent).toBeLessThanOrEqual(asked + burstBytes + bytesPerSecond * seconds)
    expect(sent).toBeGreaterThan(asked / 2)
  })

  it('T218 keeps no honest client out for long: one of seven attempts gets through a flood', () => {
    const world = new TurnWorld()
    const alice = world.udp()
    let attempts = 0
    for (let index = 0; attempts < 7 && alice.inbox.length === 0; index++) {
      if (index >= 20_000 && index % 5003 === 0) {
        alice.send(SMALLEST_ALLOCATE)
        attempts += 1
      }
      const address = `11.${index >> 16}.${(index >> 8) & 0xff}.${index & 0xff}`
      world.nowMs += 0.1
      world.receive(SMALLEST_ALLOCATE, { address, port: 1024 })
    }
    expect(alice.inbox).toHaveLength(1)
  })

  it('T218 by requests with integrity is limited as well', () => {
    const world = new TurnWorld()
    const mallory = world.udp('198.51.100.66', 1)
    mallory.challenge()
    for (let count = 0; count < 1000; count++) {
      mallory.send(mallory.sealed('allocate', [UDP], { password: 'guess' }))
    }
    expect(mallory.inbox.length).toBeLessThan(CHALLENGE_RATE_LIMIT.burst)
  })
})

describe('a flood without credentials', () => {
  it('T218 opens nothing, is remembered within limits, and leaves honest clients served', () => {
    const world = new TurnWorld()
    const alice = world.udp()
    const relayed = alice.allocate()
    alice.bind(0x40_00, PEER)
    for (let index = 0; index < 20_000; index++) {
      const address = `203.${index >> 16}.${(index >> 8) & 0xff}.${index & 0xff}`
      world.receive(SMALLEST_ALLOCATE, { address, port: 1024 + (index % 60_000) })
    }
    world.fromPeer(relayed, PEER, bytesOf('still here'))
    expect(alice.inbox).toHaveLength(1)
    expect(codeOf(alice.request('refresh'))).toBe(0)
    world.nowMs += 1000
    expect(codeOf(world.udp('198.51.100.7', 2).request('allocate', [UDP]))).toBe(0)
    expect(world.asked).toHaveLength(2)
    expect(world.server.counts().allocations).toBe(2)
  })

  it('T218 costs no digests but those of the answers it gets', () => {
    let digests = 0
    const hmac = {
      sha1: (key: Uint8Array, data: Uint8Array) => count(NODE_HMAC.sha1(key, data)),
      sha256: (key: Uint8Array, data: Uint8Array) => count(NODE_HMAC.sha256(key, data)),
    }
    const count = <Value>(value: Value): Value => {
      digests += 1
      return value
    }
    const world = new TurnWorld({ crypto: { ...NODE_CRYPTO, hmac } })
    const flooder = world.udp('198.51.100.66', 1)
    for (let sent = 0; sent < 5000; sent++) flooder.send(SMALLEST_ALLOCATE)
    expect(digests).toBe(flooder.inbox.length)
    expect(digests).toBe(CHALLENGE_RATE_LIMIT.burst)
  })

  it('T218 from the address of honest clients does not keep credentials from holding', () => {
    const world = new TurnWorld()
    const alice = world.udp()
    alice.challenge()
    const flooder = world.udp('198.51.100.7', 40_001)
    for (let sent = 0; sent < 1000; sent++) flooder.send(SMALLEST_ALLOCATE)
    expect(flooder.ask('allocate', [UDP])).toBeUndefined()
    expect(codeOf(alice.request('allocate', [UDP]))).toBe(0)
  })
})

describe('forged permissions', () => {
  it('T212 of somebody with another key or without one change nothing', () => {
    const world = new TurnWorld()
    const alice = world.udp()
    const relayed = alice.allocate()
    // From alice's own address and port, as who stands beside her network might send.
    expect(alice.ask('createPermission', peersOf(PEER))).toMatchObject({ class: 'error' })
    expect(codeOf(alice.request('createPermission', peersOf(PEER), { password: 'x' }))).toBe(401)
    expect(codeOf(alice.request('createPermission', peersOf(PEER), { username: 'bob' }))).toBe(441)
    world.fromPeer(relayed, PEER, bytesOf('let me in'))
    alice.indicate(PEER, bytesOf('let me out'))
    expect([alice.inbox, world.relayed]).toEqual([[], []])
    expect(world.server.counts().permissions).toBe(0)
  })

  it('T212 a request changed on its way is refused', () => {
    const world = new TurnWorld()
    const alice = world.udp()
    alice.allocate()
    const request = alice.sealed('createPermission', peersOf(PEER))
    // The last byte of the peer's address.
    request[31] = (request[31] ?? 0) ^ 1
    alice.send(request)
    expect(alice.messages().map(codeOf)).toEqual([401])
    expect(world.server.counts().permissions).toBe(0)
  })
})
