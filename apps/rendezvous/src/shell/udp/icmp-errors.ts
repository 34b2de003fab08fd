// What the network said about datagrams it did not deliver: reads the error queue of a socket that has
// IP_RECVERR or IPV6_RECVERR set (ip(7), ipv6(7)). Errors of our own machine are passed over.
import type { TurnIcmp, TurnRemote } from '@knothole/traversal'
import {
  CMSG_DATA_OFFSET,
  CMSG_LEVEL_OFFSET,
  CMSG_TYPE_OFFSET,
  EE_BYTES,
  EE_CODE_OFFSET,
  EE_INFO_OFFSET,
  EE_ORIGIN_ICMP,
  EE_ORIGIN_ICMP6,
  EE_ORIGIN_OFFSET,
  EE_TYPE_OFFSET,
  IPV6_RECVERR,
  IP_RECVERR,
  MMSGHDR_WORDS,
  MSG_CONTROLLEN_WORD,
  MSG_CONTROL_WORD,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSG_NAMELEN_WORD,
  MSG_NAME_WORD,
  SOCKADDR_BYTES,
  SOL_IP,
  SOL_IPV6,
} from './linux-abi.ts'
import type { Libc } from './linux-libc.ts'
import { writePointer } from './message-vector.ts'
import type { SocketAddresses } from './socket-address.ts'

/** Room for the error and the address of who sent it, several times over. */
const CONTROL_BYTES = 512

/** Errors read of one socket in one turn: the rest has time. */
const MAX_ERRORS = 32

export class IcmpErrors {
  readonly #libc: Libc
  readonly #addresses: SocketAddresses
  /** A `struct msghdr`; the payload that comes back is not read. */
  readonly #header = new Uint32Array(new ArrayBuffer(4 * MMSGHDR_WORDS))
  readonly #name = Buffer.from(new ArrayBuffer(SOCKADDR_BYTES))
  readonly #control = Buffer.from(new ArrayBuffer(CONTROL_BYTES))

  constructor(libc: Libc, addresses: SocketAddresses) {
    this.#libc = libc
    this.#addresses = addresses
    writePointer(this.#header, MSG_NAME_WORD, Number(libc.addressOf(this.#name)))
    writePointer(this.#header, MSG_CONTROL_WORD, Number(libc.addressOf(this.#control)))
  }

  /** Empties the queue of a socket; `heard` is told of each ICMP message and the destination it is about. */
  read(fd: number, heard: (icmp: TurnIcmp, remote: TurnRemote) => void): void {
    for (let count = 0; count < MAX_ERRORS; count++) {
      this.#header[MSG_NAMELEN_WORD] = SOCKADDR_BYTES
      this.#header[MSG_CONTROLLEN_WORD] = CONTROL_BYTES
      if (this.#libc.recvmsg(fd, this.#header, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return
      const icmp = this.#icmp()
      if (icmp === undefined) continue
      const remote = this.#addresses.read(this.#name, 0, this.#header[MSG_NAMELEN_WORD] ?? 0)
      if (remote !== null) heard(icmp, remote)
    }
  }

  #icmp(): TurnIcmp | undefined {
    const sizeBytes = Math.min(CONTROL_BYTES, this.#header[MSG_CONTROLLEN_WORD] ?? 0)
    if (sizeBytes < CMSG_DATA_OFFSET + EE_BYTES) return undefined
    const level = this.#control.readInt32LE(CMSG_LEVEL_OFFSET)
    const type = this.#control.readInt32LE(CMSG_TYPE_OFFSET)
    const isIpv4 = level === SOL_IP && type === IP_RECVERR
    if (!isIpv4 && !(level === SOL_IPV6 && type === IPV6_RECVERR)) return undefined
    const origin = this.#control[CMSG_DATA_OFFSET + EE_ORIGIN_OFFSET]
    if (origin !== (isIpv4 ? EE_ORIGIN_ICMP : EE_ORIGIN_ICMP6)) return undefined
    return {
      type: this.#control[CMSG_DATA_OFFSET + EE_TYPE_OFFSET] ?? 0,
      code: this.#control[CMSG_DATA_OFFSET + EE_CODE_OFFSET] ?? 0,
      data: this.#control.readUInt32LE(CMSG_DATA_OFFSET + EE_INFO_OFFSET),
    }
  }
}
