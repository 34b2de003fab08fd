// A peer for tests: makes rooms over HTTP, opens sockets, signs joins with node:crypto and keeps every
// frame it is sent. Knows nothing of seals: cards and signals are any bytes.
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { WebSocket } from 'ws'
import type { ClientOptions } from 'ws'
import {
  decodeServerFrame,
  encodeBase64url,
  encodeClientFrame,
  joinBytes,
  peerIdOf,
  PROTOCOL_VERSION,
  ROOMS_PATH,
  socketPath,
} from '@knothole/wire'
import type {
  Bytes,
  ClientFrame,
  JoinFrame,
  PeerId,
  RoomAnswer,
  RoomId,
  ServerFrame,
} from '@knothole/wire'

/** An Ed25519 key pair with its public key as it travels. */
export interface TestKeys {
  readonly publicKey: Bytes
  readonly privateKey: KeyObject
}

/** A room and the key that admits to it. */
export interface TestRoom {
  readonly id: RoomId
  readonly admission: TestKeys
}

/** How a socket ended. */
export interface SocketEnd {
  readonly code: number
  readonly reason: string
}

type FrameOf<Type extends ServerFrame['type']> = Extract<ServerFrame, { type: Type }>

/** Longest wait for a frame or an end that a test expects. */
const WAIT_MS = 20_000

export function createTestKeys(): TestKeys {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const spki = publicKey.export({ format: 'der', type: 'spki' })
  return { publicKey: new Uint8Array(spki.subarray(-32)), privateKey }
}

/** Makes a room at a server, such as `http://127.0.0.1:8080`. */
export async function makeTestRoom(serverUrl: string): Promise<TestRoom> {
  const admission = createTestKeys()
  const response = await fetch(new URL(ROOMS_PATH, serverUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ admissionKey: encodeBase64url(admission.publicKey) }),
  })
  if (response.status !== 201) throw new Error(`no room: HTTP ${response.status}`)
  const { room } = (await response.json()) as RoomAnswer
  return { id: room, admission }
}

/** A signed join, to send or to spoil. */
export function signJoin(join: {
  readonly room: TestRoom
  readonly session: TestKeys
  readonly nonce: Bytes
  readonly card: Bytes
  readonly offer?: Bytes | undefined
}): JoinFrame {
  const { room, nonce, card, offer } = join
  const session = join.session.publicKey
  const data = joinBytes({ room: room.id, nonce, session, card, offer })
  return {
    type: 'join',
    version: PROTOCOL_VERSION,
    session,
    card,
    offer,
    admission: new Uint8Array(sign(null, data, room.admission.privateKey)),
    proof: new Uint8Array(sign(null, data, join.session.privateKey)),
  }
}

export class TestPeer {
  readonly room: TestRoom
  readonly session: TestKeys
  readonly id: PeerId
  readonly socket: WebSocket
  /** Every frame the server sent, in order. */
  readonly received: ServerFrame[] = []
  readonly ended: Promise<SocketEnd>
  /** Frames before this index were handed out by `next`. */
  readonly #taken = new Set<number>()
  readonly #wakers = new Set<() => void>()

  constructor(
    serverUrl: string,
    room: TestRoom,
    {
      session = createTestKeys(),
      ...clientOptions
    }: ClientOptions & { readonly session?: TestKeys } = {},
  ) {
    this.room = room
    this.session = session
    this.id = peerIdOf(createHash('sha256').update(session.publicKey).digest())
    const url = new URL(socketPath(room.id), serverUrl)
    url.protocol = url.protocol.replace('http', 'ws')
    this.socket = new WebSocket(url, clientOptions)
    this.socket.on('message', (data) => this.#receive(data as Buffer))
    this.ended = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => {
        resolve({ code, reason: String(reason) })
        this.#wake()
      })
      // `close` follows, with code 1006.
      this.socket.on('error', () => {})
    })
  }

  /** The first frame of a type that was not taken yet, now or when it comes. */
  async next<Type extends ServerFrame['type']>(type: Type): Promise<FrameOf<Type>> {
    const signal = AbortSignal.timeout(WAIT_MS)
    for (;;) {
      const index = this.received.findIndex(
        (frame, at) => frame.type === type && !this.#taken.has(at),
      )
      if (index !== -1) {
        this.#taken.add(index)
        return this.received[index] as FrameOf<Type>
      }
      if (signal.aborted || this.socket.readyState === WebSocket.CLOSED) {
        const seen = this.received.map((frame) => frame.type).join(', ')
        throw new Error(`no ${type} frame came, only: ${seen}`)
      }
      await new Promise<void>((resolve) => {
        this.#wakers.add(resolve)
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    }
  }

  /** Answers the challenge and waits for the welcome. */
  async join(
    more: { readonly card?: Bytes; readonly offer?: Bytes } = {},
  ): Promise<FrameOf<'welcome'>> {
    const { nonce } = await this.next('challenge')
    const { room, session } = this
    const card = more.card ?? new Uint8Array([1])
    this.send(signJoin({ room, session, nonce, card, offer: more.offer }))
    return this.next('welcome')
  }

  send(frame: ClientFrame): void {
    this.sendRaw(encodeClientFrame(frame))
  }

  sendRaw(data: Uint8Array | string): void {
    this.socket.send(data)
  }

  /** Closes without a word, and waits for the end. */
  async close(): Promise<SocketEnd> {
    this.socket.terminate()
    return this.ended
  }

  #receive(data: Buffer): void {
    const decoded = decodeServerFrame(data)
    if (!decoded.ok) throw new Error(`the server sent a bad frame: ${decoded.fault}`)
    this.received.push(decoded.value)
    this.#wake()
  }

  #wake(): void {
    for (const wake of this.#wakers) wake()
    this.#wakers.clear()
  }
}

/** Opens a socket and joins. */
export async function joinTestRoom(
  serverUrl: string,
  room: TestRoom,
  options: ConstructorParameters<typeof TestPeer>[2] = {},
): Promise<TestPeer> {
  const peer = new TestPeer(serverUrl, room, options)
  await peer.join()
  return peer
}
