// A chunk without what follows from the rest of it: of each entry travel its time, the heads it names and its
// body. Feed, number, hash before and hash of the body are put back by who receives it, who has to compute
// both hashes anyway; a header so made is the one that was signed, or the signature does not hold. Only for
// chunks whose bodies are all there and whose times rise. Hashing is the engine's.
import type { Bytes } from '../bytes.ts'
import { ID_BYTES } from '../ids.ts'
import {
  MAX_AFTER,
  MAX_BODY_BYTES,
  MAX_CHUNK_BYTES,
  MAX_CHUNK_ENTRIES,
  MAX_TICK,
  MAX_TIME_MS,
} from '../limits.ts'
import type { PackedEntry } from './chunk.ts'
import { AFTER_HASH_BYTES, HASH_BYTES, HeaderReader } from './entry-header.ts'
import { ENTRY_VERSION } from './feed-name.ts'
import type { FeedName } from './feed-name.ts'
import { UintReader } from './uint-reader.ts'
import { UintWriter, uintBytes } from './uint-writer.ts'

/** Entries `from`, `from + 1`, … of a feed, with all their bodies; `proof` is the signature of the last. */
export interface Run {
  readonly name: FeedName
  readonly from: number
  /** Hash of the header before the first; empty where there is none. */
  readonly previous: Bytes
  readonly entries: RunEntries
  readonly proof: Bytes
}

/** Where everything stands in a packed run, entry by entry. */
export interface RunEntries {
  readonly pack: Bytes
  readonly length: number
  readonly atMs: readonly number[]
  readonly ticks: readonly number[]
  /** Where the heads that an entry names begin, and end. */
  readonly afterFrom: readonly number[]
  readonly afterTo: readonly number[]
  readonly bodyFrom: readonly number[]
  readonly bodyTo: readonly number[]
}

const ARRAY_OF_9 = 0x89
const BYTES_16 = 0x50
const EMPTY_BYTES = 0x40
const BYTES_32 = [0x58, HASH_BYTES] as const
const ARRAY_OF_3 = 0x83
const ARRAY = 0x80

/** The entries of a chunk as a run; undefined when they cannot be one. */
export function packRun(entries: readonly PackedEntry[]): Bytes | undefined {
  const reader = new HeaderReader()
  const writer = new UintWriter(lengthOf(entries))
  let beforeMs = 0
  for (const { header, body } of entries) {
    if (body === undefined || reader.read(header) !== undefined) return undefined
    if (reader.atMs < beforeMs) return undefined
    writer.uint(reader.atMs - beforeMs)
    writer.uint(reader.tick)
    writer.copy(header, reader.afterFrom, reader.afterTo)
    writer.string(body)
    beforeMs = reader.atMs
  }
  return writer.bytes()
}

/** Bytes that a run of these takes at most. */
function lengthOf(entries: readonly PackedEntry[]): number {
  let length = 0
  for (const { header, body } of entries) length += header.length + (body?.length ?? 0)
  return length
}

/** Finds the entries of a packed run; undefined when it is none. What they name is not looked at. */
export function unpackRun(pack: Bytes): RunEntries | undefined {
  if (pack.length > MAX_CHUNK_BYTES) return undefined
  const reader = new UintReader().open(pack, 0)
  const found = { atMs: [], ticks: [], afterFrom: [], afterTo: [], bodyFrom: [], bodyTo: [] }
  const columns: Columns = found
  let atMs = 0
  let length = 0
  for (; !reader.isAtEnd; length++) {
    const elapsedMs = reader.next()
    const tick = reader.next()
    const afterFrom = reader.at
    if (elapsedMs < 0 || tick < 0 || tick > MAX_TICK || !skipAfter(pack, reader)) return undefined
    const afterTo = reader.at
    const bodyBytes = reader.stringLength()
    atMs += elapsedMs
    if (bodyBytes < 1 || bodyBytes > MAX_BODY_BYTES || atMs > MAX_TIME_MS) return undefined
    if (length === MAX_CHUNK_ENTRIES) return undefined
    columns.atMs.push(atMs)
    columns.ticks.push(tick)
    columns.afterFrom.push(afterFrom)
    columns.afterTo.push(afterTo)
    columns.bodyFrom.push(reader.at)
    reader.at += bodyBytes
    columns.bodyTo.push(reader.at)
  }
  return length === 0 ? undefined : { pack, length, ...columns }
}

