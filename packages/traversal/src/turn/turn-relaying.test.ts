import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { TransportAddress } from '../address.ts'
import { hostileBytes } from '../stun/stun-arbitraries.testing.ts'
import { isForTurn } from './turn-channel-data.ts'
import type { TestClient } from './turn-world.testing.ts'
import {
  RELAY_IPV4,
  TurnWorld,
  addressOf,
  bytesOf,
  channelData,
  codeOf,
  peersOf,
  textOf,
  valueOf,
} from './turn-world.testing.ts'

const PEER = addressOf('192.0.2.9', 5000)
const BESIDE = addressOf('192.0.2.9', 5001)
const OTHER = addressOf('192.0.2.10', 5000)
const PEER6 = addressOf('2001:db8::9', 5000)

interface Allocated {
  readonly world: TurnWorld
  readonly alice: TestClient
  readonly relayed: TransportAddress
}

function allocated(options: ConstructorParameters<typeof TurnWorld>[0] = {}): Allocated {
  const world = new TurnWorld(options)
  const alice = world.udp()
  return { world, alice, relayed: alice.allocate() }
}

describe('permissions', () => {
  it('T212 are by address, whatever the port, and needed both ways', () => {
    const { world, alice, relayed } = allocated()
    expect(alice.permit(PEER)).toBe(0)
    alice.indicate(PEER, bytesOf('1'))
    alice.indicate(BESIDE, bytesOf('2'))
    alice.indicate(OTHER, bytesOf('3'))
    alice.indicate(addressOf(PEER.address, 0), bytesOf('4'))
    expect(world.relayed.map(({ payload }) => textOf(payload))).toEqual(['1', '2'])
    world.fromPeer(relayed, BESIDE, bytesOf('in'))
    world.fromPeer(relayed, OTHER, bytesOf('out'))
    expect(alice.messages().map((message) => textOf(valueOf(message, 'data')))).toEqual(['in'])
    expect(world.server.counts().dropped).toEqual({ 'no-permission': 3 })
  })

  it('T212 last 300 seconds after the last request', () => {
    const { world, alice, relayed } = allocated()
    alice.permit(PEER)
    world.advance(200_000)
    alice.permit(PEER)
    world.advance(299_999)
    world.fromPeer(relayed, PEER, bytesOf('in time'))
    expect(alice.inbox).toHaveLength(1)
    world.nowMs += 1
    world.fromPeer(relayed, PEER, bytesOf('too late'))
    alice.indicate(PEER, bytesOf('too late'))
    expect(alice.inbox).toHaveLength(1)
    expect(world.relayed).toEqual([])
    world.advance(1000)
    expect(world.server.counts().permissions).toBe(0)
  })

  it('T212 are given to all peers of a request or to none', () => {
    const { world, alice } = allocated()
    expect(codeOf(alice.request('createPermission'))).toBe(400)
    expect(alice.permit(PEER, addressOf('10.0.0.1', 1))).toBe(403)
    expect(world.server.counts().permissions).toBe(0)
    expect(alice.permit(PEER, OTHER)).toBe(0)
    expect(world.server.counts().permissions).toBe(2)
  })
})

