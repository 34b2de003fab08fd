// Writes CBOR (RFC 8949) in its core deterministic form (section 4.2.1): shortest heads, definite
// lengths, map keys in the bytewise order of their encodings. Of what we send only: integers, texts,
// bytes, arrays, maps with text keys, booleans and null. Throws at anything else, which is a fault of ours.
import type { Bytes } from './bytes.ts'
import { utf8Length, writeUtf8 } from './utf8.ts'

/** Enough for most frames; the rest doubles it. */
const FIRST_BYTES = 512

/** The one encoding of a value; properties that are undefined are left out. @throws TypeError */
export function writeCbor(value: unknown): Bytes {
  const writer = new Writer()
  writer.item(value)
  return writer.bytes()
}

class Writer {
  #buffer: Bytes = new Uint8Array(FIRST_BYTES)
  #at = 0

  bytes(): Bytes {
    return this.#buffer.slice(0, this.#at)
  }

  item(value: unknown): void {
    if (typeof value === 'number') this.#integer(value)
    else if (typeof value === 'string') this.#string(3, utf8Of(value))
    else if (typeof value === 'boolean') this.#byte(value ? 0xf5 : 0xf4)
    else if (value === null) this.#byte(0xf6)
    else if (value instanceof Uint8Array) this.#string(2, value)
    else if (Array.isArray(value)) this.#array(value)
    else if (typeof value === 'object') this.#map(value)
    else throw new TypeError(`CBOR of ours has no ${typeof value}`)
  }

  #integer(value: number): void {
    if (!Number.isSafeInteger(value))
      throw new TypeError('CBOR of ours has integers up to 2^53 - 1')
    if (value < 0) this.#head(1, -1 - value)
    else this.#head(0, value)
  }

  #string(major: 2 | 3, bytes: Uint8Array): void {
    this.#head(major, bytes.length)
    this.#make(bytes.length)
    this.#buffer.set(bytes, this.#at)
    this.#at += bytes.length
  }

  #array(items: readonly unknown[]): void {
    this.#head(4, items.length)
    for (const item of items) this.item(item)
  }

  #map(map: object): void {
    const entries = Object.entries(map).filter(([, value]) => value !== undefined)
    const keyed = entries.map(([key, value]) => ({ key: utf8Of(key), value: value as unknown }))
    this.#head(5, keyed.length)
    for (const { key, value } of keyed.toSorted((a, b) => orderOf(a.key, b.key))) {
      this.#string(3, key)
      this.item(value)
    }
  }

  /** Major type and argument, in the fewest bytes (RFC 8949, section 3). */
  #head(major: number, argument: number): void {
    const type = major << 5
    if (argument < 24) {
      this.#byte(type | argument)
      return
    }
    const power = argument < 0x100 ? 0 : argument < 0x1_0000 ? 1 : argument < 0x1_0000_0000 ? 2 : 3
    this.#byte(type | (24 + power))
    const width = 1 << power
    this.#make(width)
    for (let i = width - 1, rest = argument; i >= 0; i--, rest = Math.floor(rest / 256)) {
      this.#buffer[this.#at + i] = rest % 256
    }
    this.#at += width
  }

  #byte(byte: number): void {
    this.#make(1)
    this.#buffer[this.#at++] = byte
  }

  /** Makes room for `length` more bytes. */
  #make(length: number): void {
    const needed = this.#at + length
    if (needed <= this.#buffer.length) return
    // A long string mostly comes near the end, and little after it.
    const larger = new Uint8Array(Math.max(needed + FIRST_BYTES, 2 * this.#buffer.length))
    larger.set(this.#buffer)
    this.#buffer = larger
  }
}

/** Heads come first, so the shorter key does; keys of one length by their bytes. */
function orderOf(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return a.length - b.length
  const at = a.findIndex((byte, index) => byte !== b[index])
  return (a[at] ?? 0) - (b[at] ?? 0)
}

function utf8Of(text: string): Bytes {
  const bytes = new Uint8Array(utf8Length(text))
  writeUtf8(text, bytes, 0)
  return bytes
}
