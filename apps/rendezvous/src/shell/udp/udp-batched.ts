// UDP by the system calls that move many datagrams at once, on Linux: one thread's sockets wait in one
// epoll, which the event loop watches; what is there is received in batches, handed on, and what that
// gives to send leaves in batches. Tells of ICMP, and sets the DF bit per datagram.
import { closeSync } from 'node:fs'
import { isIPv6 } from 'node:net'
import { addressOfSocket } from '@knothole/traversal'
import type { TransportAddress, TurnRemote } from '@knothole/traversal'
import { Epoll } from './epoll.ts'
import { IcmpErrors } from './icmp-errors.ts'
import {
  AF_INET,
  AF_INET6,
  EAGAIN,
  EPOLLERR,
  IPV6_MTU_DISCOVER,
  IPV6_RECVERR,
  IPV6_V6ONLY,
  IP_MTU_DISCOVER,
  IP_RECVERR,
  MSG_DONTWAIT,
  PMTUDISC_DO,
  PMTUDISC_WANT,
  SOCKADDR_BYTES,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOL_IP,
  SOL_IPV6,
  SOL_SOCKET,
  SO_RCVBUF,
  SO_REUSEPORT,
  SO_SNDBUF,
} from './linux-abi.ts'
import type { Libc } from './linux-libc.ts'
import { ListenError, listenErrorOf } from '../listen-error.ts'
import type { LoopWatch } from '../loop-watch.ts'
import { MessageVector, VECTOR_SLOTS } from './message-vector.ts'
import { SendQueue } from '../send-queue.ts'
import { SocketAddresses } from './socket-address.ts'
import { giveToThread } from './thread-descriptor.ts'
import { SOCKET_BUFFER_BYTES } from './udp-network.ts'
import type { UdpBind, UdpNetwork, UdpReceiver, UdpSocket } from './udp-network.ts'

/** Sockets served per turn of the event loop; the others are served in the next. */
const MAX_EVENTS = 64

/** Errors without a datagram between them after which a socket is given up. */
const MAX_ERRORS_IN_ROW = 1000

/** @throws Error when the system gives no epoll */
export function openBatchedUdp(libc: Libc, watch: LoopWatch): UdpNetwork {
  return new BatchedUdp(libc, watch)
}

/** Level and name, as setsockopt(2) has them. */
type SocketOption = readonly [level: number, name: number]

interface Opened {
  readonly fd: number
  readonly isIpv6: boolean
  readonly receiver: UdpReceiver
  errorsInRow: number
}

class BatchedUdp implements UdpNetwork {
  readonly kind = 'batched'
  readonly canForbidFragments = true
  readonly #libc: Libc
  readonly #epoll: Epoll
  readonly #stopWatching: () => void
  readonly #addresses = new SocketAddresses()
  readonly #arrivals: MessageVector
  readonly #queue: SendQueue
  readonly #icmp: IcmpErrors
  readonly #sockets = new Map<number, Opened>()

