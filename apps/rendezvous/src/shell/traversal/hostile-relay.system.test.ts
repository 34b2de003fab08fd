// Attacks on STUN, TURN and the sealed relay of the built command, while honest clients use them.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { closeCodeOf, MAX_RELAY_BYTES } from '@knothole/wire'
import { STUN_METHODS } from '@knothole/traversal'
import type { TransportAddress } from '@knothole/traversal'
import { RELAY_DROP_RATE } from '../../core/index.ts'
import { freePorts } from '../free-ports.testing.ts'
import { joinTestRoom, makeTestRoom } from '../test-peer.testing.ts'
import { buildServer, makeTestFolder, startTestProcess } from '../test-server.testing.ts'
import type { TestFolder, TestProcess } from '../test-server.testing.ts'
import {
  at,
  bareRequest,
  mintTestCredentials,
  TurnTestClient,
  UDP_RELAY,
} from './turn-client.testing.ts'

const SECRET = 'the secret of a test, long enough'

/** Allocations of one session, set low so that it is soon reached. */
const PER_USER = 20
const PER_ADDRESS = 40

/** How much the process may grow over everything below; its heap is small, its buffers are not. */
const MAX_GROWTH_MB = 96

/** What may be lost is said again: this is UDP. */
const REPEAT_MS = 20

/** Longest an honest round trip may take meanwhile, on a machine that is busy attacking. */
const MAX_ROUND_MS = 5000

let folder: TestFolder
let server: TestProcess
let turn: TransportAddress
let startMb: number

beforeAll(async () => {
  await buildServer()
  folder = await makeTestFolder()
  const [port = 0, altPort = 0] = await freePorts(2)
  turn = at('127.0.0.1', port)
  const own = {
    '--host': '127.0.0.1',
    '--port': '0',
    '--data': folder.path,
    '--page': folder.path,
    '--stun-port': String(port),
    '--stun-alt-port': String(altPort),
    '--turn': 'on',
    '--turn-max-per-user': String(PER_USER),
    '--turn-max-per-address': String(PER_ADDRESS),
    '--log-level': 'info',
  }
  server = await startTestProcess(Object.entries(own).flat(), { KNOTHOLE_TURN_SECRET: SECRET })
  await HonestPair.open().then((pair) => pair.close())
  startMb = residentMb()
})
afterAll(async () => {
  server.child.kill('SIGKILL')
  await once(server.child, 'exit')
  await folder.remove()
})

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

