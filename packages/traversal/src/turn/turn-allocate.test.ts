import { describe, expect, it } from 'vitest'

import type { StunAttribute } from '../stun/stun-attributes.ts'
import { attributeValue, attributeValues } from '../stun/stun-message.ts'
import {
  RELAY_IPV4,
  RELAY_IPV6,
  TurnWorld,
  UDP,
  addressOf,
  bytesOf,
  codeOf,
  decoded,
  peersOf,
  textOf,
  valueOf,
} from './turn-world.testing.ts'

const EVEN: StunAttribute = { type: 'even-port', value: false }
const PAIR: StunAttribute = { type: 'even-port', value: true }
const TOKEN: StunAttribute = { type: 'reservation-token', value: new Uint8Array(8) }
const family = (value: number): StunAttribute => ({ type: 'requested-address-family', value })
const additional = (value: number): StunAttribute => ({ type: 'additional-address-family', value })
const lifetime = (value: number): StunAttribute => ({ type: 'lifetime', value })
const IPV4_PEER = addressOf('192.0.2.9', 5000)
const IPV6_PEER = addressOf('2001:db8::9', 5000)

describe('an Allocate request', () => {
  it('T204 repeated gets the same answer and no second address', () => {
    const world = new TurnWorld()
    const alice = world.udp()
    alice.challenge()
    const request = alice.sealed('allocate', [UDP])
    alice.send(request)
    alice.send(request)
    expect(alice.inbox).toHaveLength(2)
    expect(alice.inbox[1]).toEqual(alice.inbox[0])
    expect(world.asked).toHaveLength(1)
    // The same transaction by somebody else is no repetition.
    const { transactionId } = decoded(request)
    const other = alice.request('allocate', [UDP], { username: 'bob', transactionId })
    expect(codeOf(other)).toBe(437)
  })

  it('T204 repeated while its address is being opened is waited for in silence', () => {
    const world = new TurnWorld({ holdsRelays: true })
    const alice = world.udp()
    alice.challenge()
    const request = alice.sealed('allocate', [UDP])
    alice.send(request)
    alice.send(request)
    alice.send(alice.sealed('refresh'))
    expect(alice.inbox).toEqual([])
    expect(codeOf(alice.request('allocate', [UDP]))).toBe(437)
    alice.inbox.length = 0
    world.openHeld()
    expect(alice.messages().map(codeOf)).toEqual([0])
    expect(world.asked).toHaveLength(1)
  })

  it('T227 is answered as it came, though its memory be used again meanwhile', () => {
    const world = new TurnWorld({ holdsRelays: true })
    const alice = world.udp()
    alice.challenge()
    const request = alice.sealed('allocate', [UDP])
    const { transactionId } = decoded(Uint8Array.from(request))
    alice.send(request)
    request.fill(0xff)
    world.openHeld()
    const answers = alice.messages()
    expect(answers.map((message) => message.transactionId)).toEqual([transactionId])
    expect(answers.map(codeOf)).toEqual([0])
  })

  it.each<[string, readonly StunAttribute[], number]>([
    ['no transport', [], 400],
    ['TCP to peers', [{ type: 'requested-transport', value: 6 }], 442],
    ['a token and EVEN-PORT', [UDP, TOKEN, EVEN], 400],
    ['a token and a family', [UDP, TOKEN, family(1)], 400],
    ['a token and another family', [UDP, TOKEN, additional(2)], 400],
    ['a token nobody has', [UDP, TOKEN], 508],
    ['a family and another', [UDP, family(1), additional(2)], 400],
    ['IPv4 as the other family', [UDP, additional(1)], 400],
    ['both families and a pair of ports', [UDP, additional(2), PAIR], 400],
    ['a family that does not exist', [UDP, family(3)], 440],
    ['no fragments', [UDP, { type: 'dont-fragment', value: true }], 420],
  ])('T205 with %s is refused', (_, attributes, code) => {
    const world = new TurnWorld()
    expect(codeOf(world.udp().request('allocate', attributes))).toBe(code)
    expect([world.asked, world.server.counts().allocations]).toEqual([[], 0])
  })

  it('T210 with unknown required attributes is refused by 420, which lists them', () => {
    const strange: StunAttribute = { type: 'unknown', code: 0x7f_01, value: new Uint8Array() }
    const optional: StunAttribute = { type: 'unknown', code: 0xff_01, value: new Uint8Array() }
    const change: StunAttribute = {
      type: 'change-request',
      value: { changesIp: false, changesPort: true },
    }
    const alice = new TurnWorld().udp()
    const answer = alice.request('allocate', [UDP, strange, change, optional])
    expect(codeOf(answer)).toBe(420)
    expect(valueOf(answer, 'unknown-attributes')).toEqual([0x7f_01, 0x00_03])
    expect(codeOf(alice.request('allocate', [UDP, optional]))).toBe(0)
  })

  it('T200 is told its relayed and its own address', () => {
    const answer = new TurnWorld().udp('198.51.100.7', 40_000).request('allocate', [UDP])
    expect(valueOf(answer, 'xor-mapped-address')).toEqual(addressOf('198.51.100.7', 40_000))
    expect(valueOf(answer, 'xor-relayed-address').address).toBe(RELAY_IPV4)
  })
})

