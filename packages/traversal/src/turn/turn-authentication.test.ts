import { describe, expect, it } from 'vitest'

import type { StunAttribute } from '../stun/stun-attributes.ts'
import { attributeValue } from '../stun/stun-message.ts'
import { mintRestCredentials, checkRestUsername } from './turn-rest-credentials.ts'
import { NODE_HMAC } from '../stun/stun-vectors.testing.ts'
import type { Method } from './turn-world.testing.ts'
import { TurnWorld, UDP, addressOf, codeOf, isSealedFor, valueOf } from './turn-world.testing.ts'

const PEER = addressOf('192.0.2.9', 5000)
const METHODS: readonly Method[] = ['allocate', 'refresh', 'createPermission', 'channelBind']

describe('a request without credentials', () => {
  it.each(METHODS)('T201 is challenged: %s', (method) => {
    const world = new TurnWorld()
    const answer = world.udp().ask(method, [UDP])
    if (answer === undefined) throw new Error('silence')
    expect(codeOf(answer)).toBe(401)
    expect(valueOf(answer, 'realm')).toBe('kh')
    expect(valueOf(answer, 'nonce')).toMatch(/^obMatJos2/)
    expect(valueOf(answer, 'password-algorithms')).toHaveLength(2)
    expect(answer.integrity).toEqual([])
    expect(world.asked).toEqual([])
  })
})

describe('a request with credentials', () => {
  it('T201 is answered under the same key and algorithm', () => {
    const world = new TurnWorld()
    const alice = world.udp()
    const answer = alice.request('allocate', [UDP])
    expect(codeOf(answer)).toBe(0)
    expect(isSealedFor(answer, 'alice')).toBe(true)
    const refusal = alice.request('createPermission')
    expect(codeOf(refusal)).toBe(400)
    expect(isSealedFor(refusal, 'alice')).toBe(true)
  })

  it('T201 may use SHA-256 throughout', () => {
    const alice = new TurnWorld().udp()
    const answer = alice.request('allocate', [UDP], { algorithm: 'sha256' })
    expect(codeOf(answer)).toBe(0)
    expect(isSealedFor(answer, 'alice', 'sha256')).toBe(true)
  })

  it('T201 has a FINGERPRINT in its answer if it had one', () => {
    const alice = new TurnWorld().udp()
    expect(alice.request('allocate', [UDP], { fingerprint: true }).hasFingerprint).toBe(true)
    expect(alice.request('refresh').hasFingerprint).toBe(false)
  })

  it.each([
    ['a wrong password', { password: 'guessed' }, 401],
    ['an unknown name', { username: 'mallory', password: 'x' }, 401],
    ['a made-up nonce', { nonce: 'obMatJos2gAAAinventedbyme0' }, 438],
  ])('T201 with %s is refused', (_, options, code) => {
    const world = new TurnWorld()
    const alice = world.udp()
    alice.challenge()
    const answer = alice.request('allocate', [UDP], options)
    expect(codeOf(answer)).toBe(code)
    expect(attributeValue(answer, 'nonce')).toBeDefined()
    expect(world.asked).toEqual([])
  })

  it('T201 needs a nonce of this client, not older than ten minutes', () => {
    const world = new TurnWorld()
    const alice = world.udp()
    const stranger = world.udp('198.51.100.99', 40_000)
    alice.challenge()
    expect(codeOf(stranger.request('allocate', [UDP], { nonce: alice.nonce }))).toBe(438)
    world.advance(601_000)
    const stale = alice.request('allocate', [UDP])
    expect(codeOf(stale)).toBe(438)
    const fresh = valueOf(stale, 'nonce')
    expect(codeOf(alice.request('allocate', [UDP], { nonce: fresh }))).toBe(0)
  })
})

describe('credentials that run out', () => {
  const rest = { secret: 'between servers', hmacSha1: NODE_HMAC.sha1 }

  it('T202 do not end a running allocation, but allow no other', () => {
    let nowUnixS = 1000
    const passwordOf = (username: string) => checkRestUsername(rest, { username, nowUnixS })
    const world = new TurnWorld({ passwordOf })
    const { username, password } = mintRestCredentials(rest, { user: 'al', expiresAtUnixS: 1600 })
    const alice = world.udp('198.51.100.7', 40_000, username)
    const other = world.udp('198.51.100.7', 40_001, username)
    expect(codeOf(alice.request('allocate', [UDP], { password }))).toBe(0)
    nowUnixS = 1600
    expect(codeOf(alice.request('refresh', [], { password }))).toBe(0)
    expect(codeOf(other.request('allocate', [UDP], { password }))).toBe(401)
    const end: StunAttribute = { type: 'lifetime', value: 0 }
    expect(codeOf(alice.request('refresh', [end], { password }))).toBe(0)
    expect(codeOf(alice.request('allocate', [UDP], { password }))).toBe(401)
  })
})

describe('whose allocation it is', () => {
  it('T203 is told apart: nobody’s 437, somebody else’s 441, taken already 437', () => {
    const world = new TurnWorld()
    const alice = world.udp()
    for (const method of ['refresh', 'createPermission', 'channelBind'] as const) {
      expect(codeOf(alice.request(method))).toBe(437)
    }
    alice.allocate()
    expect(codeOf(alice.request('allocate', [UDP]))).toBe(437)
    for (const method of ['refresh', 'createPermission', 'channelBind'] as const) {
      const answer = alice.request(method, [], { username: 'bob' })
      expect(codeOf(answer)).toBe(441)
      expect(isSealedFor(answer, 'bob')).toBe(true)
    }
    expect(alice.permit(PEER)).toBe(0)
  })

  it('T220 depends on address, port and socket: each 5-tuple has its own', () => {
    const world = new TurnWorld()
    const first = world.udp('198.51.100.7', 40_000).allocate()
    const second = world.udp('198.51.100.7', 40_001).allocate()
    const third = world.udp('198.51.100.8', 40_000).allocate()
    const fourth = world.stream('tcp', 40_000).allocate()
    expect(new Set([first, second, third, fourth].map(({ port }) => port)).size).toBe(4)
    expect(world.server.counts().allocations).toBe(4)
  })

  it('T220 ends with its connection, also while it is being opened', () => {
    const world = new TurnWorld({ holdsRelays: true })
    const first = world.stream('tls', 1)
    const second = world.stream('tls', 2)
    for (const client of [first, second]) {
      client.challenge()
      client.send(client.sealed('allocate', [UDP]))
    }
    second.stream.close(world.nowMs)
    world.openHeld()
    expect(world.open.size).toBe(1)
    expect([first.stream.hasAllocation(), second.stream.hasAllocation()]).toEqual([true, false])
    first.stream.close(world.nowMs)
    expect(world.open.size).toBe(0)
    expect(world.server.counts().allocations).toBe(0)
    first.send(first.sealed('allocate', [UDP]))
    expect(world.asked).toHaveLength(2)
  })
})