type Columns = Record<'atMs' | 'ticks' | 'afterFrom' | 'afterTo' | 'bodyFrom' | 'bodyTo', number[]>

function skipAfter(pack: Bytes, reader: UintReader): boolean {
  const named = (pack[reader.at] ?? 0) - ARRAY
  reader.at += 1
  if (named < 0 || named > MAX_AFTER) return false
  for (let i = 0; i < named; i++) {
    if (!reader.skip(ARRAY_OF_3) || !reader.skipBytes(BYTES_16, ID_BYTES)) return false
    if (reader.next() < 0 || !reader.skipBytes(BYTES_16, AFTER_HASH_BYTES)) return false
  }
  return true
}

/** The headers of a run, one after the other in one buffer. */
export interface RunHeaders {
  readonly bytes: Bytes
  /** Where each begins, and the last ends. */
  readonly bounds: readonly number[]
  /** Hash of the last. */
  readonly last: Bytes
}

/** Writes the SHA-256 of a part of some bytes to a place in others. */
export type WriteHash = (
  part: { readonly bytes: Uint8Array; readonly from: number; readonly to: number },
  target: Uint8Array,
  place: number,
) => void

/** Puts the headers of a run of this feed back; undefined when one names what it must not. */
export function headersOfRun(
  { from, previous, entries }: Run,
  feed: Uint8Array,
  writeHash: WriteHash,
): RunHeaders | undefined {
  const { pack, length, atMs, ticks, afterFrom, afterTo, bodyFrom, bodyTo } = entries
  const writer = new UintWriter(headerBytes(entries))
  const bounds: number[] = []
  const hash = previous.length === 0 ? new Uint8Array(HASH_BYTES) : previous.slice()
  for (let i = 0; i < length; i++) {
    const begin = writer.at
    const body = { bytes: pack, from: bodyFrom[i] ?? 0, to: bodyTo[i] ?? 0 }
    bounds.push(begin)
    writer.byte(ARRAY_OF_9)
    writer.uint(ENTRY_VERSION)
    writer.byte(BYTES_16)
    writer.copy(feed, 0, ID_BYTES)
    writer.uint(from + i)
    if (from + i === 1) writer.byte(EMPTY_BYTES)
    else writeHashOf(writer, hash)
    writer.copy(pack, afterFrom[i] ?? 0, afterTo[i] ?? 0)
    writer.uint(atMs[i] ?? 0)
    writer.uint(ticks[i] ?? 0)
    writer.byte(BYTES_32[0])
    writer.byte(BYTES_32[1])
    writeHash(body, writer.buffer, writer.at)
    writer.at += HASH_BYTES
    writer.uint(body.to - body.from)
    writeHash({ bytes: writer.buffer, from: begin, to: writer.at }, hash, 0)
  }
  bounds.push(writer.at)
  const headers = { bytes: writer.buffer, bounds, last: hash }
  return namesWell(entries, headers) ? headers : undefined
}

function writeHashOf(writer: UintWriter, hash: Uint8Array): void {
  writer.byte(BYTES_32[0])
  writer.byte(BYTES_32[1])
  writer.copy(hash, 0, HASH_BYTES)
}

/** Bytes of all headers at most. */
function headerBytes({ length, afterFrom, afterTo }: RunEntries): number {
  let after = 0
  for (let i = 0; i < length; i++) after += (afterTo[i] ?? 0) - (afterFrom[i] ?? 0)
  const longest =
    4 + ID_BYTES + 5 + (2 + HASH_BYTES) + 9 + 5 + (2 + HASH_BYTES) + uintBytes(MAX_BODY_BYTES)
  return length * longest + after
}

/** Whether those headers that name others do so as they must: nothing else in them can be wrong. */
function namesWell({ length, afterFrom, afterTo }: RunEntries, headers: RunHeaders): boolean {
  const { bytes, bounds } = headers
  const reader = new HeaderReader()
  for (let i = 0; i < length; i++) {
    if ((afterTo[i] ?? 0) - (afterFrom[i] ?? 0) === 1) continue
    if (reader.read(bytes.subarray(bounds[i], bounds[i + 1])) !== undefined) return false
  }
  return true
}
