import { createSocket } from 'node:dgram'
import type { RemoteInfo, Socket } from 'node:dgram'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { decodeMessage, encodeMessage, STUN_METHODS, toTransportAddress } from '@knothole/traversal'
import type { StunMessage, TransportAddress } from '@knothole/traversal'
import { openTraversalServer } from './traversal-server.ts'
import type { TraversalServer } from './traversal-server.ts'
import { UDP_KINDS } from '../udp/udp-kinds.testing.ts'
import type { UdpKind } from '../udp/udp-network.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

async function openServer(hosts: readonly string[], udpKind: UdpKind): Promise<TraversalServer> {
  const options = { hosts, udpPorts: [0], tcpPorts: [], isShared: false, udpKind }
  const server = await openTraversalServer(options)
  cleanups.push(() => server.close())
  return server
}

/** Whom a client's NAT lets in: the filtering of RFC 4787, section 5. */
type Filtering = 'endpoint-independent' | 'address-dependent' | 'address-and-port-dependent'

/** A browser behind a NAT: asks for its place, and answers Binding requests with an error, as they do. */
class Client {
  readonly socket: Socket = createSocket('udp4')
  readonly probes: { readonly bytes: Buffer; readonly from: RemoteInfo }[] = []
  readonly #filtering: Filtering
  readonly #sentTo = new Set<string>()

  constructor(filtering: Filtering) {
    this.#filtering = filtering
    this.socket.on('message', (bytes, from) => this.#receive(bytes, from))
    cleanups.push(() => this.socket.close())
  }

  async bind(): Promise<this> {
    this.socket.bind(0, '127.0.0.1')
    await once(this.socket, 'listening')
    return this
  }

  get place(): TransportAddress {
    const place = toTransportAddress('127.0.0.1', this.socket.address().port)
    if (place === null) throw new Error('not bound')
    return place
  }

  async ask({ address, port }: TransportAddress): Promise<void> {
    this.#sentTo.add(address).add(`${address} ${port}`)
    const transactionId = randomBytes(12)
    const heard = once(this.socket, 'message')
    this.socket.send(
      encodeMessage({
        class: 'request',
        method: STUN_METHODS.binding,
        transactionId,
        attributes: [],
      }),
      port,
      address,
    )
    await heard
  }

  #receive(bytes: Buffer, from: RemoteInfo): void {
    const decoded = decodeMessage(bytes)
    if (decoded.type === 'refused' || decoded.message.class !== 'request') return
    this.probes.push({ bytes, from })
    if (!this.#letsIn(from)) return
    const refusal: StunMessage = {
      class: 'error',
      method: STUN_METHODS.binding,
      transactionId: decoded.message.transactionId,
      attributes: [{ type: 'error-code', value: { code: 400, reason: '' } }],
    }
    this.socket.send(encodeMessage(refusal), from.port, from.address)
  }

  #letsIn({ address, port }: RemoteInfo): boolean {
    switch (this.#filtering) {
      case 'endpoint-independent':
        return true
      case 'address-dependent':
        return this.#sentTo.has(address)
      case 'address-and-port-dependent':
        return this.#sentTo.has(`${address} ${port}`)
    }
  }
}

function refusal(transactionId: Uint8Array): Uint8Array {
  return encodeMessage({ class: 'error', method: 1, transactionId, attributes: [] })
}

function first({ udp }: TraversalServer): TransportAddress {
  const [address] = udp
  if (address === undefined) throw new Error('no socket is open')
  return address
}

const kinds = process.platform === 'linux' ? UDP_KINDS : []

describe.each(kinds)('the filtering probe over UDP %s', (udpKind) => {
  it.each<[Filtering, object]>([
    ['endpoint-independent', { otherAddress: 'answered', otherPort: 'answered' }],
    ['address-dependent', { otherAddress: 'silent', otherPort: 'answered' }],
    ['address-and-port-dependent', { otherAddress: 'silent', otherPort: 'silent' }],
  ])('R106 tells %s filtering, with two addresses', async (filtering, verdicts) => {
    const server = await openServer(['127.0.0.1', '127.0.0.2'], udpKind)
    const client = await new Client(filtering).bind()
    await client.ask(first(server))
    expect(await server.probe(client.place)).toEqual(verdicts)
  })

  it('R106 says what one address cannot test', async () => {
    const server = await openServer(['127.0.0.1'], udpKind)
    const client = await new Client('endpoint-independent').bind()
    await client.ask(first(server))
    const verdicts = { otherAddress: 'untested', otherPort: 'answered' }
    expect(await server.probe(client.place)).toEqual(verdicts)
  })

  it('R106 takes no address for another that the peer has sent to itself', async () => {
    const server = await openServer(['127.0.0.1', '127.0.0.2'], udpKind)
    const client = await new Client('address-dependent').bind()
    for (const address of server.udp) await client.ask(address)
    const verdicts = { otherAddress: 'untested', otherPort: 'answered' }
    expect(await server.probe(client.place)).toEqual(verdicts)
  })

  it('R106 sends nothing to a place that it has not just told somebody', async () => {
    const server = await openServer(['127.0.0.1', '127.0.0.2'], udpKind)
    const client = await new Client('endpoint-independent').bind()
    const other = await new Client('endpoint-independent').bind()
    await other.ask(first(server))
    expect(await server.probe(client.place)).toBeUndefined()
    expect(await server.probe(other.place)).toBeDefined()
    expect(client.probes).toEqual([])
  })

  it('R106 sends few small packets, with a FINGERPRINT, from ports that nobody is told', async () => {
    const server = await openServer(['127.0.0.1', '127.0.0.2'], udpKind)
    const client = await new Client('address-and-port-dependent').bind()
    await client.ask(first(server))
    await server.probe(client.place)
    expect(client.probes).toHaveLength(6)
    const told = server.udp.map(({ address, port }) => `${address} ${port}`)
    for (const { bytes, from } of client.probes) {
      expect(bytes.length).toBe(28)
      const decoded = decodeMessage(bytes)
      expect(decoded.type === 'message' && decoded.message.hasFingerprint).toBe(true)
      expect(told).not.toContain(`${from.address} ${from.port}`)
    }
  })

  it('R106 believes no answer that comes from elsewhere or to another question', async () => {
    const server = await openServer(['127.0.0.1'], udpKind)
    const client = await new Client('address-and-port-dependent').bind()
    const liar = await new Client('endpoint-independent').bind()
    await client.ask(first(server))
    const verdicts = server.probe(client.place)
    await expect.poll(() => client.probes.length, { interval: 5 }).toBeGreaterThan(0)
    const [probe] = client.probes
    if (probe === undefined) throw new Error('a probe has come')
    const { port, address } = probe.from
    liar.socket.send(refusal(probe.bytes.subarray(8, 20)), port, address)
    client.socket.send(refusal(randomBytes(12)), port, address)
    expect(await verdicts).toMatchObject({ otherPort: 'silent' })
  })
})