describe('channels', () => {
  it.each([
    ['below the range', 0x3f_ff, 400],
    ['the first', 0x40_00, 0],
    ['the last of RFC 8656', 0x4f_ff, 0],
    ['the last of RFC 5766', 0x7f_fe, 0],
    ['above the range', 0x7f_ff, 400],
    ['far above', 0xff_ff, 400],
  ])('T213 have numbers that RFC 5766 allowed: %s', (_, number, code) => {
    expect(allocated().alice.bind(number, PEER)).toBe(code)
  })

  it('T213 need a number and a peer with a port', () => {
    const { alice } = allocated()
    const number = { type: 'channel-number', value: 0x40_00 } as const
    expect(codeOf(alice.request('channelBind', [number]))).toBe(400)
    expect(codeOf(alice.request('channelBind', peersOf(PEER)))).toBe(400)
    expect(alice.bind(0x40_00, addressOf(PEER.address, 0))).toBe(400)
  })

  it('T213 bind one peer to one number', () => {
    const { alice } = allocated()
    expect(alice.bind(0x40_00, PEER)).toBe(0)
    expect(alice.bind(0x40_00, PEER)).toBe(0)
    expect(alice.bind(0x40_00, BESIDE)).toBe(400)
    expect(alice.bind(0x40_01, PEER)).toBe(400)
    expect(alice.bind(0x40_01, BESIDE)).toBe(0)
  })

  it('T213 last 600 seconds, their permission 300, and both can be bound anew', () => {
    const { world, alice, relayed } = allocated()
    alice.bind(0x40_00, PEER)
    world.advance(300_000)
    world.fromPeer(relayed, PEER, bytesOf('not permitted'))
    alice.send(channelData(0x40_00, bytesOf('not permitted')))
    expect([alice.inbox.length, world.relayed.length]).toEqual([0, 0])
    expect(alice.permit(PEER)).toBe(0)
    alice.send(channelData(0x40_00, bytesOf('permitted')))
    expect(world.relayed).toHaveLength(1)
    alice.request('refresh')
    world.advance(299_999)
    alice.permit(PEER)
    world.fromPeer(relayed, PEER, bytesOf('by channel'))
    expect(alice.inbox.shift()?.[0]).toBe(0x40)
    world.nowMs += 1
    world.fromPeer(relayed, PEER, bytesOf('by indication'))
    expect(alice.inbox.shift()?.[0]).toBe(0x00)
    alice.send(channelData(0x40_00, bytesOf('unbound')))
    expect(world.relayed).toHaveLength(1)
    alice.challenge()
    expect(alice.bind(0x40_00, BESIDE)).toBe(0)
    expect(alice.bind(0x40_01, PEER)).toBe(0)
    expect(world.server.counts().channels).toBe(2)
  })
})

describe('ChannelData', () => {
  it('T214 with less than its header says is dropped, with more is cut', () => {
    const { world, alice } = allocated()
    alice.bind(0x40_00, PEER)
    alice.send(channelData(0x40_00, bytesOf('abc'), 4))
    alice.send(Uint8Array.of(0x40, 0, 0))
    alice.send(channelData(0x40_00, bytesOf('abcd'), 3))
    alice.send(channelData(0x40_00, bytesOf(''), 0))
    expect(world.relayed.map(({ payload }) => textOf(payload))).toEqual(['abc', ''])
    expect(world.server.counts().dropped).toEqual({ 'wrong-length': 2 })
  })

  it('T214 of a channel or a client that nobody knows is dropped', () => {
    const { world, alice } = allocated()
    alice.send(channelData(0x40_00, bytesOf('x')))
    world.udp('198.51.100.66').send(channelData(0x40_00, bytesOf('x')))
    world.stream().send(channelData(0x40_00, bytesOf('x')))
    expect(world.server.counts().dropped).toEqual({ 'unknown-channel': 1, 'no-allocation': 2 })
  })

  it('T214 is padded to four bytes on streams, and on datagrams is not', () => {
    const world = new TurnWorld()
    for (const client of [world.stream(), world.udp()]) {
      const relayed = client.allocate()
      client.bind(0x40_01, PEER)
      world.fromPeer(relayed, PEER, bytesOf('five!'))
    }
    const [stream, datagram] = [world.stream('tcp', 2), world.udp('198.51.100.7', 2)].map(
      (client) => {
        const relayed = client.allocate()
        client.bind(0x40_01, PEER)
        world.fromPeer(relayed, PEER, bytesOf('five!'))
        return [...(client.inbox[0] ?? [])]
      },
    )
    const plain = [0x40, 0x01, 0, 5, ...bytesOf('five!')]
    expect(datagram).toEqual(plain)
    expect(stream).toEqual([...plain, 0, 0, 0])
  })

  it('T214 carries any payload whole, one after the other, and what was sent stays as it was', () => {
    const { world, alice, relayed } = allocated()
    alice.bind(0x40_00, PEER)
    const payloads = [0, 1, 1200, 65_507, 3, 65_507, 65_507, 65_507, 65_507, 7].map(
      (length, seed) => Uint8Array.from({ length }, (_, at) => at * 31 + seed),
    )
    for (const payload of payloads) {
      world.fromPeer(relayed, PEER, payload)
      alice.send(channelData(0x40_00, payload))
    }
    const arrived = [
      alice.inbox.map((message) => message.subarray(4)),
      world.relayed.map(({ payload }) => payload),
    ]
    for (const list of arrived) {
      const isSame = payloads.map(
        (payload, at) => Buffer.compare(payload, list[at] ?? payload) === 0,
      )
      expect([list.length, new Set(isSame)]).toEqual([payloads.length, new Set([true])])
    }
  })

  it('T224 and requests other than Binding are what TURN takes of a shared port', () => {
    const methods = [
      0x00_01, 0x01_01, 0x00_11, 0x01_11, 0x00_03, 0x00_16, 0x40_00, 0x7f_ff, 0x80_00,
    ]
    const taken = methods.filter((type) => isForTurn(Uint8Array.of(type >> 8, type & 0xff)))
    expect(taken).toEqual([0x00_03, 0x00_16, 0x40_00, 0x7f_ff])
    expect(isForTurn(new Uint8Array())).toBe(false)
    fc.assert(
      fc.property(hostileBytes, (bytes) => {
        expect(typeof isForTurn(bytes)).toBe('boolean')
      }),
    )
  })
})

