// WebSockets of rooms: takes upgrades at a room's address from our own page or from programs, and
// carries messages between sockets and the machine. Decides about upgrades only.
import { STATUS_CODES } from 'node:http'
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { RawData, ServerOptions, WebSocket } from 'ws'
import { MAX_CLIENT_FRAME_BYTES, parseRoomId, ROOMS_PATH } from '@knothole/wire'
import type { RoomId } from '@knothole/wire'
import type { RendezvousInput, SocketId } from '../core/index.ts'
import { clientOriginOf } from './client-origin.ts'
import type { ProxyTrust } from './client-origin.ts'
import { errorAnswer } from './http-answers.ts'
import { parsePublicHost } from './public-host.ts'
import type { PublicHost } from './public-host.ts'

export interface SocketGateOptions {
  readonly url: URL | undefined
  readonly trustProxy: ProxyTrust
  /** Other rendezvous, whose page may come here. */
  readonly also: readonly URL[]
  /** Relays by the name that a request called us by. */
  readonly turnUrlsFor: (host: PublicHost) => readonly string[]
  readonly input: (input: RendezvousInput) => void
}

/** How long a closing handshake may take before the connection is cut. */
const CLOSE_TIMEOUT_MS = 3000

/** Longest close reason (RFC 6455, section 5.5: 125 bytes with the code). */
const MAX_REASON_BYTES = 123

/**
 * A frame somewhat too large is read whole and refused in words; beyond this ws cuts it off unread,
 * with close code 1009.
 */
const MAX_MESSAGE_BYTES = 2 * MAX_CLIENT_FRAME_BYTES

/** Pieces of one message: browsers send one, proxies may split at 1 KiB. */
const MAX_FRAGMENTS = 64

/** Chunks of one unfinished message: one per packet of 576 bytes. */
const MAX_CHUNKS = 128

export class SocketGate {
  readonly #options: SocketGateOptions
  readonly #sockets = new Map<SocketId, WebSocket>()
  readonly #server: WebSocketServer
  #lastId: SocketId = 0

  constructor(options: SocketGateOptions) {
    this.#options = options
    const settings: ServerOptions & { readonly closeTimeout: number } = {
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      // Pings are answered below, after they were counted; ws would cut a flood off without a word.
      autoPong: false,
      maxPayload: MAX_MESSAGE_BYTES,
      maxFragments: MAX_FRAGMENTS,
      maxBufferedChunks: MAX_CHUNKS,
      closeTimeout: CLOSE_TIMEOUT_MS,
    }
    this.#server = new WebSocketServer(settings)
  }

  /** Takes the upgrades of a server. */
  attach(server: Server): void {
    server.on('upgrade', (request, socket: Duplex, head) => {
      const room = this.#roomOf(request)
      if (typeof room === 'number') refuseUpgrade(socket, room)
      else this.#server.handleUpgrade(request, socket, head, (ws) => this.#open(ws, request, room))
    })
  }

  /** Bytes given to a socket and not yet taken by its network. */
  backlogOf(id: SocketId): number {
    return this.#sockets.get(id)?.bufferedAmount ?? 0
  }

  send(id: SocketId, data: Uint8Array): void {
    // A failed send is followed by `close`, which is where loss is handled.
    this.#sockets.get(id)?.send(data, { binary: true }, () => {})
  }

  ping(id: SocketId): void {
    this.#sockets.get(id)?.ping(undefined, false, () => {})
  }

  close(id: SocketId, code: number, reason: string): void {
    this.#sockets.get(id)?.close(code, Buffer.from(reason).subarray(0, MAX_REASON_BYTES))
  }

  drop(id: SocketId): void {
    this.#sockets.get(id)?.terminate()
  }

  get size(): number {
    return this.#sockets.size
  }

  /** Cuts whatever is still open. */
  dropAll(): void {
    for (const ws of this.#sockets.values()) ws.terminate()
  }

  /** The room an upgrade asks for, or the HTTP status that refuses it. */
  #roomOf(request: IncomingMessage): RoomId | number {
    const [path = ''] = (request.url ?? '').split('?')
    const match = /^\/([^/]+)\/socket$/.exec(
      path.startsWith(ROOMS_PATH) ? path.slice(ROOMS_PATH.length) : '',
    )
    const room = parseRoomId(match?.[1] ?? '')
    if (room === undefined) return 404
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') return 426
    return this.#isOwnOrigin(request) ? room : 403
  }

  /** Programs send no Origin; browsers always do, and only our own page may connect from one. */
  #isOwnOrigin({ headers }: IncomingMessage): boolean {
    const { origin } = headers
    if (origin === undefined) return true
    const { url, also } = this.#options
    const host = URL.canParse(origin) ? new URL(origin).host : undefined
    if (host === undefined) return false
    const isOwn = host === headers.host?.toLowerCase() || host === url?.host
    return isOwn || also.some((other) => other.origin === origin)
  }

  #open(ws: WebSocket, request: IncomingMessage, room: RoomId): void {
    const { input, trustProxy, turnUrlsFor, url } = this.#options
    const host = parsePublicHost(url?.host ?? request.headers.host)
    this.#lastId += 1
    const socket = this.#lastId
    this.#sockets.set(socket, ws)
    ws.on('message', (data: RawData, isBinary) => {
      // `nodebuffer`, the default binaryType, gives one Buffer per message.
      if (Buffer.isBuffer(data)) input({ type: 'message', socket, data, isBinary })
    })
    ws.on('ping', (data) => {
      input({ type: 'sign-of-life', socket })
      if (ws.readyState === ws.OPEN) ws.pong(data, false, () => {})
    })
    ws.on('pong', () => input({ type: 'sign-of-life', socket }))
    // Protocol errors close the socket with their own code; `close` follows.
    ws.on('error', () => {})
    ws.on('close', () => {
      this.#sockets.delete(socket)
      input({ type: 'socket-closed', socket })
    })
    input({
      type: 'socket-opened',
      socket,
      room,
      remote: clientOriginOf(request, trustProxy).remote,
      turnUrls: host === undefined ? [] : turnUrlsFor(host),
    })
  }
}

function refuseUpgrade(socket: Duplex, status: number): void {
  const body = JSON.stringify(errorAnswer(status))
  socket.on('error', () => {})
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      'Connection: close',
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  )
}
