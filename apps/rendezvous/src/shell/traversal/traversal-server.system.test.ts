import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { promisify } from 'node:util'

import type { ReceivedStunMessage, StunSeal, TransportAddress } from '@knothole/traversal'
import { STUN_METHODS, attributeValue, decodeMessage, encodeMessage } from '@knothole/traversal'
import { afterEach, describe, expect, it } from 'vitest'

import type { TraversalHooks, TraversalOptions, TraversalServer } from './traversal-server.ts'
import { openTraversalServer } from './traversal-server.ts'
import { UDP_KINDS } from '../udp/udp-kinds.testing.ts'
import type { UdpKind } from '../udp/udp-network.ts'

const run = promisify(execFile)
const STUN_CLIENT = '/usr/bin/turnutils_stunclient'
const LOOPBACKS = ['127.0.0.1', '::1'] as const

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

/** Why a test at `host` cannot run here, if so. */
function lacking(host: string): string | undefined {
  const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? [])
  const isThere = addresses.some(({ address }) => address === host)
  return isThere ? undefined : `this machine has no address ${host}`
}

interface StunOptions extends TraversalHooks {
  readonly hosts: readonly string[]
  readonly ports: readonly number[]
  readonly udpKind: UdpKind
}

const optionsOf = ({ hosts, ports, udpKind }: StunOptions): TraversalOptions => ({
  hosts,
  udpKind,
  udpPorts: ports,
  tcpPorts: [],
  isShared: false,
})

async function openStun(options: StunOptions): Promise<TraversalServer> {
  const stun = await openTraversalServer(optionsOf(options), options)
  cleanups.push(() => stun.close())
  return stun
}

/** A plain UDP socket to ask from. */
async function openClient(host: string): Promise<Socket> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
  cleanups.push(
    () =>
      new Promise<void>((resolve) => {
        socket.close(resolve)
      }),
  )
  socket.bind(0, host)
  await once(socket, 'listening')
  return socket
}

function bindingRequest(seal: StunSeal = {}): Uint8Array {
  const transactionId = randomBytes(12)
  const method = STUN_METHODS.binding
  return encodeMessage({ class: 'request', method, transactionId, attributes: [] }, seal)
}

interface Reply {
  readonly message: ReceivedStunMessage
  readonly from: { readonly address: string; readonly port: number }
}

async function ask(client: Socket, server: TransportAddress, request: Uint8Array): Promise<Reply> {
  const replied = once(client, 'message') as Promise<[Buffer, Reply['from']]>
  client.send(request, server.port, server.address)
  const [bytes, { address, port }] = await replied
  const result = decodeMessage(bytes)
  if (result.type === 'refused') throw new Error(`not an answer: ${result.reason}`)
  expect(result.message.transactionId).toEqual(request.subarray(8, 20))
  return { message: result.message, from: { address, port } }
}

function first(stun: TraversalServer): TransportAddress {
  const [address] = stun.udp
  if (address === undefined) throw new Error('no socket is open')
  return address
}

