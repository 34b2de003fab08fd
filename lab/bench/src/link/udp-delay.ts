/**
 * A distance between two WebRTC endpoints of this machine: each endpoint appears to the other at a port
 * of ours, and every packet between the two waits half a round trip here. Reorders nothing, and hands on
 * no more at once than an endpoint has room for, so that it loses nothing either.
 */
import type { Socket } from 'node:dgram'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'

/** A host candidate over UDP, up to its port (RFC 8839, section 5.1). */
const HOST_CANDIDATE = /(candidate:\S+ \d udp \d+ )([\d.]+|[\da-f:]+) (\d+)( typ host)/gi

/** The discard port (RFC 863): nobody answers there. */
const NOBODY = 9

/**
 * Packets handed on at once, and the pause before more follow. Chromium reads from 64 KiB, which is some 50
 * packets in the kernel's books: whatever this process slept through would overrun it. 16 a millisecond are
 * 19 MB/s, several times what goes over such a distance.
 */
const BURST_PACKETS = 16
const PAUSE_MS = 1

/** Endpoints at a distance. */
export class UdpDelay {
  readonly #oneWayMs: number
  readonly #stands = new Map<string, Promise<Socket>>()
  readonly #lines = new Map<string, Line>()

  constructor(roundTripMs: number) {
    this.#oneWayMs = roundTripMs / 2
  }

  /** A signal as the other side gets it: with ports of ours in place of those of its sender. */
  async replace(signal: string): Promise<string> {
    if (this.#oneWayMs === 0) return signal
    let replaced = signal
    for (const [candidate, head, address = '', port = '', tail] of signal.matchAll(
      HOST_CANDIDATE,
    )) {
      const standPort = address.includes(':')
        ? NOBODY
        : (await this.#standFor(address, Number(port))).address().port
      replaced = replaced.replace(candidate, `${head}127.0.0.1 ${standPort}${tail}`)
    }
    return replaced
  }

  async close(): Promise<void> {
    for (const stand of await Promise.all(this.#stands.values())) stand.close()
    this.#stands.clear()
  }

  /** The socket that stands for an endpoint: what it gets goes to the endpoint. */
  #standFor(address: string, port: number): Promise<Socket> {
    const key = `${address}:${port}`
    const known = this.#stands.get(key)
    if (known !== undefined) return known
    const made = openStand((packet, from) => void this.#forward(packet, from, { address, port }))
    this.#stands.set(key, made)
    return made
  }

  async #forward(packet: Buffer, from: Endpoint, to: Endpoint): Promise<void> {
    const atMs = performance.now() + this.#oneWayMs
    const stand = await this.#standFor(from.address, from.port)
    const key = `${to.address}:${to.port}`
    const line = this.#lines.get(key) ?? new Line((next) => send(next.stand, next.packet, to))
    this.#lines.set(key, line)
    line.push({ atMs, stand, packet })
  }
}

interface Waiting {
  readonly atMs: number
  readonly stand: Socket
  readonly packet: Buffer
}

/** Packets on their way to one endpoint. */
class Line {
  readonly #hand: (waiting: Waiting) => void
  #waiting: Waiting[] = []
  #isRunning = false

  constructor(hand: (waiting: Waiting) => void) {
    this.#hand = hand
  }

  push(waiting: Waiting): void {
    this.#waiting.push(waiting)
    if (!this.#isRunning) this.#wait(waiting.atMs - performance.now())
    this.#isRunning = true
  }

  #wait(ms: number): void {
    setTimeout(() => this.#run(), Math.max(PAUSE_MS, ms))
  }

  #run(): void {
    const nowMs = performance.now()
    const due = this.#waiting.findIndex(({ atMs }) => atMs > nowMs)
    const count = Math.min(BURST_PACKETS, due < 0 ? this.#waiting.length : due)
    for (const waiting of this.#waiting.splice(0, count)) this.#hand(waiting)
    const [next] = this.#waiting
    this.#isRunning = next !== undefined
    if (next !== undefined) this.#wait(next.atMs - performance.now())
  }
}

interface Endpoint {
  readonly address: string
  readonly port: number
}

function send(stand: Socket, packet: Buffer, { port, address }: Endpoint): void {
  try {
    stand.send(packet, port, address)
  } catch {
    // reason: the run is over and the socket closed, while packets were still on their way.
  }
}

/** More than a link has in flight, so that the distance itself loses nothing. */
const BUFFER_BYTES = 8 * 1024 * 1024

async function openStand(onPacket: (packet: Buffer, from: Endpoint) => void): Promise<Socket> {
  const socket = createSocket({
    type: 'udp4',
    recvBufferSize: BUFFER_BYTES,
    sendBufferSize: BUFFER_BYTES,
  })
  socket.on('message', onPacket)
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}
