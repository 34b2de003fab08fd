// WebSockets of rooms: takes upgrades at a room's address from our own page or from programs, and
// carries messages between sockets and the machine. Decides about upgrades only.
import { STATUS_CODES } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { RawData, ServerOptions, WebSocket } from 'ws'
import { AHEAD, MAX_CLIENT_FRAME_BYTES, parseRoomId, ROOMS_PATH } from '@knothole/wire'
import type { Bytes, RoomId } from '@knothole/wire'
import type { RendezvousInput, SocketId } from '../core/index.ts'
import { AnswerCarrier, SocketCarrier } from './carrier.ts'
import type { Carrier } from './carrier.ts'
import { clientOriginOf } from './http/client-origin.ts'
import type { ProxyTrust } from './http/client-origin.ts'
import { errorAnswer } from './http/http-answers.ts'
import { parsePublicHost } from './http/public-host.ts'
import type { PublicHost } from './http/public-host.ts'

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

/**
 * A frame somewhat too large is read whole and refused in words; beyond this ws cuts it off unread,
 * with close code 1009.
 */
const MAX_MESSAGE_BYTES = 2 * MAX_CLIENT_FRAME_BYTES

/** Pieces of one message: browsers send one, proxies may split at 1 KiB. */
const MAX_FRAGMENTS = 64

/** Chunks of one unfinished message: one per packet of 576 bytes. */
const MAX_CHUNKS = 128

/** A join that came by a request. */
export interface JoinAhead {
  readonly room: RoomId
  /** Names the socket that is to follow, or has come already. */
  readonly token: string
  /** The challenge of the page, which it answers. */
  readonly nonce: Bytes
  readonly join: Bytes
}

export class SocketGate {
  readonly #options: SocketGateOptions
  readonly #sockets = new Map<SocketId, Carrier>()
  /** Those whose peer may join ahead or has, by its token. */
  readonly #ahead = new Map<string, { readonly socket: SocketId; readonly room: RoomId }>()
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
    return this.#sockets.get(id)?.backlog ?? 0
  }

  send(id: SocketId, data: Bytes): void {
    this.#sockets.get(id)?.send(data)
  }

  ping(id: SocketId): void {
    this.#sockets.get(id)?.ping()
  }

  close(id: SocketId, code: number, reason: string): void {
    this.#sockets.get(id)?.close(code, reason)
  }

  drop(id: SocketId): void {
    this.#sockets.get(id)?.drop()
  }

  get size(): number {
    return this.#sockets.size
  }

  /** Cuts whatever is still open. */
  dropAll(): void {
    for (const carrier of this.#sockets.values()) carrier.drop()
  }

  /**
   * Takes a join that comes before its socket, or beside it. What a socket would bring comes as the answer
   * until the socket is there; then the answer ends.
   */
  joinAhead(
    { room, token, nonce, join }: JoinAhead,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    const known = this.#ahead.get(token)
    const { input } = this.#options
    let socket = known?.socket
    if (socket === undefined) {
      const carrier = new AnswerCarrier(response)
      const entered = this.#enter(carrier, request, { room, token })
      response.on('close', () => {
        if (this.#sockets.get(entered) === carrier) this.#closed(entered, token)
      })
      socket = entered
    } else response.end()
    input({ type: 'page-challenge', socket, nonce })
    input({ type: 'message', socket, data: join, isBinary: true })
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
    return this.isOwn(request) ? room : 403
  }

  /** Programs send no Origin; browsers always do, and only our own page may connect from one. */
  isOwn({ headers }: IncomingMessage): boolean {
    const { origin } = headers
    if (origin === undefined) return true
    const { url, also } = this.#options
    const host = URL.canParse(origin) ? new URL(origin).host : undefined
    if (host === undefined) return false
    const isOwn = host === headers.host?.toLowerCase() || host === url?.host
    return isOwn || also.some((other) => other.origin === origin)
  }

  #open(ws: WebSocket, request: IncomingMessage, room: RoomId): void {
    const { input } = this.#options
    const token = aheadTokenOf(request)
    const carrier = new SocketCarrier(ws)
    const socket =
      this.#follow(carrier, room, token) ?? this.#enter(carrier, request, { room, token })
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
    ws.on('close', () => this.#closed(socket, token))
  }

  /** Has a socket take over from the answer to the join that came ahead of it, if one did. */
  #follow(carrier: Carrier, room: RoomId, token: string | undefined): SocketId | undefined {
    const ahead = token === undefined ? undefined : this.#ahead.get(token)
    if (ahead?.room !== room) return undefined
    const answer = this.#sockets.get(ahead.socket)
    if (!(answer instanceof AnswerCarrier)) return undefined
    this.#sockets.set(ahead.socket, carrier)
    answer.close()
    return ahead.socket
  }

  #enter(
    carrier: Carrier,
    request: IncomingMessage,
    { room, token }: { readonly room: RoomId; readonly token: string | undefined },
  ): SocketId {
    const { input, trustProxy, turnUrlsFor, url } = this.#options
    const host = parsePublicHost(url?.host ?? request.headers.host)
    this.#lastId += 1
    const socket = this.#lastId
    this.#sockets.set(socket, carrier)
    if (token !== undefined) this.#ahead.set(token, { socket, room })
    input({
      type: 'socket-opened',
      socket,
      room,
      remote: clientOriginOf(request, trustProxy).remote,
      turnUrls: host === undefined ? [] : turnUrlsFor(host),
    })
    return socket
  }

  #closed(socket: SocketId, token: string | undefined): void {
    this.#sockets.delete(socket)
    if (token !== undefined && this.#ahead.get(token)?.socket === socket) this.#ahead.delete(token)
    this.#options.input({ type: 'socket-closed', socket })
  }
}

/** What ties a socket to a join ahead of it. */
function aheadTokenOf({ url = '' }: IncomingMessage): string | undefined {
  const [, query = ''] = url.split('?')
  return readAheadToken(new URLSearchParams(query).get(AHEAD))
}

/** A random UUID (RFC 9562), or undefined for anything else. */
export function readAheadToken(text: unknown): string | undefined {
  return typeof text === 'string' && /^[0-9a-f-]{36}$/.test(text) ? text : undefined
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
