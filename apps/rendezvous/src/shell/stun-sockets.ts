// The UDP sockets of the STUN Binding server: carries datagrams between the network and the pure
// server of @knothole/traversal, and decides nothing about them. One socket per host and port; an
// answer leaves from the socket the question came to, since a NAT lets no other in.
import { createSocket } from 'node:dgram'
import type { RemoteInfo, Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'

import type { StunServer, StunSilence, TransportAddress } from '@knothole/traversal'
import { createStunServer, formatTransportAddress, toTransportAddress } from '@knothole/traversal'

export type StunSocketsErrorCode =
  | 'port-in-use'
  | 'port-forbidden'
  | 'no-such-address'
  | 'nothing-to-listen-on'
  | 'bind-failed'
  | 'socket-failed'

/** Why STUN sockets could not be opened, or why one failed later; the message says what to do. */
export class StunSocketsError extends Error {
  override readonly name = 'StunSocketsError'
  readonly code: StunSocketsErrorCode

  constructor(code: StunSocketsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

export interface StunSocketsOptions {
  /**
   * IP addresses to listen on; default: all of both families. Through a wildcard the system picks
   * the source of an answer, so a host with several public addresses should name each of them.
   */
  readonly hosts?: readonly string[]
  /** UDP ports, on every host; 0 takes any free one. */
  readonly ports?: readonly number[]
  /** The server that answers; default: a new one with the usual rate limit. */
  readonly server?: StunServer
  /** Told when an open socket fails; the others go on. */
  readonly onError?: (error: StunSocketsError) => void
}

/** A host that this machine cannot serve because it lacks the address family. */
export interface SkippedStunHost {
  readonly host: string
  readonly reason: string
}

/** What happened to datagrams since the sockets opened; holds no addresses. */
export interface StunCounts {
  readonly answered: number
  readonly silent: Readonly<Partial<Record<StunSilence, number>>>
  /** Answers the system did not take: no route, or a full queue. */
  readonly unsent: number
}

export interface StunSockets {
  readonly addresses: readonly TransportAddress[]
  readonly skipped: readonly SkippedStunHost[]
  counts(): StunCounts
  /** Closes every socket; nothing is answered afterwards. May be called again. */
  close(): Promise<void>
}

export const DEFAULT_STUN_HOSTS: readonly string[] = ['0.0.0.0', '::']
/** Two ports let a client tell whether its NAT maps by port (RFC 5780 section 4.3). */
export const DEFAULT_STUN_PORTS: readonly number[] = [3478, 3479]

/** Answers waiting in one socket: past this the network is slower than the questions, so drop. */
const MAX_SEND_QUEUE_BYTES = 256 * 1024

/** Opens a socket on each host and port; all of them or, with an error that says why, none. */
export async function openStunSockets(options: StunSocketsOptions = {}): Promise<StunSockets> {
  const { hosts = DEFAULT_STUN_HOSTS, ports = DEFAULT_STUN_PORTS, onError } = options
  const counter = createCounter()
  const service: Service = { server: options.server ?? createStunServer(), counter, onError }
  const open: Socket[] = []
  const skipped: SkippedStunHost[] = []
  try {
    for (const host of hosts) {
      const reason = await openHost(host, ports, (socket) => {
        open.push(socket)
        serve(socket, service)
      })
      if (reason !== null) skipped.push({ host, reason })
    }
    requireSome(open, skipped)
  } catch (error) {
    await closeAll(open)
    throw error
  }
  let closing: Promise<void> | undefined
  return {
    addresses: open.map(addressOf),
    skipped,
    counts: () => counter.read(),
    close: () => (closing ??= closeAll(open)),
  }
}

/** Binds every port of one host; returns why the host was skipped, or null. */
async function openHost(
  host: string,
  ports: readonly number[],
  onOpen: (socket: Socket) => void,
): Promise<string | null> {
  for (const port of ports) {
    try {
      onOpen(await bind(host, port))
    } catch (error) {
      if (isFamilyLacking(host, error)) return `this machine has no IPv6 (${codeOf(error)})`
      throw describeBindError(error, host, port)
    }
  }
  return null
}

async function bind(host: string, port: number): Promise<Socket> {
  // `ipv6Only`: otherwise [::] takes the IPv4 port too, and IPv4 clients look like ::ffff:1.2.3.4.
  const socket = isIPv6(host)
    ? createSocket({ type: 'udp6', ipv6Only: true })
    : createSocket({ type: 'udp4' })
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.bind({ port, address: host, exclusive: true }, () => {
        socket.off('error', reject)
        resolve()
      })
    })
  } catch (error) {
    socket.close()
    throw error
  }
  return socket
}

