// TURN over each way of moving datagrams, as a client meets it: what leaves, what comes back, and what
// the network says.
import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import type { TransportAddress } from '@knothole/traversal'
import { openTraversalServer } from './traversal-server.ts'
import { at, mintTestCredentials, TurnTestClient } from './turn-client.testing.ts'
import { UDP_KINDS } from '../udp/udp-kinds.testing.ts'
import type { UdpKind } from '../udp/udp-network.ts'

const SECRET = 'the secret of a test, long enough'
const ALL_PORTS = { first: 49_152, last: 65_535 }

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

/** At once, but on a machine that is busy elsewhere. */
const SOON = { interval: 1, timeout: 20_000 }

/** A client with an allocation, and where its peers see it. */
async function openClient(udpKind: UdpKind): Promise<[TurnTestClient, TransportAddress]> {
  const server = await openTraversalServer({
    hosts: ['127.0.0.1'],
    udpPorts: [0],
    tcpPorts: [],
    isShared: false,
    udpKind,
    turn: {
      secret: SECRET,
      nonceKey: randomBytes(32),
      relayAddresses: { IPv4: '127.0.0.1' },
      relayPorts: ALL_PORTS,
      siblingPorts: ALL_PORTS,
      allowedPeers: ['127.0.0.0/8'],
      quotas: {},
    },
  })
  cleanups.push(() => server.close())
  expect(server.udpChoice).toEqual({ kind: udpKind, reason: undefined })
  const [place] = server.udp
  if (place === undefined) throw new Error('no socket is open')
  const client = await TurnTestClient.open(place, mintTestCredentials(SECRET, 'alice'))
  cleanups.push(() => client.close())
  const relayed = await client.allocate()
  if (typeof relayed !== 'object') throw new Error(`refused: ${relayed}`)
  return [client, relayed]
}

async function openPeer(): Promise<Socket> {
  const peer = createSocket('udp4')
  peer.bind(0, '127.0.0.1')
  await once(peer, 'listening')
  return peer
}

describe.each(UDP_KINDS)('TURN over UDP %s', (udpKind) => {
  it('R113 carries datagrams of any size both ways', async () => {
    const [client, relayed] = await openClient(udpKind)
    const peer = await openPeer()
    cleanups.push(() => peer.close())
    const place = at('127.0.0.1', peer.address().port)
    expect(await client.permit(place)).toBe(0)
    for (const [count, size] of [0, 1, 1200, 9000, 60_000].entries()) {
      const payload = randomBytes(size)
      const heard = once(peer, 'message') as Promise<[Buffer, { port: number }]>
      client.sendTo(place, payload)
      const [bytes, from] = await heard
      expect(bytes.equals(payload)).toBe(true)
      expect(from.port).toBe(relayed.port)
      peer.send(payload, relayed.port, relayed.address)
      await expect.poll(() => client.heard.length, SOON).toBe(count + 1)
      expect(payload.equals(client.heard[count] ?? Buffer.of(0))).toBe(true)
    }
  })

  it('R113 R114 serves DONT-FRAGMENT', async () => {
    const [client] = await openClient(udpKind)
    const peer = await openPeer()
    cleanups.push(() => peer.close())
    const place = at('127.0.0.1', peer.address().port)
    expect(await client.permit(place)).toBe(0)
    const heard = once(peer, 'message') as Promise<[Buffer]>
    client.sendTo(place, new Uint8Array(1000), [{ type: 'dont-fragment', value: true }])
    expect((await heard)[0]).toHaveLength(1000)
  })
})

describe.skipIf(!UDP_KINDS.includes('batched'))('TURN over UDP batched alone', () => {
  it('R114 tells the client of a peer that ICMP calls unreachable', async () => {
    const [client] = await openClient('batched')
    const peer = await openPeer()
    const place = at('127.0.0.1', peer.address().port)
    peer.close()
    await once(peer, 'close')
    expect(await client.permit(place)).toBe(0)
    client.sendTo(place, new Uint8Array(10))
    await expect
      .poll(() => client.refused, SOON)
      .toEqual([{ icmp: { type: 3, code: 3, data: 0 }, peer: place }])
  })
})
