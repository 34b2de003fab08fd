// One UDP socket of STUN or TURN, bound, or an error that says why not. Buffers are large: a relay that
// is asked to carry a burst should not lose it while another packet is being handled.
import { createSocket } from 'node:dgram'
import type { Socket, SocketOptions } from 'node:dgram'
import { isIPv6 } from 'node:net'
import type { TransportAddress } from '@knothole/traversal'
import { toTransportAddress } from '@knothole/traversal'
import { listenErrorOf, systemCodeOf } from './listen-error.ts'

export interface UdpBind {
  readonly host: string
  /** 0 takes any free one. */
  readonly port: number
  /** Whether other threads bind the same port, each taking its share of the flows. */
  readonly isShared?: boolean
}

/** What a socket may hold for us and from us; the system caps it (net.core.rmem_max). */
const BUFFER_BYTES = 4 * 1024 * 1024

/** Opens and binds a UDP socket. @throws ListenError */
export async function bindUdp({ host, port, isShared = false }: UdpBind): Promise<Socket> {
  const family = isIPv6(host) ? 6 : 4
  const options: SocketOptions & { readonly reusePort: boolean } = {
    type: family === 6 ? 'udp6' : 'udp4',
    // Otherwise [::] takes the IPv4 port too, and IPv4 clients look like ::ffff:1.2.3.4.
    ipv6Only: family === 6,
    reusePort: isShared,
    // Every address is a literal: a look-up would only put off each packet, and cost a quarter more.
    lookup: (address, _options, callback) => callback(null, address, family),
  }
  const socket = createSocket(options)
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
    throw listenErrorOf(error, { protocol: 'UDP', host, port })
  }
  enlarge(socket)
  return socket
}

/** Where a bound socket is. */
export function addressOf(socket: Socket): TransportAddress {
  const { address, port } = socket.address()
  const [ip = ''] = address.split('%')
  const result = toTransportAddress(ip, port)
  if (result === null) throw new Error(`a bound socket has no usable address: ${address}`)
  return result
}

/** Closes a socket; done when its port is free. */
export function closeUdp(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.close(resolve)
  })
}

/**
 * Whether a host cannot be served because this machine lacks IPv6. With IPv6 switched off, the
 * wildcard and loopback are "not available"; any other address may be a slip of the operator's, which
 * silence would hide.
 */
export function isFamilyLacking(host: string, error: unknown): boolean {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  const code = systemCodeOf(cause)
  if (code === 'EAFNOSUPPORT') return isIPv6(host)
  return code === 'EADDRNOTAVAIL' && (host === '::' || host === '::1')
}

function enlarge(socket: Socket): void {
  try {
    socket.setRecvBufferSize(BUFFER_BYTES)
    socket.setSendBufferSize(BUFFER_BYTES)
  } catch {
    // Some systems refuse instead of capping; the socket works with what it has.
  }
}
