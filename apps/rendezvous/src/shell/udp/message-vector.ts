// Memory that `recvmmsg` and `sendmmsg` work on: headers, and slots of one datagram and one socket
// address each. All is made once and never moves, so the system cannot write where we are not; whoever
// fills or reads a slot stays within its bounds.
import type { Libc } from './linux-libc.ts'
import {
  IOVEC_WORDS,
  IOV_BASE_WORD,
  IOV_LEN_WORD,
  MMSGHDR_WORDS,
  MSG_FLAGS_WORD,
  MSG_IOVLEN_WORD,
  MSG_IOV_WORD,
  MSG_LEN_WORD,
  MSG_NAMELEN_WORD,
  MSG_NAME_WORD,
  MSG_TRUNC,
  SOCKADDR_BYTES,
} from './linux-abi.ts'

/** Datagrams per system call: more gain nothing measurable, and wait longer for each other. */
export const VECTOR_SLOTS = 64

/** The largest payload of UDP over IPv4; IPv6 without jumbograms carries 20 more than anybody sends. */
export const MAX_DATAGRAM_BYTES = 65_507

/** A datagram's room. An odd number of cache lines: at powers of two all slots would share one set. */
const SLOT_BYTES = 1025 * 64
const NAME_BYTES = 32
const WORD = 2 ** 32

export class MessageVector {
  /** `struct mmsghdr` of each message. */
  readonly headers: Uint32Array = new Uint32Array(new ArrayBuffer(4 * MMSGHDR_WORDS * VECTOR_SLOTS))
  /** `struct iovec` of each slot. */
  readonly #parts = new Uint32Array(new ArrayBuffer(4 * IOVEC_WORDS * VECTOR_SLOTS))
  /** Socket addresses; see `nameOffset`. */
  readonly names: Buffer = Buffer.from(new ArrayBuffer(NAME_BYTES * VECTOR_SLOTS))
  /** Pages of it that no datagram reached are never touched. */
  readonly #memory = Buffer.from(new ArrayBuffer(SLOT_BYTES * VECTOR_SLOTS))
  readonly #namesAt: number
  readonly #partsAt: number

  constructor({ addressOf }: Pick<Libc, 'addressOf'>) {
    // Addresses have 47 bits, or 52 at most: numbers hold them exactly.
    this.#namesAt = Number(addressOf(this.names))
    this.#partsAt = Number(addressOf(this.#parts))
    const memoryAt = Number(addressOf(this.#memory))
    for (let slot = 0; slot < VECTOR_SLOTS; slot++) {
      const at = IOVEC_WORDS * slot
      writePointer(this.#parts, at + IOV_BASE_WORD, memoryAt + SLOT_BYTES * slot)
      this.#parts[at + IOV_LEN_WORD] = SLOT_BYTES
      this.headers[MMSGHDR_WORDS * slot + MSG_IOVLEN_WORD] = 1
      this.aim(slot, slot, SOCKADDR_BYTES)
    }
  }

  /** Where the socket address of a slot lies in `names`. */
  nameOffset(slot: number): number {
    return NAME_BYTES * slot
  }

  /** Points a header at a slot with a socket address of so many bytes. */
  aim(header: number, slot: number, nameBytes: number): void {
    const at = MMSGHDR_WORDS * header
    writePointer(this.headers, at + MSG_NAME_WORD, this.#namesAt + NAME_BYTES * slot)
    writePointer(this.headers, at + MSG_IOV_WORD, this.#partsAt + 4 * IOVEC_WORDS * slot)
    this.headers[at + MSG_NAMELEN_WORD] = nameBytes
  }

  /** Makes room for whole socket addresses again, which the system has shortened to what it wrote. */
  resetNames(): void {
    for (let slot = 0; slot < VECTOR_SLOTS; slot++) {
      this.headers[MMSGHDR_WORDS * slot + MSG_NAMELEN_WORD] = SOCKADDR_BYTES
    }
  }

  /** Copies a datagram into a slot; false when it is none that UDP carries. */
  fill(slot: number, datagram: Uint8Array): boolean {
    if (datagram.length > MAX_DATAGRAM_BYTES) return false
    this.#memory.set(datagram, SLOT_BYTES * slot)
    this.#parts[IOVEC_WORDS * slot + IOV_LEN_WORD] = datagram.length
    return true
  }

  /** A view of what was received into a slot; null when it was cut off. */
  received(slot: number): Buffer | null {
    const at = MMSGHDR_WORDS * slot
    const sizeBytes = this.headers[at + MSG_LEN_WORD] ?? 0
    const flags = this.headers[at + MSG_FLAGS_WORD] ?? 0
    if (sizeBytes > SLOT_BYTES || (flags & MSG_TRUNC) !== 0) return null
    const start = SLOT_BYTES * slot
    return this.#memory.subarray(start, start + sizeBytes)
  }

  /** How many bytes the system wrote of a socket address. */
  nameBytes(slot: number): number {
    return this.headers[MMSGHDR_WORDS * slot + MSG_NAMELEN_WORD] ?? 0
  }
}

/** Writes a 64-bit address into two words. */
export function writePointer(words: Uint32Array, at: number, address: number): void {
  words[at] = address % WORD
  words[at + 1] = Math.floor(address / WORD)
}