function isFamilyLacking(host: string, error: unknown): boolean {
  const code = codeOf(error)
  if (code === 'EAFNOSUPPORT') return isIPv6(host)
  // With IPv6 switched off, the wildcard and loopback are "not available"; any other address may be
  // a slip of the operator's, which silence would hide.
  return code === 'EADDRNOTAVAIL' && (host === '::' || host === '::1')
}

function describeBindError(error: unknown, host: string, port: number): StunSocketsError {
  const where = `UDP port ${port} on ${host}`
  const code = codeOf(error)
  switch (code) {
    case 'EADDRINUSE':
      return new StunSocketsError(
        'port-in-use',
        `${where} is in use by another program (a second rendezvous, or coturn?): stop it, or choose other STUN ports`,
        { cause: error },
      )
    case 'EACCES':
    case 'EPERM':
      return new StunSocketsError(
        'port-forbidden',
        `${where} is not allowed for this user: choose STUN ports from 1024 up, or grant the capability CAP_NET_BIND_SERVICE`,
        { cause: error },
      )
    case 'EADDRNOTAVAIL':
      return new StunSocketsError(
        'no-such-address',
        `${where} cannot be opened: this machine has no address ${host}; name one it has, or 0.0.0.0 and :: for all`,
        { cause: error },
      )
    default:
      return new StunSocketsError('bind-failed', `${where} cannot be opened (${code})`, {
        cause: error,
      })
  }
}

function requireSome(open: readonly Socket[], skipped: readonly SkippedStunHost[]): void {
  if (open.length > 0) return
  const reasons = skipped.map(({ host, reason }) => `${host}: ${reason}`).join('; ')
  throw new StunSocketsError(
    'nothing-to-listen-on',
    `no STUN socket was opened (${reasons || 'no host or no port given'}): name an address this machine has`,
  )
}

interface Service {
  readonly server: StunServer
  readonly counter: Counter
  readonly onError: ((error: StunSocketsError) => void) | undefined
}

function serve(socket: Socket, { server, counter, onError }: Service): void {
  socket.on('error', (error) => {
    onError?.(
      new StunSocketsError('socket-failed', `a STUN socket failed: ${error.message}`, {
        cause: error,
      }),
    )
  })
  socket.on('message', (datagram, remote) => {
    const source = sourceOf(remote)
    if (source === null) return counter.silent('bad-source')
    const answer = server.answer(datagram, source, performance.now())
    if (answer.type === 'silence') return counter.silent(answer.reason)
    if (socket.getSendQueueSize() > MAX_SEND_QUEUE_BYTES) return counter.unsent()
    socket.send(answer.bytes, remote.port, remote.address, (error) => {
      if (error === null) counter.answered()
      else counter.unsent()
    })
  })
}

function sourceOf({ address, port }: RemoteInfo): TransportAddress | null {
  // A link-local address comes with the zone of our interface, which means nothing to the client.
  const [ip = ''] = address.split('%')
  return toTransportAddress(ip, port)
}

interface Counter {
  answered(): void
  unsent(): void
  silent(reason: StunSilence): void
  read(): StunCounts
}

function createCounter(): Counter {
  let answered = 0
  let unsent = 0
  const silent: Partial<Record<StunSilence, number>> = {}
  return {
    answered() {
      answered += 1
    },
    unsent() {
      unsent += 1
    },
    silent(reason) {
      silent[reason] = (silent[reason] ?? 0) + 1
    },
    read: () => ({ answered, unsent, silent: { ...silent } }),
  }
}

function addressOf(socket: Socket): TransportAddress {
  const { address, port } = socket.address()
  const [ip = ''] = address.split('%')
  const result = toTransportAddress(ip, port)
  if (result === null) throw new Error(`a bound socket has no usable address: ${address}`)
  return result
}

async function closeAll(sockets: readonly Socket[]): Promise<void> {
  const closed = sockets.map(
    (socket) =>
      new Promise<void>((resolve) => {
        socket.close(resolve)
      }),
  )
  await Promise.all(closed)
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : String(error)
}

/** `203.0.113.1:3478, [2001:db8::1]:3478`, for a start-up message. */
export function describeStunAddresses({ addresses }: StunSockets): string {
  return addresses.map(formatTransportAddress).join(', ')
}