function residentMb(): number {
  const status = readFileSync(`/proc/${server.child.pid ?? 0}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024
}

let users = 0
const credentials = (): ReturnType<typeof mintTestCredentials> =>
  mintTestCredentials(SECRET, `user${++users}`)

async function openClient(address = '127.0.0.1', who = credentials()): Promise<TurnTestClient> {
  const client = await TurnTestClient.open(turn, who, address)
  cleanups.push(() => client.close())
  return client
}

/** Two clients who talk to each other through a relay on both sides. */
class HonestPair {
  readonly #alice: TurnTestClient
  readonly #bob: TurnTestClient
  readonly #bobsRelay: TransportAddress
  slowestMs = 0
  rounds = 0

  constructor(alice: TurnTestClient, bob: TurnTestClient, bobsRelay: TransportAddress) {
    this.#alice = alice
    this.#bob = bob
    this.#bobsRelay = bobsRelay
  }

  static async open(): Promise<HonestPair> {
    const address = '127.0.0.77'
    const alice = await TurnTestClient.open(turn, credentials(), address)
    const bob = await TurnTestClient.open(turn, credentials(), address)
    const relays = [await alice.allocate(), await bob.allocate()]
    const [alices, bobs] = relays
    if (typeof alices !== 'object' || typeof bobs !== 'object') {
      throw new Error(`an honest client was refused: ${JSON.stringify(relays)}`)
    }
    const codes = [await alice.permit(bobs), await bob.permit(alices)]
    if (codes.some((code) => code !== 0)) throw new Error(`no permission: ${codes.join(', ')}`)
    return new HonestPair(alice, bob, bobs)
  }

  /** Talks until `attack` is over; each word is said again until it is heard, as over any UDP. */
  async during(attack: () => Promise<unknown>): Promise<void> {
    const over = new AbortController()
    const attacked = attack().finally(() => over.abort())
    while (!over.signal.aborted || this.rounds === 0) {
      const startMs = performance.now()
      await this.#say(randomBytes(8))
      this.#bob.heard.length = 0
      this.slowestMs = Math.max(this.slowestMs, performance.now() - startMs)
      this.rounds += 1
    }
    await attacked
  }

  async #say(word: Buffer): Promise<void> {
    const untilMs = performance.now() + MAX_ROUND_MS
    while (!this.#bob.heard.some((bytes) => word.equals(bytes))) {
      if (performance.now() > untilMs) throw new Error(`nothing is relayed for ${MAX_ROUND_MS} ms`)
      this.#alice.sendTo(this.#bobsRelay, word)
      await new Promise((resolve) => setTimeout(resolve, REPEAT_MS))
    }
  }

  close(): void {
    this.#alice.close()
    this.#bob.close()
  }
}

/** Whether an honest pair is relayed meanwhile, and memory stays bounded. */
async function undisturbed(attack: () => Promise<unknown>): Promise<boolean> {
  const pair = await HonestPair.open()
  cleanups.push(() => pair.close())
  await pair.during(attack)
  const isBounded = residentMb() - startMb < MAX_GROWTH_MB
  return pair.rounds > 0 && pair.slowestMs < MAX_ROUND_MS && isBounded
}

/** Sends so many packets, as fast as the system takes them. */
async function flood(
  client: TurnTestClient,
  count: number,
  packet: (n: number) => Uint8Array,
): Promise<number> {
  let sent = 0
  for (let n = 0; n < count; n++) {
    const bytes = packet(n)
    sent += bytes.length
    client.raw(bytes)
    if (n % 100 === 99) await new Promise((resolve) => setImmediate(resolve))
  }
  return sent
}

const FLOOD = 20_000

describe.skipIf(process.platform !== 'linux')('attacks on TURN', () => {
  it('R110 a flood without credentials is answered with fewer bytes than it has', async () => {
    const attacker = await openClient('127.0.0.66')
    const wasUndisturbed = await undisturbed(async () => {
      const sent = await flood(attacker, FLOOD, () =>
        bareRequest(STUN_METHODS.allocate, [UDP_RELAY]),
      )
      expect(attacker.receivedBytes).toBeLessThan(sent)
      expect(attacker.receivedPackets).toBeGreaterThan(0)
    })
    expect(wasUndisturbed).toBe(true)
  })

  it('R110 noise, half messages and ChannelData out of the blue get no answer', async () => {
    const attacker = await openClient('127.0.0.67')
    const wasUndisturbed = await undisturbed(async () => {
      await flood(attacker, FLOOD, (n) => {
        const noise = randomBytes(4 + (n % 600))
        // Every other looks like ChannelData.
        if (n % 2 === 0) noise[0] = 0x40 | (n & 0x3f)
        return noise
      })
      expect(attacker.receivedPackets).toBeLessThan(FLOOD / 100)
    })
    expect(wasUndisturbed).toBe(true)
  })

  it('R110 one session takes no more than its allocations, and one address no more than its', async () => {
    const wasUndisturbed = await undisturbed(async () => {
      const who = credentials()
      const codes: (number | string)[] = []
      for (let n = 0; n < 2 * PER_USER; n++) {
        const relayed = await (await openClient('127.0.0.68', who)).allocate()
        codes.push(typeof relayed === 'number' ? relayed : 'relayed')
      }
      expect(codes.filter((code) => code === 'relayed')).toHaveLength(PER_USER)
      expect(new Set(codes.slice(PER_USER))).toEqual(new Set([486]))
      const others: (number | string)[] = []
      for (let n = 0; n < PER_ADDRESS; n++) {
        const relayed = await (await openClient('127.0.0.68')).allocate()
        others.push(typeof relayed === 'number' ? relayed : 'relayed')
      }
      expect(others.filter((code) => code === 'relayed')).toHaveLength(PER_ADDRESS - PER_USER)
      expect(typeof (await (await openClient('127.0.0.69')).allocate())).toBe('object')
    })
    expect(wasUndisturbed).toBe(true)
  })

  it('R110 peers in private networks and the server itself are refused', async () => {
    const attacker = await openClient()
    expect(typeof (await attacker.allocate())).toBe('object')
    const inside = ['127.0.0.1', '10.0.0.1', '192.168.1.1', '172.16.0.1', '169.254.169.254']
    for (const address of [...inside, '100.64.0.1', '0.0.0.0', '224.0.0.1', '255.255.255.255']) {
      const port = address === '127.0.0.1' ? Number(new URL(server.url).port) : 80
      const isOwn = address === '127.0.0.1'
      // Ports of other relayed addresses here may be reached, so permission for our own is given;
      // what counts is that nothing gets through to another port.
      const code = await attacker.permit(at(address, port))
      expect(isOwn ? [0, 403] : [403]).toContain(code)
      const channel = { type: 'channel-number', value: 0x4001 } as const
      const peer = { type: 'xor-peer-address', value: at(address, port) } as const
      expect(await attacker.codeOf(STUN_METHODS.channelBind, [channel, peer])).toBe(403)
    }
  })

  it('R110 nobody uses or ends an allocation without its credentials', async () => {
    const alice = await openClient()
    expect(typeof (await alice.allocate())).toBe('object')
    const end = { type: 'lifetime', value: 0 } as const
    alice.raw(bareRequest(STUN_METHODS.refresh, [end]))
    const forger = await openClient('127.0.0.1', { username: '9999999999:x', credential: 'guess' })
    expect(await forger.codeOf(STUN_METHODS.refresh, [end])).toBe(401)
    expect(await forger.permit(at('198.51.100.1', 1))).toBe(401)
    // Another client with good credentials of its own has no allocation here.
    expect(await (await openClient()).permit(at('198.51.100.1', 1))).toBe(437)
    expect(await alice.permit(at('198.51.100.1', 1))).toBe(0)
  })
})

async function openTcp(localAddress: string): Promise<Socket> {
  const socket = connect({ port: turn.port, host: turn.address, localAddress })
  cleanups.push(() => socket.destroy())
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

describe.skipIf(process.platform !== 'linux')('attacks on TURN over TCP', () => {
  it('R111 bytes that are no STUN end their connection', async () => {
    const wasUndisturbed = await undisturbed(async () => {
      for (const bytes of [
        randomBytes(100).fill(0xff, 0, 1),
        Buffer.from('16030102000100fc', 'hex'),
      ]) {
        const socket = await openTcp('127.0.0.70')
        socket.write(bytes)
        socket.resume()
        await once(socket, 'close')
      }
    })
    expect(wasUndisturbed).toBe(true)
  })

  it('R111 connections that never allocate end, and one network has only so many', async () => {
    const wasUndisturbed = await undisturbed(async () => {
      const sockets: Socket[] = []
      for (let n = 0; n < 200; n++) sockets.push(await openTcp('127.0.0.71'))
      const closed = (): number => sockets.filter((one) => one.resume().destroyed).length
      await expect.poll(closed, { timeout: 10_000 }).toBeGreaterThanOrEqual(200 - 128)
      // The rest send the first bytes of a message and wait.
      for (const socket of sockets) if (!socket.destroyed) socket.write(Uint8Array.of(0, 3, 0, 8))
      await expect.poll(closed, { timeout: 40_000, interval: 200 }).toBe(200)
    })
    expect(wasUndisturbed).toBe(true)
  })
})

describe('attacks on the sealed relay', () => {
  it('R110 R104 a flood to a reader who does not read ends, and is not kept', async () => {
    const wasUndisturbed = await undisturbed(async () => {
      const room = await makeTestRoom(server.url)
      const [alice, bob] = [
        await joinTestRoom(server.url, room),
        await joinTestRoom(server.url, room),
      ]
      bob.socket.pause()
      const body = new Uint8Array(MAX_RELAY_BYTES)
      for (let n = 0; n < 2 * RELAY_DROP_RATE.burst; n++) {
        alice.send({ type: 'relay', to: bob.id, body })
        if (n % 50 === 49) await new Promise((resolve) => setImmediate(resolve))
      }
      expect((await alice.ended).code).toBe(closeCodeOf('rate-limited'))
      bob.socket.terminate()
    })
    expect(wasUndisturbed).toBe(true)
  })
})