describe('indications', () => {
  it('T200 carry the peer’s address of either family and its payload', () => {
    const world = new TurnWorld()
    const alice = world.udp()
    const relayed6 = alice.request('allocate', [
      { type: 'requested-transport', value: 17 },
      { type: 'requested-address-family', value: 2 },
    ])
    alice.permit(PEER6)
    world.fromPeer(valueOf(relayed6, 'xor-relayed-address'), PEER6, bytesOf('odd'))
    world.fromPeer(valueOf(relayed6, 'xor-relayed-address'), PEER6, bytesOf(''))
    const [first, second] = alice.messages()
    if (first === undefined || second === undefined) throw new Error('no indications')
    expect(valueOf(first, 'xor-peer-address')).toEqual(PEER6)
    expect([first, second].map((message) => textOf(valueOf(message, 'data')))).toEqual(['odd', ''])
    expect(first.transactionId).not.toEqual(second.transactionId)
  })

  it('T210 with something missing, something unknown or another method get silence', () => {
    const { world, alice } = allocated()
    alice.permit(PEER)
    alice.indicate(PEER, bytesOf('x'), [{ type: 'unknown', code: 0x7f_01, value: bytesOf('') }])
    alice.indicate(PEER, bytesOf('x'), [{ type: 'dont-fragment', value: true }])
    world.udp('198.51.100.66').indicate(PEER, bytesOf('x'))
    expect([alice.inbox, world.relayed]).toEqual([[], []])
    expect(world.server.counts().dropped).toEqual({ 'unknown-attribute': 2, 'no-allocation': 1 })
  })

  it('T209 may forbid fragments where the shell can', () => {
    const { world, alice } = allocated({ canForbidFragments: true })
    alice.permit(PEER)
    alice.indicate(PEER, bytesOf('whole'), [{ type: 'dont-fragment', value: true }])
    alice.indicate(PEER, bytesOf('any'))
    expect(world.relayed.map(({ isUnfragmented }) => isUnfragmented)).toEqual([true, false])
  })

  it('T221 tell of ICMP errors of permitted peers', () => {
    const { world, alice, relayed } = allocated()
    alice.permit(PEER)
    const icmp = { type: 3, code: 4, data: 1400 }
    const relay = world.open.get(`IPv4 ${relayed.port}`)
    relay?.receiveIcmp(icmp, PEER, world.nowMs)
    relay?.receiveIcmp(icmp, OTHER, world.nowMs)
    // A redirect is no error.
    relay?.receiveIcmp({ type: 5, code: 0, data: 0 }, PEER, world.nowMs)
    const [message, ...more] = alice.messages()
    if (message === undefined) throw new Error('no indication')
    expect(valueOf(message, 'icmp')).toEqual(icmp)
    expect(valueOf(message, 'xor-peer-address')).toEqual(PEER)
    expect(more).toEqual([])
  })

  it('T212 larger than any datagram are dropped', () => {
    const { world, alice, relayed } = allocated()
    alice.permit(PEER)
    world.fromPeer(relayed, PEER, new Uint8Array(65_507))
    expect(alice.inbox).toEqual([])
    expect(world.server.counts().dropped).toEqual({ 'too-large': 1 })
  })
})

