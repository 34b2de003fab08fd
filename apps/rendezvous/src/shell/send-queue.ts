// Datagrams waiting to leave, of all sockets of a thread: copied as they come, and sent by one system
// call per socket. Keeps the order within a socket; drops what the system does not take.
import { EAGAIN, ENOBUFS, MMSGHDR_WORDS, MSG_DONTWAIT, MSG_NOSIGNAL } from './udp/linux-abi.ts'
import type { Libc } from './udp/linux-libc.ts'
import { MessageVector, VECTOR_SLOTS } from './udp/message-vector.ts'
import type { SocketAddresses } from './udp/socket-address.ts'
import type { TurnRemote } from '@knothole/traversal'

type Done = (isSent: boolean) => void

/** A slot that waits for nothing. */
const NO_SOCKET = -1

export class SendQueue {
  readonly #libc: Libc
  readonly #addresses: SocketAddresses
  readonly #vector: MessageVector
  /** By slot. */
  readonly #fds = new Int32Array(VECTOR_SLOTS)
  readonly #nameBytes = new Int32Array(VECTOR_SLOTS)
  /** Slots of the socket that is being served. */
  readonly #run = new Int32Array(VECTOR_SLOTS)
  #done: (readonly [slot: number, done: Done])[] = []
  readonly #wasSent = new Uint8Array(VECTOR_SLOTS)
  #count = 0

  constructor(libc: Libc, addresses: SocketAddresses) {
    this.#libc = libc
    this.#addresses = addresses
    this.#vector = new MessageVector(libc)
  }

  /** Queues a datagram; false when it is none that can be sent. */
  push(fd: number, datagram: Uint8Array, to: TurnRemote): boolean {
    if (this.#count === VECTOR_SLOTS) this.flush()
    const slot = this.#count
    const vector = this.#vector
    const nameBytes = this.#addresses.write(vector.names, vector.nameOffset(slot), to)
    if (nameBytes === 0 || !vector.fill(slot, datagram)) return false
    this.#fds[slot] = fd
    this.#nameBytes[slot] = nameBytes
    this.#count += 1
    return true
  }

  /** Has `done` told what became of the datagram that was queued last. */
  tellOfLast(done: Done): void {
    this.#done.push([this.#count - 1, done])
  }

  /** Sends all. */
  flush(): void {
    const count = this.#count
    if (count === 0) return
    for (let first = 0; first < count; first++) {
      const fd = this.#fds[first] ?? NO_SOCKET
      if (fd !== NO_SOCKET) this.#send(fd, this.#gather(fd, first))
    }
    this.#count = 0
    if (this.#done.length === 0) return
    const done = this.#done.map(([slot, tell]) => [this.#wasSent[slot] === 1, tell] as const)
    this.#done = []
    for (const [isSent, tell] of done) tell(isSent)
  }

  /** Points the headers at the datagrams of a socket; how many they are. */
  #gather(fd: number, first: number): number {
    let length = 0
    for (let slot = first; slot < this.#count; slot++) {
      if (this.#fds[slot] !== fd) continue
      this.#vector.aim(length, slot, this.#nameBytes[slot] ?? 0)
      this.#fds[slot] = NO_SOCKET
      this.#wasSent[slot] = 0
      this.#run[length] = slot
      length += 1
    }
    return length
  }

  #send(fd: number, length: number): void {
    const { headers } = this.#vector
    let gone = 0
    let refusedAt = -1
    while (gone < length) {
      const rest = gone === 0 ? headers : headers.subarray(MMSGHDR_WORDS * gone)
      const sent = this.#libc.sendmmsg(fd, rest, length - gone, MSG_DONTWAIT | MSG_NOSIGNAL)
      if (sent > 0) {
        for (let at = gone; at < gone + sent; at++) this.#wasSent[this.#run[at] ?? 0] = 1
        gone += sent
        continue
      }
      const errno = this.#libc.errno()
      if (errno === EAGAIN || errno === ENOBUFS) return
      // The first error may be one that an ICMP message left behind; the second is the datagram's own.
      if (refusedAt === gone) gone += 1
      else refusedAt = gone
    }
  }
}