describe.each(UDP_KINDS)('STUN over UDP %s', (udpKind) => {
  it.for(LOOPBACKS)(
    'T15 tells a client at %s the address it asked from',
    async (host, { skip }) => {
      skip(lacking(host) !== undefined, lacking(host))
      const stun = await openStun({ hosts: [host], ports: [0, 0], udpKind })
      expect(stun.udp).toHaveLength(2)
      const client = await openClient(host)
      for (const server of stun.udp) {
        const { message, from } = await ask(client, server, bindingRequest())
        expect(message.class).toBe('success')
        expect(attributeValue(message, 'xor-mapped-address')).toEqual({
          family: isIPv6(host) ? 'IPv6' : 'IPv4',
          address: host,
          port: client.address().port,
        })
        expect(from).toEqual({ address: server.address, port: server.port })
      }
      expect(stun.counts().stun).toEqual({ answered: 2, unsent: 0, silent: {} })
    },
  )

  it('T15 answers from the address that was asked, of several', async ({ skip }) => {
    skip(process.platform !== 'linux', 'only Linux has all of 127.0.0.0/8')
    const stun = await openStun({ hosts: ['127.0.0.1', '127.0.0.2'], ports: [0], udpKind })
    const client = await openClient('0.0.0.0')
    for (const server of stun.udp) {
      const { from } = await ask(client, server, bindingRequest())
      expect(from).toEqual({ address: server.address, port: server.port })
    }
  })

  it('T16 answers with a FINGERPRINT who asked with one', async () => {
    const stun = await openStun({ hosts: ['127.0.0.1'], ports: [0], udpKind })
    const client = await openClient('127.0.0.1')
    const plain = await ask(client, first(stun), bindingRequest())
    const printed = await ask(client, first(stun), bindingRequest({ fingerprint: true }))
    expect(plain.message.hasFingerprint).toBe(false)
    expect(printed.message.hasFingerprint).toBe(true)
  })

  it('T18 says nothing to garbage, counts it, and goes on', async () => {
    const stun = await openStun({ hosts: ['127.0.0.1'], ports: [0], udpKind })
    const client = await openClient('127.0.0.1')
    const { port, address } = first(stun)
    const garbage = [new Uint8Array(0), randomBytes(60_000), new Uint8Array(20)]
    for (const bytes of garbage) client.send(bytes, port, address)
    await ask(client, first(stun), bindingRequest())
    const { answered, silent } = stun.counts().stun
    expect(answered).toBe(1)
    expect(silent).toEqual({ 'too-short': 1, 'too-long': 1, 'not-stun': 1 })
  })

  it('T20 shares one rate limit between its sockets', async () => {
    const limits = { burst: 1, perSecond: 0.001, maxSources: 10 }
    const stun = await openStun({ hosts: ['127.0.0.1'], ports: [0, 0], limits, udpKind })
    const client = await openClient('127.0.0.1')
    await ask(client, first(stun), bindingRequest())
    for (const { port, address } of stun.udp) client.send(bindingRequest(), port, address)
    await expect.poll(() => stun.counts().stun.silent).toEqual({ 'rate-limited': 2 })
    expect(stun.counts().stun.answered).toBe(1)
  })

  it('serves both families on the same port', async ({ skip }) => {
    skip(lacking('::1') !== undefined, lacking('::1'))
    const ipv6 = await openStun({ hosts: ['::'], ports: [0], udpKind })
    const { port } = first(ipv6)
    const ipv4 = await openStun({ hosts: ['0.0.0.0'], ports: [port], udpKind })
    for (const [host, stun] of [
      ['127.0.0.1', ipv4],
      ['::1', ipv6],
    ] as const) {
      const client = await openClient(host)
      const family = isIPv6(host) ? 'IPv6' : 'IPv4'
      const { message } = await ask(client, { family, address: host, port }, bindingRequest())
      expect(attributeValue(message, 'xor-mapped-address')).toMatchObject({ family, address: host })
      expect(stun.counts().stun.answered).toBe(1)
    }
  })

  it('close leaves the ports free', async () => {
    const stun = await openStun({ hosts: ['127.0.0.1'], ports: [0], udpKind })
    const { port } = first(stun)
    await Promise.all([stun.close(), stun.close()])
    const again = await openStun({ hosts: ['127.0.0.1'], ports: [port], udpKind })
    expect(first(again)).toMatchObject({ address: '127.0.0.1', port })
  })
})

describe.each(UDP_KINDS)('STUN sockets of UDP %s that cannot be opened', (udpKind) => {
  it('a port in use is named with its remedy, and no other socket stays open', async () => {
    const other = await openStun({ hosts: ['127.0.0.1'], ports: [0], udpKind })
    const free = await openStun({ hosts: ['127.0.0.1'], ports: [0], udpKind })
    await free.close()
    const taken = first(other).port
    const ports = [first(free).port, taken]
    await expect(
      openTraversalServer(optionsOf({ hosts: ['127.0.0.1'], ports, udpKind })),
    ).rejects.toMatchObject({
      name: 'ListenError',
      code: 'port-in-use',
      message: expect.stringMatching(
        new RegExp(`UDP port ${taken} on 127\\.0\\.0\\.1 is in use .* choose other STUN ports`),
      ),
    })
    const reopened = await openStun({ hosts: ['127.0.0.1'], ports: [first(free).port], udpKind })
    expect(reopened.udp).toHaveLength(1)
  })

  it('an address that is not of this machine is an error', async () => {
    await expect(
      openTraversalServer(optionsOf({ hosts: ['192.0.2.1'], ports: [0], udpKind })),
    ).rejects.toMatchObject({
      code: 'no-such-address',
      message: expect.stringContaining('192.0.2.1'),
    })
  })

  it('no host or no port is an error', async () => {
    await expect(
      openTraversalServer(optionsOf({ hosts: [], ports: [0], udpKind })),
    ).rejects.toMatchObject({
      code: 'nothing-to-listen-on',
    })
  })
})

describe.each(UDP_KINDS)('foreign STUN clients over UDP %s', (udpKind) => {
  it.for(LOOPBACKS)("coturn's turnutils_stunclient is content at %s", async (host, { skip }) => {
    skip(lacking(host) !== undefined, lacking(host))
    skip(!existsSync(STUN_CLIENT), `${STUN_CLIENT} is missing: apt-get install coturn`)
    const stun = await openStun({ hosts: [host], ports: [0], udpKind })
    const { stdout } = await run(STUN_CLIENT, ['-p', String(first(stun).port), host])
    expect(stdout).toMatch(new RegExp(`reflexive addr: .*${host}`, 'i'))
    expect(stun.counts().stun.answered).toBeGreaterThan(0)
  })
})
