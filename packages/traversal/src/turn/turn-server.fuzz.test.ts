import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { parseTransportAddress } from '../address.ts'
import type { StunAttribute } from '../stun/stun-attributes.ts'
import {
  anyAttribute,
  anyTransportAddress,
  hostileBytes,
} from '../stun/stun-arbitraries.testing.ts'
import { createPeerPolicy } from './turn-peer-policy.ts'
import type { Method, TestClient } from './turn-world.testing.ts'
import {
  RELAY_IPV4,
  RELAY_IPV6,
  TurnWorld,
  UDP,
  addressOf,
  channelData,
  codeOf,
} from './turn-world.testing.ts'

const QUOTAS = {
  allocations: 6,
  allocationsPerUser: 4,
  allocationsPerAddress: 5,
  permissionsPerAllocation: 3,
  channelsPerAllocation: 3,
}
const BOTH: StunAttribute = { type: 'additional-address-family', value: 2 }
const PORTS = { first: 50_000, last: 50_008 }
const PEERS = [
  addressOf('192.0.2.9', 5000),
  addressOf('192.0.2.9', 5001),
  addressOf('192.0.2.10', 1),
  addressOf('2001:db8::9', 7),
  addressOf('203.0.113.1', 50_003),
  addressOf('10.0.0.1', 80),
]

const anyPeer = fc.oneof(fc.constantFrom(...PEERS), anyTransportAddress)
const turnAttribute: fc.Arbitrary<StunAttribute> = fc.oneof(
  fc.constant(UDP),
  fc.record({ type: fc.constant('xor-peer-address' as const), value: anyPeer }),
  fc.record({
    type: fc.constant('channel-number' as const),
    value: fc.oneof(fc.integer({ min: 0x40_00, max: 0x40_04 }), fc.nat(0xff_ff)),
  }),
  fc.record({
    type: fc.constant('lifetime' as const),
    value: fc.constantFrom(0, 1, 600, 0xff_ff_ff_ff),
  }),
  fc.record({
    type: fc.constantFrom(
      'requested-address-family' as const,
      'additional-address-family' as const,
      'requested-transport' as const,
    ),
    value: fc.constantFrom(0, 1, 2, 6, 17, 255),
  }),
  fc.record({ type: fc.constant('even-port' as const), value: fc.boolean() }),
  fc.record({
    type: fc.constant('data' as const),
    value: fc.uint8Array({ maxLength: 40 }),
  }),
  fc.record({
    type: fc.constant('reservation-token' as const),
    value: fc.uint8Array({ minLength: 8, maxLength: 8 }),
  }),
  anyAttribute,
)

type Step = (world: TurnWorld, clients: readonly TestClient[]) => void

const method = fc.constantFrom<Method>('allocate', 'refresh', 'createPermission', 'channelBind')
const anyClient = fc.nat(4)

/** What strangers can do: everything but know a password. */
const strangeStep: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(anyClient, hostileBytes).map<Step>(([who, bytes]) => (_, clients) => {
    clients[who]?.send(bytes)
  }),
  fc.tuple(hostileBytes, anyTransportAddress).map<Step>(([bytes, from]) => (world) => {
    world.receive(bytes, from)
  }),
  fc
    .tuple(anyClient, method, fc.array(turnAttribute, { maxLength: 5 }))
    .map<Step>(([who, name, attributes]) => (_, clients) => {
      const client = clients[who]
      client?.send(client.sealed(name, attributes, { password: 'guessed' }))
    }),
  fc
    .tuple(anyClient, fc.nat(0xff_ff), fc.uint8Array({ maxLength: 30 }), fc.nat(40))
    .map<Step>(([who, number, payload, length]) => (_, clients) => {
      clients[who]?.send(channelData(number, payload, length))
    }),
  fc
    .tuple(anyPeer, fc.nat(8), fc.uint8Array({ maxLength: 30 }))
    .map<Step>(([peer, at, payload]) => (world) => {
      for (const ip of ['203.0.113.1', '2001:db8::1']) {
        world.fromPeer(addressOf(ip, 50_000 + at), peer, payload)
      }
    }),
  fc.nat(700_000).map<Step>((ms) => (world) => world.advance(ms)),
)

/** What users can do besides: whatever they like. */
const userStep: fc.Arbitrary<Step> = fc
  .tuple(anyClient, method, fc.array(turnAttribute, { maxLength: 5 }), fc.boolean())
  .map(([who, name, attributes, hasTransport]) => (_, clients) => {
    const client = clients[who]
    if (client === undefined) return
    client.challenge()
    client.send(client.sealed(name, hasTransport ? [UDP, ...attributes] : attributes))
  })

