import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import {
  AHEAD,
  CHALLENGE,
  decodeBase64url,
  decodeServerFrame,
  encodeClientFrame,
  FrameSplitter,
  joinPath,
  MAX_CLIENT_FRAME_BYTES,
  socketPath,
} from '@knothole/wire'
import type { Bytes, ServerFrame } from '@knothole/wire'
import { WebSocket } from 'ws'
import { createTestKeys, joinTestRoom, makeTestRoom, signJoin } from '../test-peer.testing.ts'
import type { TestRoom } from '../test-peer.testing.ts'
import { makeTestFolder, openTestServer } from '../test-server.testing.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

async function open(): Promise<string> {
  const folder = await makeTestFolder()
  cleanups.push(() => folder.remove())
  const config = '<script id="knothole-config" type="application/json">{}</script>'
  await writeFile(join(folder.path, 'index.html'), config)
  const server = await openTestServer(folder, ['--page', folder.path])
  cleanups.push(() => server.close())
  return server.url
}

/** The challenge that comes with the page, as its script reads it. */
async function openPage(url: string): Promise<string> {
  const page = await fetch(new URL('/r/a-room', url))
  await page.text()
  const [, challenge = ''] =
    new RegExp(`^${CHALLENGE};desc="(.+)"$`).exec(page.headers.get('server-timing') ?? '') ?? []
  return challenge
}

/** The answer to a join: frames as they come. */
class Answer {
  readonly response: Response
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  readonly #splitter = new FrameSplitter()
  readonly #frames: ServerFrame[] = []

  constructor(response: Response) {
    this.response = response
    this.#reader = response.body?.getReader()
    cleanups.push(() => this.#reader?.cancel().catch(() => undefined))
  }

  /** The next frame; undefined at the end. */
  async next(): Promise<ServerFrame | undefined> {
    for (;;) {
      const frame = this.#frames.shift()
      if (frame !== undefined) return frame
      const piece = await this.#reader?.read()
      if (piece?.value === undefined) return undefined
      this.#frames.push(...(this.#splitter.push(new Uint8Array(piece.value)) ?? []).map(read))
    }
  }
}

function read(bytes: Bytes): ServerFrame {
  const decoded = decodeServerFrame(bytes)
  if (!decoded.ok) throw new Error(`the server sent a bad frame: ${decoded.fault}`)
  return decoded.value
}

function nonceOf(challenge: string): Bytes {
  const frame = read(decodeBase64url(challenge) ?? new Uint8Array())
  if (frame.type !== 'challenge') throw new Error('the page came without a challenge')
  return frame.nonce
}

interface Ahead {
  readonly url: string
  readonly room: TestRoom
  readonly challenge: string
  readonly token?: string
  readonly session?: ReturnType<typeof createTestKeys>
  readonly offer?: Bytes
  readonly headers?: Readonly<Record<string, string>>
}

async function joinAhead(ahead: Ahead): Promise<Answer> {
  const { url, room, challenge, token = randomUUID(), session = createTestKeys(), offer } = ahead
  const card = new Uint8Array([7])
  const frame = signJoin({ room, session, nonce: nonceOf(challenge), card, offer })
  const response = await fetch(new URL(joinPath(room.id), url), {
    method: 'POST',
    headers: {
      'content-type': 'application/octet-stream',
      [CHALLENGE]: challenge,
      [AHEAD]: token,
      ...ahead.headers,
    },
    body: encodeClientFrame(frame),
  })
  return new Answer(response)
}

/** A socket with a token, and what it brings. */
class Follower {
  readonly socket: WebSocket
  readonly frames: ServerFrame[] = []
  readonly opened: Promise<void>

