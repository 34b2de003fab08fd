import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RefusalCode } from '@knothole/wire'
import {
  closeCodeOf,
  encodeCbor,
  encodeClientFrame,
  MAX_CLIENT_FRAME_BYTES,
  MAX_SIGNAL_BYTES,
  socketPath,
} from '@knothole/wire'
import { FRAME_RATE } from '../core/index.ts'
import { createTestKeys, joinTestRoom, makeTestRoom, TestPeer } from './test-peer.testing.ts'
import type { SocketEnd, TestRoom } from './test-peer.testing.ts'
import { buildServer, makeTestFolder, startTestProcess } from './test-server.testing.ts'
import type { TestFolder, TestProcess } from './test-server.testing.ts'

/** How much the server may grow over everything below; a thousand sockets at 10 KiB are 10 MB. */
const MAX_GROWTH_MB = 64

/** Longest a signal and its answer may take meanwhile, on a machine that is busy attacking. */
const MAX_SIGNAL_MS = 5000

/** Frames of a flood: twenty times the burst, and no more than a slow test machine sends before the close timeout. */
const FLOOD = 20 * FRAME_RATE.burst

let folder: TestFolder
let server: TestProcess
let room: TestRoom
let pair: HonestPair
beforeAll(async () => {
  await buildServer()
  folder = await makeTestFolder()
  const flags = ['--host', '127.0.0.1', '--port', '0', '--no-stun', '--log-level', 'error']
  server = await startTestProcess([...flags, '--data', folder.path, '--page', folder.path])
  room = await makeTestRoom(server.url)
  pair = await HonestPair.open()
})
afterAll(async () => {
  server.child.kill('SIGKILL')
  await folder.remove()
})

/** Two peers who send each other one signal after the other, as fast as they may. */
class HonestPair {
  rounds = 0
  slowestMs = 0
  readonly #alice: TestPeer
  readonly #bob: TestPeer

  constructor(alice: TestPeer, bob: TestPeer) {
    this.#alice = alice
    this.#bob = bob
  }

  static async open(): Promise<HonestPair> {
    const room = await makeTestRoom(server.url)
    const own = { localAddress: '127.0.0.77' }
    const alice = await joinTestRoom(server.url, room, own)
    return new HonestPair(alice, await joinTestRoom(server.url, room, own))
  }

  /** Talks while `attack` runs; answers how often, and the longest a signal took. */
  async during(
    attack: () => Promise<unknown>,
  ): Promise<{ readonly rounds: number; readonly slowestMs: number }> {
    this.rounds = 0
    this.slowestMs = 0
    const over = new AbortController()
    const attacked = withEnd(attack, () => over.abort())
    // The pair keeps to the rate of an honest peer, which is the reason for this pace.
    const paceMs = 2000 / FRAME_RATE.perSecond
    while (!over.signal.aborted || this.rounds === 0) {
      await this.#round()
      await new Promise((resolve) => setTimeout(resolve, paceMs))
    }
    const failure = await attacked
    if (failure !== undefined) throw failure
    return { rounds: this.rounds, slowestMs: this.slowestMs }
  }

  async #round(): Promise<void> {
    const sentMs = performance.now()
    const mark = this.rounds & 255
    const sealed = new Uint8Array(600).fill(mark)
    this.#alice.send({ type: 'signal', to: this.#bob.id, sealed })
    const there = await this.#bob.next('signal')
    this.#bob.send({ type: 'signal', to: this.#alice.id, sealed: there.sealed })
    const back = await this.#alice.next('signal')
    if (back.sealed[0] !== mark) throw new Error('a signal was lost or came twice')
    this.slowestMs = Math.max(this.slowestMs, performance.now() - sentMs)
    this.rounds += 1
  }
}

