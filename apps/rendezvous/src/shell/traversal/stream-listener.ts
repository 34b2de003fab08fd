// STUN and TURN over TCP and TLS: takes connections, cuts their bytes into messages and carries these
// to and from the pure servers. Lets nobody hold a connection for nothing: without an allocation it
// ends after a while, and a network has only so many.
import { createServer as createTcpServer, isIPv6 } from 'node:net'
import type { Server, Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { addressOfSocket, createStreamFraming, isForTurn } from '@knothole/traversal'
import type {
  StreamFrame,
  StreamFraming,
  StunServer,
  TransportAddress,
  TurnServer,
  TurnStream,
} from '@knothole/traversal'
import { networkOf } from '../../core/index.ts'
import { nowMs } from '../clock.ts'
import { listenErrorOf } from '../listen-error.ts'

/** A certificate with its chain and its private key, PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

export interface StreamListenerOptions {
  readonly host: string
  /** 0 takes any free one. */
  readonly port: number
  readonly isShared: boolean
  /** Present: TLS. */
  readonly certificate?: Certificate | undefined
  readonly stun: StunServer
  readonly turn: TurnServer
}

export interface StreamListener {
  readonly address: TransportAddress
  /** Ends connections that have held no allocation for too long. */
  sweep(nowMs: number): void
  close(): Promise<void>
}

/** Connections of one listener of one thread, at about 20 KiB each. */
const MAX_CONNECTIONS = 2000

/** Connections of one network: a large office behind one address. */
const MAX_CONNECTIONS_PER_NETWORK = 128

/** How long a connection may have no allocation: a browser's three requests take two round trips. */
const IDLE_MS = 15_000

/** A TLS handshake on a bad day. */
const HANDSHAKE_TIMEOUT_MS = 10_000

/** Bytes waiting for one client: past this it reads slower than its peers write, so drop. */
const MAX_QUEUE_BYTES = 256 * 1024

interface Connection {
  readonly socket: Socket
  readonly stream: TurnStream
  readonly framing: StreamFraming
  readonly remote: TransportAddress
  /** When it was last seen with an allocation, or opened. */
  usefulAtMs: number
}

/** Opens a listener. @throws ListenError */
export async function openStreamListener(options: StreamListenerOptions): Promise<StreamListener> {
  const connections = new Set<Connection>()
  const perNetwork = new Map<string, number>()
  const server = createServer(options, (socket) => serve(socket, options, connections))
  server.maxConnections = MAX_CONNECTIONS
  server.on('connection', (socket: Socket) => countNetwork(socket, perNetwork))
  await listen(server, options)
  const bound = server.address()
  const local =
    typeof bound === 'object' && bound !== null
      ? addressOfSocket({ address: options.host, port: bound.port })
      : null
  if (local === null) throw new Error('a listening server has no usable address')
  return {
    address: local,
    sweep(nowMs) {
      for (const connection of connections) sweepOne(connection, nowMs)
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const { socket } of connections) socket.destroy()
      }),
  }
}

function createServer(
  { certificate }: StreamListenerOptions,
  onSocket: (socket: Socket) => void,
): Server {
  if (certificate === undefined) return createTcpServer({ noDelay: true }, onSocket)
  const settings = { ...certificate, handshakeTimeout: HANDSHAKE_TIMEOUT_MS, noDelay: true }
  const server = createTlsServer(settings, onSocket)
  // A handshake that fails is its client's affair.
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  return server
}

async function listen(
  server: Server,
  { host, port, isShared }: StreamListenerOptions,
): Promise<void> {
  const settings = { host, port, ipv6Only: isIPv6(host), exclusive: true, reusePort: isShared }
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(settings, () => {
        server.off('error', reject)
        resolve()
      })
    })
  } catch (error) {
    throw listenErrorOf(error, { protocol: 'TCP', host, port })
  }
  // Accepting one connection failed, for want of file descriptors say; the next may do.
  server.on('error', () => {})
}

/** Cuts a connection off when its network has too many. */
function countNetwork(socket: Socket, perNetwork: Map<string, number>): void {
  const remote = endOf(socket.remoteAddress, socket.remotePort)
  socket.on('error', () => {})
  if (remote === null) {
    socket.destroy()
    return
  }
  const network = networkOf(remote)
  const count = (perNetwork.get(network) ?? 0) + 1
  perNetwork.set(network, count)
  socket.once('close', () => {
    const left = (perNetwork.get(network) ?? 1) - 1
    if (left === 0) perNetwork.delete(network)
    else perNetwork.set(network, left)
  })
  if (count > MAX_CONNECTIONS_PER_NETWORK) socket.destroy()
}

function serve(
  socket: Socket,
  { stun, turn, certificate }: StreamListenerOptions,
  connections: Set<Connection>,
): void {
  socket.on('error', () => {})
  const remote = endOf(socket.remoteAddress, socket.remotePort)
  const local = endOf(socket.localAddress, socket.localPort)
  if (remote === null || local === null) {
    socket.destroy()
    return
  }
  const send = (message: Uint8Array): void => {
    if (socket.writableLength <= MAX_QUEUE_BYTES) socket.write(message)
  }
  const transport = certificate === undefined ? 'tcp' : 'tls'
  const stream = turn.openStream({ local, socket: { send }, transport, client: remote })
  const framing = createStreamFraming()
  const connection = { socket, stream, framing, remote, usefulAtMs: nowMs() }
  connections.add(connection)
  socket.on('data', (chunk: Buffer) => {
    framing.push(chunk)
    for (let frame = framing.poll(); frame !== undefined; frame = framing.poll()) {
      if (isForTurn(frame.bytes)) stream.receive(frame.bytes, nowMs())
      else answerBinding(frame, { stun, remote, send })
    }
    // Bytes that are no STUN: nothing that follows can be found in them.
    if (framing.fault() !== undefined) socket.destroy()
  })
  // Who stops sending has gone; the allocation goes with the connection (RFC 8656 section 3.1).
  socket.on('end', () => socket.destroy())
  socket.once('close', () => {
    connections.delete(connection)
    stream.close(nowMs())
  })
}

function answerBinding(
  { bytes }: StreamFrame,
  {
    stun,
    remote,
    send,
  }: {
    readonly stun: StunServer
    readonly remote: TransportAddress
    readonly send: (message: Uint8Array) => void
  },
): void {
  const answer = stun.answer(bytes, remote, nowMs())
  if (answer.type === 'reply') send(answer.bytes)
}

function sweepOne(connection: Connection, nowMs: number): void {
  if (connection.stream.hasAllocation()) connection.usefulAtMs = nowMs
  else if (nowMs - connection.usefulAtMs >= IDLE_MS) connection.socket.destroy()
}

/** One end of a connection; null once it is gone. */
function endOf(address: string | undefined, port: number | undefined): TransportAddress | null {
  return address === undefined || port === undefined ? null : addressOfSocket({ address, port })
}
