// What every way of moving datagrams must do; what only one can is in a part of its own.
import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { randomBytes } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import type { TurnIcmp, TurnRemote } from '@knothole/traversal'
import { openUdp } from './udp.ts'
import { UDP_KINDS } from './udp-kinds.testing.ts'
import type { UdpKind, UdpNetwork, UdpReceiver, UdpSocket } from './udp-network.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? [])
const HOSTS = ['127.0.0.1', '::1'].filter((host) => addresses.some((one) => one.address === host))

interface Heard {
  readonly bytes: Buffer
  readonly remote: TurnRemote
}

/** A socket under test and what came to it. */
interface Box {
  readonly socket: UdpSocket
  readonly heard: Heard[]
  readonly refused: (readonly [TurnIcmp, TurnRemote])[]
}

async function openNetwork(kind: UdpKind): Promise<UdpNetwork> {
  const { udp } = await openUdp(kind)
  expect(udp.kind).toBe(kind)
  cleanups.push(() => udp.close())
  return udp
}

/** `onHeard` is called with what is lent. */
async function openBox(
  udp: UdpNetwork,
  host: string,
  onHeard: (box: Box, datagram: Uint8Array, remote: TurnRemote) => void = () => {},
): Promise<Box> {
  const heard: Heard[] = []
  const refused: Box['refused'] = []
  const receiver: UdpReceiver = {
    received(datagram, remote) {
      heard.push({ bytes: Buffer.from(datagram), remote })
      onHeard(box, datagram, remote)
    },
    refused: (icmp, remote) => refused.push([icmp, remote]),
  }
  const socket = await udp.bind({ host, port: 0 }, receiver)
  const box: Box = { socket, heard, refused }
  cleanups.push(() => socket.close())
  return box
}

async function openPlain(host: string): Promise<Socket> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  socket.bind(0, host)
  await once(socket, 'listening')
  return socket
}

/** At once, but on a machine that is busy elsewhere. */
const SOON = { interval: 1, timeout: 20_000 }

const SIZES = [0, 1, 4, 1200, 1472, 9000, 65_507]