/** Runs to the end and answers what went wrong, so that nothing is thrown while others still run. */
async function withEnd(run: () => Promise<unknown>, end: () => void): Promise<unknown> {
  try {
    await run()
    return undefined
  } catch (error) {
    return error ?? new Error('the attack failed')
  } finally {
    end()
  }
}

/** Expects the pair to talk undisturbed during an attack. */
async function undisturbed(attack: () => Promise<unknown>): Promise<boolean> {
  const { rounds, slowestMs } = await pair.during(attack)
  return rounds > 0 && slowestMs < MAX_SIGNAL_MS
}

function residentMb(): number {
  const status = readFileSync(`/proc/${server.child.pid ?? 0}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024
}

/** The n-th address of loopback, so that limits per address are not what is tested. */
const addressOf = (n: number): string => `127.0.${1 + (n >> 7)}.${1 + (n & 127)}`

/** How a socket that never joined ends when it sends this. */
async function endOfWaiting(data: Uint8Array | string): Promise<SocketEnd> {
  const peer = new TestPeer(server.url, room)
  await peer.next('challenge')
  peer.sendRaw(data)
  return peer.ended
}

/** Joins a room of one's own: those who leave in disgrace keep their place for a while. */
async function joinOwnRoom(): Promise<TestPeer> {
  return joinTestRoom(server.url, await makeTestRoom(server.url))
}

/** How a joined socket ends when it sends this. */
async function endOfJoined(data: Uint8Array | string): Promise<SocketEnd> {
  const peer = await joinOwnRoom()
  peer.sendRaw(data)
  return peer.ended
}

/** The connection under a WebSocket, to write what the library would not. */
function rawOf(peer: TestPeer): Socket {
  return (peer.socket as unknown as { readonly _socket: Socket })._socket
}

async function floodFrames(): Promise<void> {
  const flooder = await joinOwnRoom()
  const ping = encodeClientFrame({ type: 'ping' })
  for (let n = 0; n < FLOOD; n++) flooder.sendRaw(ping)
  expectEnd(await flooder.ended, 'rate-limited')
}

async function floodPings(): Promise<void> {
  const flooder = new TestPeer(server.url, room)
  await flooder.next('challenge')
  for (let n = 0; n < FLOOD; n++) flooder.socket.ping('x'.repeat(100))
  expectEnd(await flooder.ended, 'rate-limited')
}

function expectEnd({ code }: SocketEnd, refusal: RefusalCode): void {
  if (code !== closeCodeOf(refusal)) throw new Error(`${refusal} was due, not close code ${code}`)
}

const join = { type: 'join', version: 1, session: new Uint8Array(32), card: new Uint8Array(1) }
const hostileFrames: readonly (readonly [string, Uint8Array | string, number])[] = [
  ['nothing', new Uint8Array(), closeCodeOf('bad-frame')],
  ['a text', '{"type":"join"}', closeCodeOf('bad-frame')],
  ['damaged CBOR', new Uint8Array([0xa1, 0x64, 0x74]), closeCodeOf('bad-frame')],
  ['endless nesting', new Uint8Array(10_000).fill(0x81), closeCodeOf('bad-frame')],
  [
    'a map that says it is huge',
    new Uint8Array([0xbb, 0, 0, 0, 1, 0, 0, 0, 0]),
    closeCodeOf('bad-frame'),
  ],
  ['a number', encodeCbor(7), closeCodeOf('bad-frame')],
  ['an unknown type', encodeCbor({ type: 'shutdown' }), closeCodeOf('bad-frame')],
  [
    'a join with wrong types',
    encodeCbor({ ...join, version: '1', admission: 3, proof: null }),
    closeCodeOf('bad-frame'),
  ],
  [
    'a join with short signatures',
    encodeCbor({ ...join, admission: new Uint8Array(3), proof: new Uint8Array(64) }),
    closeCodeOf('bad-frame'),
  ],
  [
    'a signal to no id',
    encodeCbor({ type: 'signal', to: '../../x', sealed: new Uint8Array(1) }),
    closeCodeOf('bad-frame'),
  ],
  ['an empty card', encodeCbor({ type: 'card', card: new Uint8Array() }), closeCodeOf('bad-frame')],
  ['a frame too large', new Uint8Array(MAX_CLIENT_FRAME_BYTES + 1), closeCodeOf('too-large')],
  ['a megabyte', new Uint8Array(1_000_000), 1009],
]

describe('hostile frames', () => {
  it.each(hostileFrames)('R18 ends a socket for %s, joined or not', async (_what, data, code) => {
    const ends = await Promise.all([endOfWaiting(data), endOfJoined(data)])
    expect(ends.map((end) => end.code)).toEqual([code, code])
    // 1009 is the WebSocket layer's own, and says it all.
    expect(ends.every(({ reason }) => code === 1009 || reason.length > 10)).toBe(true)
  })

  it('R18 ends a socket for frames out of order', async () => {
    for (const frame of [{ type: 'ping' }, { type: 'leave' }] as const) {
      expect((await endOfWaiting(encodeClientFrame(frame))).code).toBe(closeCodeOf('bad-frame'))
    }
  })

  it.each([
    ['a reserved opcode', Buffer.from([0x83, 0x80, 0, 0, 0, 0]), 1002],
    ['a frame without mask', Buffer.from([0x82, 0x01, 0x00]), 1002],
    ['a reserved bit', Buffer.from([0xf2, 0x80, 0, 0, 0, 0]), 1002],
    ['a length of 2^63', Buffer.from([0x82, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255]), 1009],
    ['a ping of 126 bytes', Buffer.from([0x89, 0xfe, 0, 126]), 1002],
  ])('R18 ends a socket for %s on the WebSocket layer', async (_what, bytes, code) => {
    const peer = await joinOwnRoom()
    rawOf(peer).write(bytes)
    expect((await peer.ended).code).toBe(code)
  })

  it('R18 ends a socket for a message in a thousand pieces', async () => {
    const peer = await joinOwnRoom()
    peer.socket.send(new Uint8Array([1]), { fin: false })
    for (let n = 0; n < 1000; n++) peer.socket.send(new Uint8Array([1]), { fin: false })
    expect([1008, 1009]).toContain((await peer.ended).code)
  })

  it('R7 tells a visitor without the link nothing but the refusal', async () => {
    const alice = await joinTestRoom(server.url, room)
    const stranger = new TestPeer(server.url, { ...room, admission: createTestKeys() })
    await expect(stranger.join()).rejects.toThrow(/no welcome frame came, only: challenge, refused/)
    expect((await stranger.ended).code).toBe(closeCodeOf('not-admitted'))
    expect(stranger.received).toHaveLength(2)
    expect(alice.received.map(({ type }) => type)).toEqual(['challenge', 'welcome'])
    alice.send({ type: 'leave' })
    await alice.ended
  })
})

describe.skipIf(!existsSync('/proc/self/status'))(
  'attacks (memory is read from /proc: Linux)',
  () => {
    let beforeMb = 0
    beforeAll(async () => {
      // One of everything first, so that what is loaded once is not counted as growth.
      await pair.during(async () => endOfJoined(new Uint8Array(20_000)))
      beforeMb = residentMb()
    })

    it('R34 a flood of frames ends with rate-limited', async () => {
      expect(await undisturbed(floodFrames)).toBe(true)
    })

    it('R34 a flood of WebSocket pings ends with rate-limited', async () => {
      expect(await undisturbed(floodPings)).toBe(true)
    })

    it('R34 a reader who stops reading is dropped', async () => {
      const crowded = await makeTestRoom(server.url)
      const deaf = await joinTestRoom(server.url, crowded)
      const senders = await Promise.all(
        Array.from({ length: 11 }, () => joinTestRoom(server.url, crowded)),
      )
      const [witness = deaf] = senders
      const sealed = new Uint8Array(MAX_SIGNAL_BYTES)
      const attack = async (): Promise<void> => {
        rawOf(deaf).pause()
        // As much as eleven peers may send: the first burst fills the network's buffers.
        while (!witness.received.some(({ type }) => type === 'left')) {
          for (const sender of senders) {
            for (let n = 0; n < 3; n++) sender.send({ type: 'signal', to: deaf.id, sealed })
          }
          await new Promise((resolve) => setTimeout(resolve, 1000))
          expect(residentMb() - beforeMb).toBeLessThan(MAX_GROWTH_MB)
        }
      }
      expect(await undisturbed(attack)).toBe(true)
      expect((await witness.next('left')).peer).toBe(deaf.id)
      for (const sender of senders) sender.send({ type: 'leave' })
      await Promise.all([deaf, ...senders].map((peer) => peer.close()))
    })

    it('R34 half-open connections are closed', async () => {
      const { port } = new URL(server.url)
      const beginnings = [
        '',
        'GET / HT',
        'GET / HTTP/1.1\r\nHost: a\r\n',
        `POST /api/rooms HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 60\r\n\r\n{`,
      ]
      const attack = async (): Promise<void> => {
        const sockets = Array.from({ length: 200 }, (_, n) => {
          const socket = connect(Number(port), '127.0.0.1')
          socket.on('error', () => {})
          socket.on('data', () => {})
          socket.write(beginnings[n % beginnings.length] ?? '')
          return socket
        })
        await Promise.all(sockets.map((socket) => once(socket, 'close')))
      }
      expect(await undisturbed(attack)).toBe(true)
    })

    it('R34 a WebSocket that stops in the middle of a frame is closed', async () => {
      const peer = new TestPeer(server.url, room)
      await peer.next('challenge')
      rawOf(peer).write(Buffer.from([0x82, 0xfe, 0x40, 0x00, 1, 2, 3, 4, 5]))
      expect((await peer.ended).code).toBe(closeCodeOf('join-timeout'))
    })

    it('R34 a thousand sockets that never join are held, refused in time, and keep nobody out', async () => {
      const count = 1000
      const attack = async (): Promise<void> => {
        const idle: TestPeer[] = []
        // In batches, so that this process is not too busy itself for the pair in it.
        while (idle.length < count) {
          const batch = Array.from({ length: 50 }, (_, n) => {
            const localAddress = addressOf(idle.length + n)
            return new TestPeer(server.url, room, { localAddress })
          })
          idle.push(...batch)
          await Promise.all(batch.map((peer) => peer.next('challenge')))
        }
        const honest = await joinTestRoom(server.url, room, { localAddress: '127.0.0.78' })
        honest.send({ type: 'leave' })
        await honest.ended
        const ends = await Promise.all(idle.map((peer) => peer.ended))
        const inTime = ends.filter(({ code }) => code === closeCodeOf('join-timeout'))
        expect(inTime).toHaveLength(count)
        expect(idle.every((peer) => peer.received.length === 2)).toBe(true)
      }
      expect(await undisturbed(attack)).toBe(true)
    })

    it('R34 a thousand upgrades of rooms that do not exist learn nothing', async () => {
      const { port } = new URL(server.url)
      const attack = async (): Promise<void> => {
        for (let n = 0; n < 1000; n++) {
          const socket = connect(Number(port), '127.0.0.1')
          socket.on('error', () => {})
          const path = socketPath(room.id).slice(0, -10 - (n % 5))
          socket.end(
            `GET ${path}/socket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
          )
          const [answer] = (await once(socket, 'data')) as [Buffer]
          expect(String(answer)).toMatch(/^HTTP\/1\.1 404 /)
        }
      }
      expect(await undisturbed(attack)).toBe(true)
    })

    it('R34 memory is flat after all of it', () => {
      expect(residentMb() - beforeMb).toBeLessThan(MAX_GROWTH_MB)
    })
  },
)