  constructor(url: string, room: TestRoom, token: string) {
    const at = new URL(`${socketPath(room.id)}?${AHEAD}=${token}`, url)
    at.protocol = 'ws:'
    this.socket = new WebSocket(at)
    this.socket.on('message', (data) => this.frames.push(read(new Uint8Array(data as Buffer))))
    this.opened = new Promise((resolve, reject) => {
      this.socket.once('open', resolve)
      this.socket.once('error', reject)
    })
    cleanups.push(() => this.socket.terminate())
  }
}

describe('a join ahead of its socket', () => {
  it('R37 enters the room, and what a socket would bring comes as the answer', async () => {
    const url = await open()
    const room = await makeTestRoom(url)
    const alice = await joinTestRoom(url, room)
    const answer = await joinAhead({
      url,
      room,
      challenge: await openPage(url),
      offer: new Uint8Array([3]),
    })
    expect(answer.response.status).toBe(200)
    expect(await answer.next()).toMatchObject({ type: 'challenge' })
    const welcome = await answer.next()
    expect(welcome).toMatchObject({ type: 'welcome', offeredTo: alice.id })
    const { participant } = await alice.next('joined')
    expect([...participant.card]).toEqual([7])
    expect(await alice.next('signal')).toMatchObject({ from: participant.peer, toAnyone: true })
    alice.send({ type: 'signal', to: participant.peer, sealed: new Uint8Array([4, 5]) })
    expect(await answer.next()).toMatchObject({ type: 'signal', from: alice.id })
  })

  it('R37 its socket takes over: no new challenge, nobody is told, nothing is lost between', async () => {
    const url = await open()
    const room = await makeTestRoom(url)
    const alice = await joinTestRoom(url, room)
    const token = randomUUID()
    const answer = await joinAhead({ url, room, challenge: await openPage(url), token })
    const { participant } = await alice.next('joined')
    const send = (number: number): void =>
      alice.send({ type: 'signal', to: participant.peer, sealed: new Uint8Array([number]) })
    for (let number = 0; number < 20; number++) send(number)
    const follower = new Follower(url, room, token)
    for (let number = 20; number < 40; number++) send(number)
    await follower.opened
    for (let number = 40; number < 60; number++) send(number)
    const heard: ServerFrame[] = []
    for (let frame = await answer.next(); frame !== undefined; frame = await answer.next()) {
      heard.push(frame)
    }
    await expect.poll(() => heard.length + follower.frames.length).toBe(2 + 60)
    const all = [...heard, ...follower.frames]
    expect(all.slice(0, 2).map(({ type }) => type)).toEqual(['challenge', 'welcome'])
    const numbers = all.slice(2).map((frame) => frame.type === 'signal' && frame.sealed[0])
    expect(numbers).toEqual(Array.from({ length: 60 }, (_, number) => number))
    follower.socket.send(encodeClientFrame({ type: 'ping' }))
    await expect.poll(() => follower.frames.at(-1)?.type).toBe('pong')
    expect(alice.received.filter(({ type }) => type === 'joined')).toHaveLength(1)
    expect(alice.received.filter(({ type }) => type === 'left')).toHaveLength(0)
  })

  it('R37 a socket that is there already takes the join as its own', async () => {
    const url = await open()
    const room = await makeTestRoom(url)
    const token = randomUUID()
    const challenge = await openPage(url)
    const follower = new Follower(url, room, token)
    await expect.poll(() => follower.frames.map(({ type }) => type)).toEqual(['challenge'])
    const answer = await joinAhead({ url, room, challenge, token })
    expect(await answer.next()).toBeUndefined()
    await expect.poll(() => follower.frames.at(-1)?.type).toBe('welcome')
  })

  it('R37 whoever goes before the socket came is missed like everybody', async () => {
    const url = await open()
    const room = await makeTestRoom(url)
    const alice = await joinTestRoom(url, room)
    const answer = await joinAhead({ url, room, challenge: await openPage(url) })
    const { participant } = await alice.next('joined')
    await answer.response.body?.cancel().catch(() => undefined)
    for (const cleanup of cleanups.splice(-1)) await cleanup()
    expect(await alice.next('left')).toMatchObject({ peer: participant.peer })
  })

  it('R7 R37 without the link nobody is admitted, and learns nothing', async () => {
    const url = await open()
    const room = await makeTestRoom(url)
    const alice = await joinTestRoom(url, room)
    const wrong = { ...room, admission: createTestKeys() }
    const answer = await joinAhead({ url, room: wrong, challenge: await openPage(url) })
    expect(await answer.next()).toMatchObject({ type: 'challenge' })
    expect(await answer.next()).toMatchObject({ type: 'refused', code: 'not-admitted' })
    expect(await answer.next()).toBeUndefined()
    expect(alice.received.some(({ type }) => type === 'joined')).toBe(false)
  })

  it('R36 a challenge is good once, and only ours', async () => {
    const url = await open()
    const room = await makeTestRoom(url)
    const challenge = await openPage(url)
    expect((await joinAhead({ url, room, challenge })).response.status).toBe(200)
    expect((await joinAhead({ url, room, challenge })).response.status).toBe(409)
    const elsewhere = await openPage(await open())
    expect((await joinAhead({ url, room, challenge: elsewhere })).response.status).toBe(409)
  })

  it('R32 R33 R38 refuses what is malformed, too large or from elsewhere', async () => {
    const url = await open()
    const room = await makeTestRoom(url)
    const challenge = await openPage(url)
    const at = new URL(joinPath(room.id), url)
    const good = {
      'content-type': 'application/octet-stream',
      [CHALLENGE]: challenge,
      [AHEAD]: randomUUID(),
    }
    const post = async (
      headers: Readonly<Record<string, string>>,
      body: Bytes = new Uint8Array([1]),
      where = at,
    ): Promise<number> => {
      const answer = await fetch(where, { method: 'POST', headers, body })
      await answer.text()
      return answer.status
    }
    expect(await post({ ...good, [CHALLENGE]: 'no challenge' })).toBe(400)
    expect(await post({ ...good, [AHEAD]: 'x' })).toBe(400)
    expect(await post({ 'content-type': 'application/octet-stream' })).toBe(400)
    expect(await post({ ...good, 'content-type': 'application/json' })).toBe(400)
    expect(await post({ ...good, 'content-type': 'text/plain' })).toBe(415)
    expect(await post(good, new Uint8Array(MAX_CLIENT_FRAME_BYTES + 1))).toBe(413)
    expect(await post(good, undefined, new URL('/api/rooms/x/join', url))).toBe(400)
    expect(await post({ ...good, origin: 'https://elsewhere.example' })).toBe(403)
    expect((await fetch(at)).status).toBe(404)
    // None of these took the challenge.
    expect((await joinAhead({ url, room, challenge })).response.status).toBe(200)
  })

  it('R38 the token of a socket in one room opens nothing in another', async () => {
    const url = await open()
    const [room, other] = [await makeTestRoom(url), await makeTestRoom(url)]
    const token = randomUUID()
    await joinAhead({ url, room, challenge: await openPage(url), token })
    const stranger = new Follower(url, other, token)
    await expect.poll(() => stranger.frames.map(({ type }) => type)).toEqual(['challenge'])
  })
})
