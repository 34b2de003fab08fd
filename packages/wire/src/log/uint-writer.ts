// Writes the few kinds of CBOR items that headers and packs of entries are made of into one buffer, which
// must be large enough: unsigned integers and byte strings with shortest heads (RFC 8949, 4.2.1).
import type { Bytes } from '../bytes.ts'
import type { Stretch } from './chunk.ts'

/** From here on a view for a native copy costs less than a loop. */
const MANY_BYTES = 256

export class UintWriter {
  /** Where the next byte goes. */
  at = 0
  readonly buffer: Bytes

  constructor(bytes: number) {
    this.buffer = new Uint8Array(bytes)
  }

  /** What was written. */
  bytes(): Bytes {
    return this.buffer.subarray(0, this.at)
  }

  byte(value: number): void {
    this.buffer[this.at++] = value
  }

  uint(value: number): void {
    this.#head(0, value)
  }

  string({ bytes, from, to }: Stretch): void {
    this.stringHead(to - from)
    this.copy(bytes, from, to)
  }

  /** The head of a byte string, which is written next. */
  stringHead(length: number): void {
    this.#head(0x40, length)
  }

  /** Bytes from one place to another, as they are. Byte by byte where there are few, as mostly. */
  copy(source: Uint8Array, from: number, to: number): void {
    const { buffer } = this
    if (to - from > MANY_BYTES) {
      buffer.set(source.subarray(from, to), this.at)
      this.at += to - from
      return
    }
    let { at } = this
    for (let i = from; i < to; i++) buffer[at++] = source[i] ?? 0
    this.at = at
  }

  #head(major: number, argument: number): void {
    if (argument < 24) {
      this.byte(major | argument)
      return
    }
    const width = uintBytes(argument) - 1
    this.byte(major | (width === 1 ? 24 : width === 2 ? 25 : width === 4 ? 26 : 27))
    // By halves, as shifts know 32 bits: dividing each time byte by byte costs more.
    if (width === 8) this.#low(Math.floor(argument / 2 ** 32), 4)
    this.#low(argument, Math.min(width, 4))
  }

  /** The lowest bytes of a number. */
  #low(value: number, width: number): void {
    for (let shift = 8 * (width - 1); shift >= 0; shift -= 8) this.byte(value >>> shift)
  }
}

/** Bytes of an unsigned integer in CBOR. */
export function uintBytes(value: number): number {
  if (value < 24) return 1
  if (value < 0x100) return 2
  if (value < 0x1_0000) return 3
  return value < 0x1_0000_0000 ? 5 : 9
}