describe('address families', () => {
  it('T206 are one or both, as asked', () => {
    const world = new TurnWorld()
    const six = world.udp('198.51.100.7', 1).request('allocate', [UDP, family(2)])
    expect(valueOf(six, 'xor-relayed-address').address).toBe(RELAY_IPV6)
    const both = world.udp('198.51.100.7', 2).request('allocate', [UDP, additional(2)])
    expect(attributeValues(both, 'xor-relayed-address').map(({ address }) => address)).toEqual([
      RELAY_IPV4,
      RELAY_IPV6,
    ])
    expect(attributeValue(both, 'address-error-code')).toBeUndefined()
  })

  it('T206 that the server lacks are refused by 440, or named beside the one there is', () => {
    const world = new TurnWorld({ relayAddresses: { IPv6: RELAY_IPV6 } })
    expect(codeOf(world.udp('198.51.100.7', 1).request('allocate', [UDP]))).toBe(440)
    const both = world.udp('198.51.100.7', 2).request('allocate', [UDP, additional(2)])
    expect(valueOf(both, 'xor-relayed-address').address).toBe(RELAY_IPV6)
    expect(valueOf(both, 'address-error-code')).toEqual({ family: 1, code: 440, reason: '' })
  })

  it('T206 may be bridged: an IPv4 client and an IPv6 peer, and the other way', () => {
    const world = new TurnWorld()
    const old = world.udp('198.51.100.7')
    const relayed = old.allocate([family(2)])
    expect(old.bind(0x40_00, IPV6_PEER)).toBe(0)
    world.fromPeer(relayed, IPV6_PEER, bytesOf('six to four'))
    expect(textOf(old.inbox.shift()?.subarray(4))).toBe('six to four')
    const modern = world.udp('2001:db8:1::1')
    modern.allocate()
    modern.permit(IPV4_PEER)
    modern.indicate(IPV4_PEER, bytesOf('six to four'))
    expect(world.relayed.at(-1)).toMatchObject({ to: '192.0.2.9:5000' })
  })

  it('T206 of peers must be those of the allocation: 443', () => {
    const world = new TurnWorld()
    const alice = world.udp()
    alice.allocate()
    expect(alice.permit(IPV6_PEER)).toBe(443)
    expect(alice.permit(IPV4_PEER, IPV6_PEER)).toBe(443)
    expect(alice.bind(0x40_00, IPV6_PEER)).toBe(443)
    expect(codeOf(alice.request('refresh', [family(2)]))).toBe(443)
    expect(codeOf(alice.request('refresh', [family(9)]))).toBe(443)
    expect(world.server.counts().permissions).toBe(0)
  })
})

