// The header of an entry: what is hashed and signed of it, in deterministic CBOR (RFC 8949, 4.2.1). Its
// body stands beside it, by hash, so that a body can be let go while the chain stays whole. Read by hand,
// at places known beforehand, because a sync reads headers by the hundred thousand; a property test holds
// this reader to the general one.
import type { Bytes } from '../bytes.ts'
import { encodeCbor } from '../cbor.ts'
import { ID_BYTES } from '../ids.ts'
import { MAX_AFTER, MAX_BODY_BYTES, MAX_HEADER_BYTES, MAX_SEQUENCE } from '../limits.ts'
import { MAX_TICK, MAX_TIME_MS } from '../limits.ts'
import { ENTRY_VERSION, feedIdBytes, feedIdOf } from './feed-name.ts'
import type { FeedId } from './feed-name.ts'
import { UintReader } from './uint-reader.ts'
import { uintBytes } from './uint-writer.ts'

/** The head of another feed that the author knew, by number and by the first half of its hash. */
export interface After {
  readonly feed: FeedId
  readonly sequence: number
  readonly hash: Bytes
}

export interface EntryHeader {
  readonly feed: FeedId
  /** 1, 2, … in its feed. */
  readonly sequence: number
  /** Hash of the header before it; undefined for the first. */
  readonly previous: Bytes | undefined
  /** Heads of other feeds known when it was written; in the order of the bytes of their ids. */
  readonly after: readonly After[]
  /** Hybrid logical time (Kulkarni et al. 2014): ms since 1970, and a count within the ms. */
  readonly atMs: number
  readonly tick: number
  /** SHA-256 of the sealed body, and its length. */
  readonly bodyHash: Bytes
  readonly bodyBytes: number
}

/** SHA-256. */
export const HASH_BYTES = 32

/** Bytes of a hash that name an entry of another feed: beyond making two that share them. */
export const AFTER_HASH_BYTES = 16

/** Why bytes are no header of ours. */
export type HeaderFault = 'malformed' | 'oversized' | 'newer-version'

const NONE: Bytes = new Uint8Array(0)

export function encodeEntryHeader(header: EntryHeader): Bytes {
  const { feed, sequence, previous, after, atMs, tick, bodyHash, bodyBytes } = header
  const named = after.map((head) => [feedIdBytes(head.feed), head.sequence, head.hash])
  return encodeCbor([
    ENTRY_VERSION,
    feedIdBytes(feed),
    sequence,
    previous ?? NONE,
    named,
    atMs,
    tick,
    bodyHash,
    bodyBytes,
  ])
}

/** A header in foreign bytes, or why there is none. The value shares memory with the bytes. */
export function decodeEntryHeader(
  bytes: Uint8Array<ArrayBuffer>,
):
  | { readonly ok: true; readonly value: EntryHeader }
  | { readonly ok: false; readonly fault: HeaderFault } {
  const reader = new HeaderReader()
  const fault = reader.read(bytes)
  return fault === undefined ? { ok: true, value: reader.header() } : { ok: false, fault }
}

/** The bytes an author's identity signs to vouch for an entry and all before it in its feed. */
export function entryProofBytes(entryHash: Uint8Array): Bytes {
  return encodeCbor(['knothole entry', ENTRY_VERSION, entryHash])
}

const ARRAY_OF_9 = 0x89
const BYTES_16 = 0x50
const EMPTY_BYTES = 0x40
const BYTES_OF_8_BIT_LENGTH = 0x58
const ARRAY_OF_3 = 0x83
const ARRAY = 0x80

/** Reads header after header without making anything of them until it is asked. */
export class HeaderReader {
  sequence = 0
  atMs = 0
  tick = 0
  bodyBytes = 0
  /** Heads named; `feedAt` and the like say where in the bytes, `afterSequences` which. */
  afterCount = 0
  readonly afterSequences: number[] = []
  /** Where the item with them begins, and ends. */
  afterFrom = 0
  afterTo = 0
  readonly #afterAt: number[] = []
  #bytes: Bytes = NONE
  #previousAt = 0
  #bodyHashAt = 0
  readonly #uints = new UintReader()

  /** Takes the next header; when it is refused, nothing of this reader means anything. */
  read(bytes: Bytes): HeaderFault | undefined {
    if (bytes.length > MAX_HEADER_BYTES) return 'oversized'
    this.#bytes = bytes
    const uints = this.#uints.open(bytes, 1)
    const version = uints.next()
    if ((bytes[0] ?? 0) >> 5 !== 4 || version < 0) return 'malformed'
    if (version !== ENTRY_VERSION) return version > ENTRY_VERSION ? 'newer-version' : 'malformed'
    if (bytes[0] !== ARRAY_OF_9 || !this.#chain() || !this.#after()) return 'malformed'
    return this.#rest()
  }

  /** Feed, sequence and the hash before. */
  #chain(): boolean {
    const uints = this.#uints
    if (!uints.skipBytes(BYTES_16, ID_BYTES)) return false
    this.sequence = uints.next()
    if (this.sequence < 1 || this.sequence > MAX_SEQUENCE) return false
    this.#previousAt = uints.at + 2
    if (this.sequence === 1) return uints.skipBytes(EMPTY_BYTES, 0)
    return uints.skipBytes(BYTES_OF_8_BIT_LENGTH, HASH_BYTES)
  }

