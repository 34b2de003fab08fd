// Reads the few kinds of CBOR items that headers and packs of entries are made of, one after the other,
// in the one form that we write (RFC 8949, 4.2.1): unsigned integers and byte strings in shortest form.
// Answers -1 for whatever else is there, and makes nothing.

const EMPTY = new Uint8Array(0)

export class UintReader {
  /** Where the next item begins. */
  at = 0
  #bytes: Uint8Array = EMPTY

  open(bytes: Uint8Array, at: number): this {
    this.#bytes = bytes
    this.at = at
    return this
  }

  get isAtEnd(): boolean {
    return this.at === this.#bytes.length
  }

  /** The next unsigned integer; -1 when there is none. */
  next(): number {
    return this.#argument(0)
  }

  /** Length of the byte string that comes next, of which `at` is then the first byte; -1 when none does. */
  stringLength(): number {
    const length = this.#argument(0x40)
    return length <= this.#bytes.length - this.at ? length : -1
  }

  /** Steps over a byte string of a length below 256 whose head is this initial byte; false if it is not. */
  skipBytes(initial: number, length: number): boolean {
    if (this.#bytes[this.at] !== initial) return false
    this.at += 1
    if (initial === 0x58) {
      if (this.#bytes[this.at] !== length) return false
      this.at += 1
    }
    this.at += length
    return this.at <= this.#bytes.length
  }

  /** Steps over one byte if it is this one. */
  skip(byte: number): boolean {
    if (this.#bytes[this.at] !== byte) return false
    this.at += 1
    return true
  }

  #argument(major: number): number {
    const short = (this.#bytes[this.at] ?? 0xff) - major
    this.at += 1
    if (short >= 0 && short < 24) return short
    if (short < 24 || short > 27) return -1
    const width = 1 << (short - 24)
    if (this.at + width > this.#bytes.length) return -1
    let argument = 0
    for (let i = 0; i < width; i++) argument = argument * 256 + (this.#bytes[this.at + i] ?? 0)
    this.at += width
    const smallest = width === 1 ? 24 : 256 ** (width / 2)
    return argument >= smallest && Number.isSafeInteger(argument) ? argument : -1
  }
}