describe('lifetimes', () => {
  it.each([
    [undefined, 600],
    [1, 600],
    [1200, 1200],
    [1_000_000, 3600],
  ])('T207 asked as %s are given as %s', (asked, given) => {
    const alice = new TurnWorld().udp()
    const wish = asked === undefined ? [] : [lifetime(asked)]
    expect(valueOf(alice.request('allocate', [UDP, ...wish]), 'lifetime')).toBe(given)
    expect(valueOf(alice.request('refresh', wish), 'lifetime')).toBe(given)
  })

  it('T207 end an allocation on their own, refreshed or not', () => {
    const world = new TurnWorld()
    const alice = world.udp()
    alice.allocate()
    world.advance(500_000)
    alice.challenge()
    alice.request('refresh')
    world.advance(599_000)
    expect(world.open.size).toBe(1)
    world.advance(1000)
    expect([world.open.size, world.server.counts().allocations]).toEqual([0, 0])
  })

  it('T207 are over before a request is answered, whether or not the clock has ticked', () => {
    const world = new TurnWorld()
    const alice = world.udp()
    alice.allocate()
    world.nowMs += 600_000
    alice.challenge()
    expect(codeOf(alice.request('refresh'))).toBe(437)
    expect(codeOf(alice.request('allocate', [UDP]))).toBe(0)
  })

  it('T207 of 0 end it at once; of one family, that family', () => {
    const world = new TurnWorld()
    const alice = world.udp()
    alice.allocate([additional(2)])
    alice.permit(IPV4_PEER, IPV6_PEER)
    expect(valueOf(alice.request('refresh', [lifetime(0), family(2)]), 'lifetime')).toBe(0)
    expect([...world.open.keys()]).toEqual([expect.stringMatching(/^IPv4 /)])
    expect(world.server.counts().permissions).toBe(1)
    expect(alice.permit(IPV6_PEER)).toBe(443)
    alice.request('refresh', [lifetime(0)])
    expect(world.open.size).toBe(0)
    expect(codeOf(alice.request('refresh', [lifetime(0)]))).toBe(437)
  })
})

describe('ports', () => {
  it('T208 are even when asked for', () => {
    const world = new TurnWorld({ relayPorts: { first: 50_001, last: 50_008 } })
    const ports = Array.from({ length: 4 }, (_, at) => world.udp('198.51.100.7', at + 1))
    const given = ports.map((client) => client.allocate([EVEN]).port)
    expect(given.toSorted((a, b) => a - b)).toEqual([50_002, 50_004, 50_006, 50_008])
  })

  it('T208 next to even ones are kept for the same user’s token, once, for 30 seconds', () => {
    const world = new TurnWorld()
    const alice = world.udp('198.51.100.7', 1)
    const first = alice.request('allocate', [UDP, PAIR])
    const token: StunAttribute = {
      type: 'reservation-token',
      value: valueOf(first, 'reservation-token').slice(),
    }
    world.advance(29_000)
    expect(codeOf(world.udp('198.51.100.7', 2, 'bob').request('allocate', [UDP, token]))).toBe(508)
    const second = world.udp('198.51.100.7', 3).request('allocate', [UDP, token])
    const [even, odd] = [first, second].map((one) => valueOf(one, 'xor-relayed-address').port)
    expect([(even ?? 1) % 2, odd]).toEqual([0, (even ?? 0) + 1])
    expect(codeOf(world.udp('198.51.100.7', 4).request('allocate', [UDP, token]))).toBe(508)
    expect(world.open.size).toBe(2)
  })

  it('T208 that nobody comes for are let go', () => {
    const world = new TurnWorld()
    const alice = world.udp()
    alice.request('allocate', [UDP, PAIR])
    alice.request('refresh', [lifetime(0)])
    expect(world.open.size).toBe(1)
    world.advance(30_000)
    expect(world.open.size).toBe(0)
    expect(world.server.deadlineMs()).toBeUndefined()
  })

  it('T211 come from the range, no two alike, until there are none', () => {
    const world = new TurnWorld({ relayPorts: { first: 50_000, last: 50_004 } })
    const codes = Array.from({ length: 7 }, (_, at) =>
      codeOf(world.udp('198.51.100.7', at + 1).request('allocate', [UDP])),
    )
    expect(codes).toEqual([0, 0, 0, 0, 0, 508, 508])
    expect(world.asked.toSorted((a, b) => a - b)).toEqual([50_000, 50_001, 50_002, 50_003, 50_004])
  })

  it('T211 that others hold are passed over, ten at most', () => {
    const world = new TurnWorld({ isPortTaken: (port) => port % 2 === 0 })
    expect(world.udp('198.51.100.7', 1).allocate().port % 2).toBe(1)
    const asked = world.asked.length
    expect(codeOf(world.udp('198.51.100.7', 2).request('allocate', [UDP, EVEN]))).toBe(508)
    expect(world.asked.length - asked).toBe(10)
    expect(world.server.counts().allocations).toBe(1)
  })

  it('T211 of a pair are both open or neither', () => {
    const world = new TurnWorld({ isPortTaken: (port) => port % 2 === 1 })
    const alice = world.udp()
    expect(codeOf(alice.request('allocate', [UDP, PAIR]))).toBe(508)
    expect(world.open.size).toBe(0)
    expect(codeOf(alice.request('createPermission', peersOf(IPV4_PEER)))).toBe(437)
  })
})
