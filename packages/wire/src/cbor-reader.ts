// Reads one CBOR item (RFC 8949) in the only form we write: core deterministic encoding (section
// 4.2.1) of integers, texts, bytes, arrays, maps with text keys, booleans and null. Refuses all else,
// so that an accepted item has exactly one encoding. One pass, no recursion deeper than the limit, no
// memory taken on the word of a declared length. Byte strings are copies and keep no input alive.
import type { Bytes } from './bytes.ts'
import { MAX_CBOR_DEPTH } from './limits.ts'
import { decodeUtf8 } from './utf8.ts'

/** A decoded item. Maps have no prototype, so that no key means anything but itself. */
export type CborItem =
  | number
  | string
  | boolean
  | null
  | Bytes
  | readonly CborItem[]
  | { readonly [key: string]: CborItem }

/** Why bytes are no item. */
export type CborFault = 'too-deep' | 'not-cbor'

/** The item that the bytes are, or why they are none. */
export function readCbor(
  bytes: Uint8Array,
):
  | { readonly ok: true; readonly value: CborItem }
  | { readonly ok: false; readonly fault: CborFault } {
  const reader = new Reader(bytes)
  const value = reader.item(0)
  if (value === undefined) return { ok: false, fault: reader.fault }
  return reader.atEnd ? { ok: true, value } : { ok: false, fault: 'not-cbor' }
}

/** Each method reads on from where the last stopped, and answers `undefined` for what it refuses. */
class Reader {
  readonly #bytes: Uint8Array
  #at = 0
  fault: CborFault = 'not-cbor'

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  item(depth: number): CborItem | undefined {
    const first = this.#bytes[this.#at]
    if (first === undefined) return undefined
    const major = first >> 5
    if (major === 7) return this.#simple(first)
    const argument = this.#argument(first & 31)
    if (argument === undefined) return undefined
    switch (major) {
      case 0:
        return argument
      case 1:
        return Number.isSafeInteger(-1 - argument) ? -1 - argument : undefined
      case 2:
        return this.#byteString(argument)
      case 3:
        return this.#text(argument)
      case 4:
        return this.#array(argument, depth + 1)
      case 5:
        return this.#map(argument, depth + 1)
      default:
        return undefined
    }
  }

  #simple(first: number): boolean | null | undefined {
    this.#at += 1
    if (first === 0xf4) return false
    if (first === 0xf5) return true
    return first === 0xf6 ? null : undefined
  }

  /** The argument of a head (RFC 8949, section 3), which must be written in its shortest form. */
  #argument(short: number): number | undefined {
    this.#at += 1
    if (short < 24) return short
    if (short > 27) return undefined
    const width = 1 << (short - 24)
    if (!this.#has(width)) return undefined
    let argument = 0
    for (let i = 0; i < width; i++) argument = argument * 256 + (this.#bytes[this.#at + i] ?? 0)
    this.#at += width
    const smallest = width === 1 ? 24 : 256 ** (width / 2)
    return argument >= smallest && Number.isSafeInteger(argument) ? argument : undefined
  }

  #byteString(length: number): Bytes | undefined {
    if (!this.#has(length)) return undefined
    const from = this.#at
    this.#at += length
    // A Buffer's own slice is a view, hence the constructor.
    return new Uint8Array(this.#bytes.subarray(from, this.#at))
  }

  #text(length: number): string | undefined {
    if (!this.#has(length)) return undefined
    const from = this.#at
    this.#at += length
    return decodeUtf8(this.#bytes, from, this.#at)
  }

  #array(length: number, depth: number): CborItem[] | undefined {
    if (!this.#mayOpen(length, depth)) return undefined
    const items: CborItem[] = []
    for (let i = 0; i < length; i++) {
      const item = this.item(depth)
      if (item === undefined) return undefined
      items.push(item)
    }
    return items
  }

  #map(length: number, depth: number): Record<string, CborItem> | undefined {
    if (!this.#mayOpen(length * 2, depth)) return undefined
    const map = Object.create(null) as Record<string, CborItem>
    let last: Uint8Array | undefined
    for (let i = 0; i < length; i++) {
      const from = this.#at
      const key = this.item(depth)
      const encoded = this.#bytes.subarray(from, this.#at)
      if (typeof key !== 'string' || !isBefore(last, encoded)) return undefined
      const value = this.item(depth)
      if (value === undefined) return undefined
      map[key] = value
      last = encoded
    }
    return map
  }

  /** Whether a container fits: not too deep, and a byte there for each of its items at least. */
  #mayOpen(items: number, depth: number): boolean {
    if (depth > MAX_CBOR_DEPTH) this.fault = 'too-deep'
    return depth <= MAX_CBOR_DEPTH && this.#has(items)
  }

  #has(length: number): boolean {
    return length <= this.#bytes.length - this.#at
  }
}

/** Whether a key comes after the last one, in the order of the bytes of their encodings. */
function isBefore(last: Uint8Array | undefined, key: Uint8Array): boolean {
  if (last === undefined) return true
  const shorter = Math.min(last.length, key.length)
  for (let i = 0; i < shorter; i++) {
    const difference = (key[i] ?? 0) - (last[i] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return key.length > last.length
}