describe.each(UDP_KINDS)('UDP %s', (kind) => {
  it.each(HOSTS)(
    'R113 carries datagrams of any size at %s, from whom they are from',
    async (host) => {
      const udp = await openNetwork(kind)
      const alice = await openBox(udp, host)
      const bob = await openBox(udp, host)
      expect(bob.socket.address).toMatchObject({ address: host })
      for (const [count, size] of SIZES.entries()) {
        const bytes = randomBytes(size)
        alice.socket.send(bytes, bob.socket.address)
        await expect.poll(() => bob.heard.length, SOON).toBe(count + 1)
        const { address, port } = alice.socket.address
        expect(bob.heard[count]?.bytes.equals(bytes)).toBe(true)
        expect(bob.heard[count]?.remote).toMatchObject({ address, port })
      }
    },
  )

  it('R113 keeps the order of each socket, of many that send at once', async () => {
    const udp = await openNetwork(kind)
    const senders = await Promise.all([1, 2, 3, 4, 5].map(() => openBox(udp, '127.0.0.1')))
    const bob = await openBox(udp, '127.0.0.1')
    for (let number = 0; number < 40; number++) {
      for (const { socket } of senders) socket.send(Uint8Array.of(number), bob.socket.address)
    }
    await expect.poll(() => bob.heard.length, SOON).toBe(200)
    for (const { socket } of senders) {
      const his = bob.heard.filter(({ remote }) => remote.port === socket.address.port)
      expect(his.map(({ bytes }) => bytes[0])).toEqual(Array.from({ length: 40 }, (_, n) => n))
    }
  })

  it('R113 sends on what it lends, unchanged, hundreds at once', async () => {
    const udp = await openNetwork(kind)
    const carol = await openBox(udp, '127.0.0.1')
    const bob = await openBox(udp, '127.0.0.1', ({ socket }, datagram) => {
      socket.send(datagram.subarray(4), carol.socket.address)
    })
    const alice = await openPlain('127.0.0.1')
    cleanups.push(() => alice.close())
    const sent = Array.from({ length: 150 }, () => randomBytes(600))
    for (const bytes of sent) alice.send(bytes, bob.socket.address.port, '127.0.0.1')
    await expect.poll(() => carol.heard.length, SOON).toBe(sent.length)
    const want = sent.map((bytes) => bytes.toString('hex', 4))
    expect(carol.heard.map(({ bytes }) => bytes.toString('hex'))).toEqual(want)
  })

  it('R113 says what was sent, and what was not', async () => {
    const udp = await openNetwork(kind)
    const { socket } = await openBox(udp, '127.0.0.1')
    const told: boolean[] = []
    const done = (isSent: boolean): void => void told.push(isSent)
    socket.send(new Uint8Array(10), socket.address, done)
    await expect.poll(() => told, SOON).toEqual([true])
    // Nothing carries so much; nobody is at the address of another family.
    socket.send(new Uint8Array(65_508), socket.address, done)
    await expect.poll(() => told, SOON).toEqual([true, false])
    socket.send(new Uint8Array(10), { address: '2001:db8::1', port: 1 }, done)
    await expect.poll(() => told, SOON).toEqual([true, false, false])
  })

  it('R113 frees the port when closed, also from within what it brought', async () => {
    const udp = await openNetwork(kind)
    const bob = await openBox(udp, '127.0.0.1', ({ socket }) => void socket.close())
    const alice = await openPlain('127.0.0.1')
    cleanups.push(() => alice.close())
    const { port } = bob.socket.address
    for (let time = 0; time < 10; time++) alice.send('x', port, '127.0.0.1')
    await expect.poll(() => bob.heard.length, SOON).toBe(1)
    const again = createSocket('udp4')
    cleanups.push(() => again.close())
    again.bind(port, '127.0.0.1')
    await once(again, 'listening')
    expect(bob.heard).toHaveLength(1)
  })

  it('R115 a closed socket is no other that has its number now', async () => {
    const udp = await openNetwork(kind)
    const bob = await openBox(udp, '127.0.0.1')
    const old = await openBox(udp, '127.0.0.1')
    await old.socket.close()
    const next = await openBox(udp, '127.0.0.1')
    const told: boolean[] = []
    old.socket.send(Uint8Array.of(1), bob.socket.address, (isSent) => void told.push(isSent))
    await old.socket.close()
    expect(told).toEqual([false])
    next.socket.send(Uint8Array.of(2), bob.socket.address)
    await expect.poll(() => bob.heard.map(({ bytes }) => bytes[0]), SOON).toEqual([2])
  })

  it('R113 says why a port is not to be had', async () => {
    const udp = await openNetwork(kind)
    const taken = await openPlain('127.0.0.1')
    cleanups.push(() => taken.close())
    const receiver: UdpReceiver = { received: () => {} }
    const { port } = taken.address()
    const bound = udp.bind({ host: '127.0.0.1', port }, receiver)
    await expect(bound).rejects.toMatchObject({ name: 'ListenError', code: 'port-in-use' })
    const elsewhere = udp.bind({ host: '192.0.2.1', port: 0 }, receiver)
    await expect(elsewhere).rejects.toMatchObject({ code: 'no-such-address' })
  })

  it('R115 stands any bytes from anybody while sockets come and go', async () => {
    const udp = await openNetwork(kind)
    const echo = await openBox(udp, '127.0.0.1', ({ socket }, datagram, remote) => {
      socket.send(datagram, remote)
    })
    const strangers = await Promise.all([1, 2, 3].map(() => openPlain('127.0.0.1')))
    for (const stranger of strangers) cleanups.push(() => stranger.close())
    const alice = await openBox(udp, '127.0.0.1')
    for (let round = 0; round < 30; round++) {
      const passing = await openBox(udp, '127.0.0.1')
      for (const stranger of strangers) {
        const noise = randomBytes((round * 997) % 3000)
        stranger.send(noise, echo.socket.address.port, '127.0.0.1')
        stranger.send(noise, passing.socket.address.port, '127.0.0.1')
      }
      const bytes = randomBytes(1 + round * 40)
      alice.socket.send(bytes, echo.socket.address)
      passing.socket.send(bytes, { address: '127.0.0.1', port: 1 })
      await passing.socket.close()
      await expect.poll(() => alice.heard.length, SOON).toBe(round + 1)
      expect(alice.heard[round]?.bytes.equals(bytes)).toBe(true)
    }
  })
})

describe.skipIf(!UDP_KINDS.includes('batched'))('UDP batched alone', () => {
  it.each([
    ['127.0.0.1', { type: 3, code: 3, data: 0 }],
    ['::1', { type: 1, code: 4, data: 0 }],
  ])('R114 tells which destination ICMP refused, at %s', async (host, icmp) => {
    if (!HOSTS.includes(host)) return
    const udp = await openNetwork('batched')
    const box = await openBox(udp, host)
    const closed = await openPlain(host)
    const { port } = closed.address()
    closed.close()
    await once(closed, 'close')
    box.socket.send(new Uint8Array(10), { address: host, port })
    await expect.poll(() => box.refused, SOON).toEqual([[icmp, { address: host, port }]])
    // The error is the destination's, not the socket's.
    box.socket.send(Uint8Array.of(1), box.socket.address)
    box.socket.sendUnfragmented(Uint8Array.of(2), box.socket.address)
    await expect.poll(() => box.heard.length, SOON).toBe(2)
    expect(box.heard.map(({ bytes }) => bytes[0])).toEqual([1, 2])
  })

  it('R113 leaves timers, other sockets and turns of the loop their time', async () => {
    const udp = await openNetwork('batched')
    const box = await openBox(udp, '127.0.0.1', ({ socket }, datagram) => {
      socket.send(datagram, socket.address)
    })
    // One datagram that goes round for ever.
    box.socket.send(Uint8Array.of(1), box.socket.address)
    const plain = await openPlain('127.0.0.1')
    cleanups.push(() => plain.close())
    for (let round = 0; round < 5; round++) {
      const heard = once(plain, 'message')
      await new Promise((resolve) => setTimeout(resolve, 1))
      await new Promise((resolve) => setImmediate(resolve))
      plain.send('x', plain.address().port, '127.0.0.1')
      await heard
    }
    expect(box.heard.length).toBeGreaterThan(5)
  })
})
