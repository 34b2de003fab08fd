// UDP by Node's dgram: everywhere, at two system calls and two turns of the event loop per packet.
// Tells of no ICMP, since dgram shows none.
import { createSocket } from 'node:dgram'
import type { Socket, SocketOptions } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { isIPv6 } from 'node:net'
import { addressOfSocket } from '@knothole/traversal'
import type { TransportAddress, TurnRemote } from '@knothole/traversal'
import { listenErrorOf } from '../listen-error.ts'
import { SOCKET_BUFFER_BYTES } from './udp-network.ts'
import type { UdpBind, UdpNetwork, UdpReceiver, UdpSocket } from './udp-network.ts'

/** Packets waiting in one socket: past this its network is slower than who sends, so drop. */
const MAX_SEND_QUEUE_BYTES = 256 * 1024

/** What Ethernet carries whole, without headers of IPv6 and UDP. */
const MAX_UNFRAGMENTED_BYTES = 1500 - 40 - 8

export function openDgramUdp(): UdpNetwork {
  return {
    kind: 'dgram',
    canForbidFragments: canForbidFragments(),
    bind,
    close: () => {},
  }
}

async function bind(place: UdpBind, receiver: UdpReceiver): Promise<UdpSocket> {
  const socket = await bindSocket(place)
  enlarge(socket)
  socket.on('message', (datagram, remote) => receiver.received(datagram, remote))
  socket.on('error', (error) => receiver.failed?.(error))
  let closed: Promise<void> | undefined
  const send = (datagram: Uint8Array, to: TurnRemote, done?: (isSent: boolean) => void): void => {
    if (closed !== undefined || socket.getSendQueueSize() > MAX_SEND_QUEUE_BYTES) done?.(false)
    else if (done === undefined) socket.send(datagram, to.port, to.address)
    else socket.send(datagram, to.port, to.address, (error) => done(error === null))
  }
  return {
    address: addressOf(socket),
    send,
    sendUnfragmented(datagram, to) {
      if (datagram.length <= MAX_UNFRAGMENTED_BYTES) send(datagram, to)
    },
    close() {
      closed ??= new Promise((resolve) => {
        socket.close(resolve)
      })
      return closed
    },
  }
}

async function bindSocket({ host, port, isShared = false }: UdpBind): Promise<Socket> {
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
  return socket
}

/** Where a bound socket is. */
function addressOf(socket: Socket): TransportAddress {
  const own = socket.address()
  const result = addressOfSocket(own)
  if (result === null) throw new Error(`a bound socket has no usable address: ${own.address}`)
  return result
}

function enlarge(socket: Socket): void {
  try {
    socket.setRecvBufferSize(SOCKET_BUFFER_BYTES)
    socket.setSendBufferSize(SOCKET_BUFFER_BYTES)
  } catch {
    // Some systems refuse instead of capping; the socket works with what it has.
  }
}

/**
 * Whether datagrams leave with the DF bit (RFC 8656 section 15): Linux sets it on what fits the path,
 * unless told otherwise, and splits only what is larger. That, we drop ourselves.
 */
function canForbidFragments(): boolean {
  if (process.platform !== 'linux') return false
  try {
    return readFileSync('/proc/sys/net/ipv4/ip_no_pmtu_disc', 'utf8').trim() === '0'
  } catch {
    return false
  }
}
