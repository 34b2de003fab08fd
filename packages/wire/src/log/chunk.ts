// A run of entries of one feed, and the signature that vouches for its last and so for all of them. The
// entries travel packed: a CBOR sequence (RFC 8742) of each header and, beside it, its body or null.
import type { Bytes } from '../bytes.ts'
import { MAX_BODY_BYTES, MAX_CHUNK_BYTES, MAX_CHUNK_ENTRIES } from '../limits.ts'
import { MAX_CHUNK_HEADER_BYTES, MAX_HEADER_BYTES } from '../limits.ts'
import type { FeedName } from './feed-name.ts'
import { UintReader } from './uint-reader.ts'

/** An entry as it travels and is kept; without a body once that was let go, or before it has come. */
export interface PackedEntry {
  readonly header: Bytes
  readonly body: Bytes | undefined
}

/** A stretch of some bytes. */
export interface Stretch {
  readonly bytes: Bytes
  readonly from: number
  readonly to: number
}

/** All of some bytes. */
export const wholeOf = (bytes: Bytes): Stretch => ({ bytes, from: 0, to: bytes.length })

/** An entry whose header was read: what it says, and where it and the body stand in memory. */
export interface PlacedEntry extends PackedEntry {
  readonly sequence: number
  readonly atMs: number
  readonly tick: number
  readonly headerStretch: Stretch
  readonly bodyStretch: Stretch | undefined
}

/** Entries `from`, `from + 1`, … of a feed, at least one; `proof` is the author's signature of the last. */
export interface Chunk {
  readonly name: FeedName
  readonly from: number
  readonly entries: readonly PackedEntry[]
  readonly proof: Bytes
}

const BYTE_STRING = 0x40
const NULL = 0xf6

/** Whether entries fit one chunk: so many bytes packed, so many headers, and so many bytes of headers. */
export class ChunkMeter {
  entries = 0
  bytes = 0
  headerBytes = 0

  /** Counts an entry in if it still fits. */
  take({ header, body }: PackedEntry): boolean {
    return this.takeBytes(header.length, body?.length ?? 0)
  }

  /** Counts in an entry with so many bytes of header and body, if it still fits; 0 is no body. */
  takeBytes(ofHeader: number, ofBody: number): boolean {
    const headerBytes = this.headerBytes + ofHeader
    const bytes = this.bytes + packedBytes(ofHeader, ofBody)
    const isTooMuch = bytes > MAX_CHUNK_BYTES || headerBytes > MAX_CHUNK_HEADER_BYTES
    if (isTooMuch || this.entries === MAX_CHUNK_ENTRIES) return false
    this.entries += 1
    this.bytes = bytes
    this.headerBytes = headerBytes
    return true
  }
}

/** The CBOR sequence of some entries. */
export function packEntries(entries: readonly PackedEntry[]): Bytes {
  let length = 0
  for (const { header, body } of entries) length += packedBytes(header.length, body?.length ?? 0)
  const pack = new Uint8Array(length)
  let at = 0
  for (const { header, body } of entries) {
    at = writeString(pack, at, header)
    if (body === undefined) pack[at++] = NULL
    else at = writeString(pack, at, body)
  }
  return pack
}

/** The entries of a pack, whose memory they share; undefined when it is none, or too large for a chunk. */
export function unpackEntries(pack: Bytes): PackedEntry[] | undefined {
  if (pack.length > MAX_CHUNK_BYTES) return undefined
  const reader = new UintReader().open(pack, 0)
  const entries: PackedEntry[] = []
  let headerBytes = 0
  while (!reader.isAtEnd) {
    const header = take(pack, reader, MAX_HEADER_BYTES)
    if (header === undefined || entries.length === MAX_CHUNK_ENTRIES) return undefined
    headerBytes += header.length
    const hasBody = !reader.skip(NULL)
    const body = hasBody ? take(pack, reader, MAX_BODY_BYTES) : undefined
    if (hasBody && body === undefined) return undefined
    entries.push({ header, body })
  }
  return headerBytes > MAX_CHUNK_HEADER_BYTES ? undefined : entries
}

function take(pack: Bytes, reader: UintReader, maxBytes: number): Bytes | undefined {
  const length = reader.stringLength()
  if (length < 1 || length > maxBytes) return undefined
  const from = reader.at
  reader.at += length
  return pack.subarray(from, reader.at)
}

/** Bytes that an entry takes in a pack. */
function packedBytes(ofHeader: number, ofBody: number): number {
  return stringBytes(ofHeader) + (ofBody === 0 ? 1 : stringBytes(ofBody))
}

function stringBytes(length: number): number {
  return (length < 24 ? 1 : length < 0x100 ? 2 : 3) + length
}

function writeString(pack: Bytes, at: number, content: Uint8Array): number {
  const { length } = content
  let next = at
  if (length < 24) pack[next++] = BYTE_STRING | length
  else if (length < 0x100) {
    pack[next++] = 0x58
    pack[next++] = length
  } else {
    pack[next++] = 0x59
    pack[next++] = length >> 8
    pack[next++] = length & 255
  }
  pack.set(content, next)
  return next + length
}