describe('two clients of one server', () => {
  it.each([[{}], [{ allowedPeers: ['203.0.113.0/24'] }]])(
    'T216 reach each other without leaving it: %o',
    (options) => {
      const world = new TurnWorld(options)
      const alice = world.udp('198.51.100.7', 1)
      const bob = world.udp('198.51.100.8', 1, 'bob')
      const [toAlice, toBob] = [alice.allocate(), bob.allocate()]
      expect(alice.bind(0x40_00, toBob)).toBe(0)
      expect(bob.permit(toAlice)).toBe(0)
      alice.send(channelData(0x40_00, bytesOf('hello')))
      const [hello] = bob.messages()
      if (hello === undefined) throw new Error('nothing came')
      expect(valueOf(hello, 'xor-peer-address')).toEqual(toAlice)
      bob.indicate(toAlice, bytesOf('hello yourself'))
      expect(textOf(alice.inbox.shift()?.subarray(4))).toBe('hello yourself')
      expect(world.relayed).toEqual([])
      expect(world.server.counts()).toMatchObject({
        shortcut: 2,
        toPeers: { packets: 2, bytes: 19 },
      })
    },
  )

  it('T216 need permission from both', () => {
    const world = new TurnWorld()
    const alice = world.udp('198.51.100.7', 1)
    const bob = world.udp('198.51.100.8', 1, 'bob')
    alice.allocate()
    alice.bind(0x40_00, bob.allocate())
    alice.send(channelData(0x40_00, bytesOf('hello')))
    expect([bob.inbox, world.server.counts().dropped]).toEqual([[], { 'no-permission': 1 }])
  })

  it('T216 of different workers reach each other through the network', () => {
    const siblings = { siblingPorts: { first: 50_000, last: 59_999 } }
    const world = new TurnWorld({ relayPorts: { first: 50_000, last: 50_999 }, ...siblings })
    const alice = world.udp()
    alice.allocate()
    alice.bind(0x40_00, addressOf(RELAY_IPV4, 55_555))
    alice.send(channelData(0x40_00, bytesOf('over there')))
    expect(world.relayed.map(({ to }) => to)).toEqual([`${RELAY_IPV4}:55555`])
  })
})

describe('counts', () => {
  it('T226 tell how much and how many, and nobody’s address', () => {
    const { world, alice, relayed } = allocated()
    alice.bind(0x40_00, PEER)
    alice.send(channelData(0x40_00, bytesOf('12345')))
    world.fromPeer(relayed, PEER, bytesOf('123'))
    expect(world.server.counts()).toEqual({
      allocations: 1,
      permissions: 1,
      channels: 1,
      toPeers: { packets: 1, bytes: 5 },
      toClients: { packets: 1, bytes: 3 },
      shortcut: 0,
      dropped: {},
      refused: { 401: 1 },
    })
  })

  it('T225 nothing is due while there is nothing, and once a second while there is', () => {
    const world = new TurnWorld()
    expect(world.server.deadlineMs()).toBeUndefined()
    world.udp().allocate()
    expect(world.server.deadlineMs()).toBe(world.nowMs + 1000)
    world.advance(1000)
    expect(world.server.deadlineMs()).toBe(world.nowMs + 1000)
  })

  it('T222 after close every socket is closed, and nothing is taken', () => {
    const { world, alice, relayed } = allocated()
    const late = new TurnWorld({ holdsRelays: true })
    const bob = late.udp()
    bob.challenge()
    bob.send(bob.sealed('allocate', [{ type: 'requested-transport', value: 17 }]))
    late.server.close()
    late.openHeld()
    expect([late.open.size, bob.inbox]).toEqual([0, []])
    world.server.close()
    expect([world.open.size, world.server.deadlineMs()]).toEqual([0, undefined])
    alice.send(channelData(0x40_00, bytesOf('x')))
    expect(alice.ask('allocate')).toBeUndefined()
    world.fromPeer(relayed, PEER, bytesOf('x'))
    expect(world.server.counts()).toMatchObject({
      allocations: 0,
      dropped: { closed: 1, 'no-allocation': 1 },
    })
  })
})
