// A block of a feed as bytes, before it is sealed for the disk. Not CBOR: nobody signs or hashes it, and a
// page opens a hundred thousand entries from it before it draws. Decoding refuses whatever is not exactly
// one block; what is decoded lies in the bytes that were given.
//
//   version 1 | author 32 | nonce 8 | entries n | n x (header length, header, body length + 1 or 0, body)
//   | proofs m | m x (number of its entry in the block, proof 64)          lengths and numbers: LEB128
import type { Bytes, FeedId } from '@knothole/wire'
import type { StoredBlock, StoredEntry, StoredProof } from '../../ports/index.ts'

const VERSION = 1
const AUTHOR_BYTES = 32
const NONCE_BYTES = 8
const PROOF_BYTES = 64
const FIXED_BYTES = 1 + AUTHOR_BYTES + NONCE_BYTES

/** The most a number takes: lengths are below 2^28. */
const NUMBER_BYTES = 4
const MAX_NUMBER = 2 ** 28 - 1

/** Bytes a block will take, or slightly more. */
export function storedBlockBytes({ entries, proofs }: StoredBlock): number {
  let bytes = FIXED_BYTES + 2 * NUMBER_BYTES + proofs.length * (NUMBER_BYTES + PROOF_BYTES)
  for (const entry of entries) bytes += storedEntryBytes(entry)
  return bytes
}

/** Bytes an entry adds to its block, or slightly more. */
export function storedEntryBytes({ header, body }: StoredEntry): number {
  return 2 * NUMBER_BYTES + header.length + (body?.length ?? 0)
}

export function encodeStoredBlock(block: StoredBlock): Bytes {
  const writer = new Writer(storedBlockBytes(block))
  writer.number(VERSION)
  writer.bytes(block.name.author)
  writer.bytes(block.name.nonce)
  writer.number(block.entries.length)
  for (const { header, body } of block.entries) {
    writer.number(header.length)
    writer.bytes(header)
    writer.number(body === undefined ? 0 : body.length + 1)
    if (body !== undefined) writer.bytes(body)
  }
  writer.number(block.proofs.length)
  for (const { sequence, proof } of block.proofs) {
    writer.number(sequence - block.from)
    writer.bytes(proof)
  }
  return writer.written()
}

/** The block of a feed's entries `from` on that the bytes hold; undefined when they hold none. */
export function decodeStoredBlock(
  bytes: Bytes,
  { feed, from }: { readonly feed: FeedId; readonly from: number },
): StoredBlock | undefined {
  const reader = new Reader(bytes)
  if (reader.number() !== VERSION) return undefined
  const name = { author: reader.bytes(AUTHOR_BYTES), nonce: reader.bytes(NONCE_BYTES) }
  const entries: StoredEntry[] = []
  for (let left = reader.number(); left > 0 && !reader.hasFailed; left -= 1) {
    const header = reader.bytes(reader.number())
    const length = reader.number()
    entries.push({ header, body: length === 0 ? undefined : reader.bytes(length - 1) })
  }
  const proofs: StoredProof[] = []
  for (let left = reader.number(); left > 0 && !reader.hasFailed; left -= 1) {
    const sequence = from + reader.number()
    proofs.push({ sequence, proof: reader.bytes(PROOF_BYTES) })
  }
  return reader.hasEnded ? { feed, name, from, entries, proofs } : undefined
}

class Writer {
  readonly #bytes: Bytes
  #at = 0

  constructor(mostBytes: number) {
    this.#bytes = new Uint8Array(mostBytes)
  }

  number(value: number): void {
    if (value > MAX_NUMBER) throw new Error(`${value} is more than a stored block can say`)
    let rest = value
    for (; rest > 127; rest >>>= 7) this.#bytes[this.#at++] = (rest & 127) | 128
    this.#bytes[this.#at++] = rest
  }

  bytes(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
  }

  written(): Bytes {
    return this.#bytes.subarray(0, this.#at)
  }
}

class Reader {
  readonly #bytes: Bytes
  #at = 0
  #hasFailed = false

  constructor(bytes: Bytes) {
    this.#bytes = bytes
  }

  get hasFailed(): boolean {
    return this.#hasFailed
  }

  /** Everything was there, and nothing more. */
  get hasEnded(): boolean {
    return !this.#hasFailed && this.#at === this.#bytes.length
  }

  number(): number {
    let value = 0
    for (let shift = 0; shift < 7 * NUMBER_BYTES; shift += 7) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) break
      value |= (byte & 127) << shift
      if (byte < 128) return value
    }
    this.#hasFailed = true
    return 0
  }

  bytes(length: number): Bytes {
    const start = this.#at
    this.#at += length
    if (this.#at > this.#bytes.length) this.#hasFailed = true
    return this.#bytes.subarray(start, this.#at)
  }
}