/** What users do when they mean well, in any order. */
const politeStep: fc.Arbitrary<Step> = fc
  .tuple(anyClient, fc.constantFrom(...PEERS), fc.nat(5))
  .map(([who, peer, deed]) => (_, clients) => {
    const client = clients[who]
    if (client === undefined) return
    client.challenge()
    const channel = 0x40_00 + (peer.port % 4)
    const deeds = [
      () => client.request('allocate', [UDP]),
      () => client.request('allocate', [UDP, BOTH]),
      () => client.permit(peer),
      () => client.bind(channel, peer),
      () => client.indicate(peer, Uint8Array.of(1, 2, 3)),
      () => client.send(channelData(channel, Uint8Array.of(4))),
    ]
    deeds[deed]?.()
  })
const anyStep = fc.oneof(strangeStep, userStep, politeStep, politeStep, politeStep)

function clientsOf(world: TurnWorld): TestClient[] {
  return [
    world.udp('198.51.100.7', 1),
    world.udp('198.51.100.7', 2),
    world.udp('2001:db8:9::1', 3, 'bob'),
    world.stream('tcp', 4),
    world.stream('tls', 5),
  ]
}

function worldOf(portsTaken: readonly number[]): TurnWorld {
  return new TurnWorld({
    quotas: QUOTAS,
    relayPorts: PORTS,
    isPortTaken: (port) => portsTaken.includes(port),
  })
}

describe('the whole server', () => {
  it('T219 does not throw and opens nothing for strangers, whatever they send', () => {
    fc.assert(
      fc.property(fc.array(strangeStep, { maxLength: 60 }), (steps) => {
        const world = worldOf([])
        const clients = clientsOf(world)
        for (const step of steps) step(world, clients)
        expect(world.asked).toEqual([])
        expect(world.relayed).toEqual([])
        expect(world.server.counts()).toMatchObject({ allocations: 0, permissions: 0, channels: 0 })
        expect(world.server.deadlineMs()).toBeUndefined()
      }),
      { numRuns: 300 },
    )
  })

  it('T219 stays within its quotas and gives everything back, whatever users send', () => {
    fc.assert(
      fc.property(
        fc.array(anyStep, { maxLength: 80 }),
        fc.array(fc.integer({ min: 50_000, max: 50_008 }), { maxLength: 4 }),
        (steps, portsTaken) => {
          const world = worldOf(portsTaken)
          const clients = clientsOf(world)
          for (const step of steps) {
            step(world, clients)
            const { allocations, permissions, channels } = world.server.counts()
            expect(allocations).toBeLessThanOrEqual(QUOTAS.allocations)
            // With both families an allocation has two sockets.
            expect(world.open.size).toBeLessThanOrEqual(2 * QUOTAS.allocations)
            expect(permissions).toBeLessThanOrEqual(3 * allocations)
            expect(channels).toBeLessThanOrEqual(3 * allocations)
          }
          for (let second = 0; second < 2; second++) world.advance(3_600_000)
          expect(world.open.size).toBe(0)
          expect(world.server.deadlineMs()).toBeUndefined()
          const [alice] = clients
          alice?.challenge()
          // 508: ports that others hold may be hit ten times running.
          expect([0, 508]).toContain(alice && codeOf(alice.request('allocate', [UDP])))
        },
      ),
      { numRuns: 300 },
    )
  })

  it('T215 T219 sends nothing to peers that are refused, whatever users send', () => {
    const policy = createPeerPolicy({
      relayAddresses: { IPv4: RELAY_IPV4, IPv6: RELAY_IPV6 },
      siblingPorts: PORTS,
    })
    let sent = 0
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 80 }), (steps) => {
        const world = worldOf([])
        const clients = clientsOf(world)
        for (const step of steps) {
          step(world, clients)
          for (const client of clients) {
            for (const peer of PEERS) client.indicate(peer, Uint8Array.of(1))
          }
        }
        sent += world.relayed.length
        for (const { to } of world.relayed) {
          const peer = parseTransportAddress(to)
          const isSibling = to.startsWith(RELAY_IPV4) || to.startsWith(`[${RELAY_IPV6}]`)
          expect(peer && policy.reach(peer)).toBe(isSibling ? 'siblings' : 'all')
          expect(!isSibling || (peer !== null && isInRange(peer.port))).toBe(true)
        }
      }),
      // Few draws get as far as sending anything: of 100 none did once in some forty times.
      { numRuns: 600 },
    )
    expect(sent).toBeGreaterThan(0)
  })
})

function isInRange(port: number): boolean {
  return port >= PORTS.first && port <= PORTS.last
}