  #after(): boolean {
    const uints = this.#uints
    const named = (this.#bytes[uints.at] ?? 0) - ARRAY
    if (named < 0 || named > MAX_AFTER) return false
    this.afterFrom = uints.at
    uints.at += 1
    this.afterCount = named
    for (let i = 0; i < named; i++) {
      if (this.#bytes[uints.at] !== ARRAY_OF_3) return false
      uints.at += 1
      this.#afterAt[i] = uints.at + 1
      if (!uints.skipBytes(BYTES_16, ID_BYTES) || !this.#mayName(i)) return false
      const sequence = uints.next()
      if (sequence < 1 || sequence > MAX_SEQUENCE) return false
      this.afterSequences[i] = sequence
      if (!uints.skipBytes(BYTES_16, AFTER_HASH_BYTES)) return false
    }
    this.afterTo = uints.at
    return true
  }

  /** Whether a head may stand where it does: once, in order, and of another feed. */
  #mayName(i: number): boolean {
    const at = this.#afterAt[i] ?? 0
    if (i > 0 && compareIds(this.#bytes, this.#afterAt[i - 1] ?? 0, at) >= 0) return false
    return compareIds(this.#bytes, FEED_AT, at) !== 0
  }

  #rest(): HeaderFault | undefined {
    const uints = this.#uints
    this.atMs = uints.next()
    this.tick = uints.next()
    this.#bodyHashAt = uints.at + 2
    const isHash = uints.skipBytes(BYTES_OF_8_BIT_LENGTH, HASH_BYTES)
    this.bodyBytes = uints.next()
    const isTime = this.atMs >= 0 && this.atMs <= MAX_TIME_MS
    const isTick = this.tick >= 0 && this.tick <= MAX_TICK
    if (!isHash || !isTime || !isTick || this.bodyBytes < 1) return 'malformed'
    if (uints.at !== this.#bytes.length) return 'malformed'
    return this.bodyBytes > MAX_BODY_BYTES ? 'oversized' : undefined
  }

  isOfFeed(feed: Uint8Array): boolean {
    for (let i = 0; i < ID_BYTES; i++) if (this.#bytes[FEED_AT + i] !== feed[i]) return false
    return true
  }

  /** Hash of the header before; empty for the first. A view. */
  previous(): Bytes {
    if (this.sequence === 1) return NONE
    return this.#bytes.subarray(this.#previousAt, this.#previousAt + HASH_BYTES)
  }

  /** Whether this hash, empty for none, is that of the header before. */
  hasPrevious(hash: Uint8Array): boolean {
    if (this.sequence === 1) return hash.length === 0
    for (let i = 0; i < HASH_BYTES; i++) {
      if (this.#bytes[this.#previousAt + i] !== hash[i]) return false
    }
    return true
  }

  /** Whether this is the hash of the body. */
  isBodyHash(hash: Uint8Array): boolean {
    for (let i = 0; i < HASH_BYTES; i++) {
      if (this.#bytes[this.#bodyHashAt + i] !== hash[i]) return false
    }
    return true
  }

  /** The bytes of the feed named at place `i`. A view. */
  afterFeedBytes(i: number): Bytes {
    const at = this.#afterAt[i] ?? 0
    return this.#bytes.subarray(at, at + ID_BYTES)
  }

  /** The feed of the head named at place `i`. */
  afterFeed(i: number): FeedId {
    return feedIdOf(this.afterFeedBytes(i))
  }

  /** Hash of the head named at place `i`. A view. */
  afterHash(i: number): Bytes {
    const from = (this.#afterAt[i] ?? 0) + ID_BYTES + uintBytes(this.afterSequences[i] ?? 0) + 1
    return this.#bytes.subarray(from, from + AFTER_HASH_BYTES)
  }

  /** All of it, as a value. */
  header(): EntryHeader {
    const after = Array.from({ length: this.afterCount }, (_, i) => ({
      feed: this.afterFeed(i),
      sequence: this.afterSequences[i] ?? 0,
      hash: this.afterHash(i),
    }))
    return {
      feed: feedIdOf(this.#bytes.subarray(FEED_AT, FEED_AT + ID_BYTES)),
      sequence: this.sequence,
      previous: this.sequence === 1 ? undefined : this.previous(),
      after,
      atMs: this.atMs,
      tick: this.tick,
      bodyHash: this.#bytes.subarray(this.#bodyHashAt, this.#bodyHashAt + HASH_BYTES),
      bodyBytes: this.bodyBytes,
    }
  }
}

/** Hash of the header before, in a header that was read once; empty for the first. A view. */
export function previousOf(header: Bytes, sequence: number): Bytes {
  if (sequence === 1) return NONE
  const from = FEED_AT + ID_BYTES + uintBytes(sequence) + 2
  return header.subarray(from, from + HASH_BYTES)
}

/** Whether a header that was read once, and begins here in some bytes, names heads of other feeds. */
export function namesOthers(bytes: Bytes, from: number, sequence: number): boolean {
  return bytes[from + afterAt(sequence)] !== ARRAY
}

/** Where in the header of an entry of this number the heads that it names begin. */
export function afterAt(sequence: number): number {
  const previous = sequence === 1 ? 1 : 2 + HASH_BYTES
  return FEED_AT + ID_BYTES + uintBytes(sequence) + previous
}

/** Where the feed's bytes begin: after the heads of the array, the version and the byte string. */
const FEED_AT = 3

function compareIds(bytes: Uint8Array, a: number, b: number): number {
  for (let i = 0; i < ID_BYTES; i++) {
    const difference = (bytes[a + i] ?? 0) - (bytes[b + i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