  constructor(libc: Libc, watch: LoopWatch) {
    this.#libc = libc
    this.#arrivals = new MessageVector(libc)
    this.#queue = new SendQueue(libc, this.#addresses)
    this.#icmp = new IcmpErrors(libc, this.#addresses)
    const epoll = Epoll.open(libc, MAX_EVENTS)
    if (epoll === undefined) throw new Error(`epoll_create1: ${libc.errorName(libc.errno())}`)
    this.#epoll = epoll
    this.#stopWatching = watch.watch(epoll.fd, {
      onReadable: () => this.#drain(),
      beforeWait: () => this.#queue.flush(),
    })
  }

  async bind(place: UdpBind, receiver: UdpReceiver): Promise<UdpSocket> {
    const isIpv6 = isIPv6(place.host)
    const fd = this.#openSocket(place, isIpv6)
    const address = this.#addressOf(fd)
    const opened: Opened = { fd, isIpv6, receiver, errorsInRow: 0 }
    if (receiver.refused !== undefined) {
      if (isIpv6) this.#set(fd, [SOL_IPV6, IPV6_RECVERR], 1)
      else this.#set(fd, [SOL_IP, IP_RECVERR], 1)
    }
    this.#sockets.set(fd, opened)
    if (!this.#epoll.add(fd)) {
      this.#closeSocket(opened)
      throw new ListenError('bind-failed', 'a UDP socket finds no room in the epoll')
    }
    return {
      address,
      send: (datagram, to, done) => {
        const isQueued = this.#isOpen(opened) && this.#queue.push(fd, datagram, to)
        if (done === undefined) return
        if (isQueued) this.#queue.tellOfLast(done)
        else done(false)
      },
      sendUnfragmented: (datagram, to) => this.#sendUnfragmented(opened, datagram, to),
      close: async () => this.#closeSocket(opened),
    }
  }

  close(): void {
    for (const opened of this.#sockets.values()) this.#closeSocket(opened)
    this.#stopWatching()
    this.#epoll.close()
  }

  #openSocket(place: UdpBind, isIpv6: boolean): number {
    const { host, port, isShared = false } = place
    const type = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC
    const fd = this.#libc.socket(isIpv6 ? AF_INET6 : AF_INET, type, 0)
    if (fd < 0) this.#fail(place)
    // Otherwise [::] takes the IPv4 port too, and IPv4 clients look like ::ffff:1.2.3.4.
    if (isIpv6) this.#set(fd, [SOL_IPV6, IPV6_V6ONLY], 1)
    if (isShared) this.#set(fd, [SOL_SOCKET, SO_REUSEPORT], 1)
    this.#set(fd, [SOL_SOCKET, SO_RCVBUF], SOCKET_BUFFER_BYTES)
    this.#set(fd, [SOL_SOCKET, SO_SNDBUF], SOCKET_BUFFER_BYTES)
    const name = Buffer.alloc(SOCKADDR_BYTES)
    const nameBytes = this.#addresses.write(name, 0, { address: host, port })
    if (this.#libc.bind(fd, name, nameBytes) < 0) this.#fail(place, fd)
    try {
      return giveToThread(this.#libc, fd)
    } catch (error) {
      throw listenErrorOf(error, { protocol: 'UDP', host, port })
    }
  }

  #addressOf(fd: number): TransportAddress {
    const name = Buffer.alloc(SOCKADDR_BYTES)
    const size = Uint32Array.of(SOCKADDR_BYTES)
    this.#libc.getsockname(fd, name, size)
    const own = this.#addresses.read(name, 0, size[0] ?? 0)
    const address = own && addressOfSocket(own)
    if (address === null) throw new Error('a bound socket has no usable address')
    return address
  }

  #set(fd: number, [level, name]: SocketOption, value: number): void {
    // What the system does not take leaves a socket that works as others do.
    this.#libc.setsockopt(fd, level, name, Uint32Array.of(value), 4)
  }

  /** Throws what the last call failed with. */
  #fail({ host, port }: UdpBind, fd = -1): never {
    const code = this.#libc.errorName(this.#libc.errno())
    if (fd >= 0) this.#libc.close(fd)
    const error = Object.assign(new Error(`bind ${code}`), { code })
    throw listenErrorOf(error, { protocol: 'UDP', host, port })
  }

  /** Seldom asked for, so at two calls more. */
  #sendUnfragmented(opened: Opened, datagram: Uint8Array, to: TurnRemote): void {
    if (!this.#isOpen(opened)) return
    const { fd, isIpv6 } = opened
    const option: SocketOption = isIpv6 ? [SOL_IPV6, IPV6_MTU_DISCOVER] : [SOL_IP, IP_MTU_DISCOVER]
    this.#queue.flush()
    this.#set(fd, option, PMTUDISC_DO)
    this.#queue.push(fd, datagram, to)
    this.#queue.flush()
    this.#set(fd, option, PMTUDISC_WANT)
  }

  #closeSocket(opened: Opened): void {
    if (!this.#isOpen(opened)) return
    this.#queue.flush()
    this.#sockets.delete(opened.fd)
    closeSync(opened.fd)
  }

  /** Whether a descriptor is still this socket's: numbers of closed ones soon are another's. */
  #isOpen(opened: Opened): boolean {
    return this.#sockets.get(opened.fd) === opened
  }

  /** Serves every socket that has something, once. */
  #drain(): void {
    this.#epoll.wait(0, this.#onReady)
    this.#queue.flush()
  }

  readonly #onReady = (fd: number, events: number): void => {
    const opened = this.#sockets.get(fd)
    if (opened !== undefined) this.#serve(opened, events)
  }

  #serve(opened: Opened, events: number): void {
    const { fd, receiver } = opened
    if ((events & EPOLLERR) !== 0) {
      this.#icmp.read(fd, (icmp, remote) => receiver.refused?.(icmp, remote))
    }
    if (!this.#isOpen(opened)) return
    const arrivals = this.#arrivals
    arrivals.resetNames()
    const count = this.#libc.recvmmsg(fd, arrivals.headers, VECTOR_SLOTS, MSG_DONTWAIT, null)
    if (count < 0) return this.#receiveFailed(opened)
    opened.errorsInRow = 0
    const taken = Math.min(count, VECTOR_SLOTS)
    for (let slot = 0; slot < taken && this.#isOpen(opened); slot++) {
      const nameBytes = arrivals.nameBytes(slot)
      const remote = this.#addresses.read(arrivals.names, arrivals.nameOffset(slot), nameBytes)
      const datagram = arrivals.received(slot)
      if (remote !== null && datagram !== null) receiver.received(datagram, remote)
    }
  }

  #receiveFailed(opened: Opened): void {
    const { fd, receiver } = opened
    const errno = this.#libc.errno()
    if (errno === EAGAIN) return
    // An ICMP message shows here too, once. What never ends would keep the thread busy.
    opened.errorsInRow += 1
    if (opened.errorsInRow < MAX_ERRORS_IN_ROW) return
    this.#epoll.remove(fd)
    receiver.failed?.(new Error(`recvmmsg: ${this.#libc.errorName(errno)}`))
  }
}
