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
import { wholeOf } from './chunk.ts'
import type { PackedEntry, PlacedEntry, Stretch } from './chunk.ts'
import { AFTER_HASH_BYTES, HASH_BYTES, HeaderReader, afterAt } from './entry-header.ts'
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
export interface RunEntries extends Readonly<Columns> {
  readonly pack: Bytes
  readonly length: number
}

/** Packed numbers, because they are kept as long as the entries; a place in a run needs two bytes (W69). */
interface Columns {
  atMs: Float64Array
  ticks: Uint32Array
  /** Where the heads that an entry names begin, and end. */
  afterFrom: Uint16Array
  afterTo: Uint16Array
  bodyFrom: Uint16Array
  bodyTo: Uint16Array
}

const ARRAY_OF_9 = 0x89
const BYTES_16 = 0x50
const EMPTY_BYTES = 0x40
const ARRAY_OF_3 = 0x83
const ARRAY = 0x80

/** The entries of a chunk as a run; undefined when they cannot be one. */
export function packRun(entries: readonly PackedEntry[]): Bytes | undefined {
  const placed = placedOf(entries)
  if (placed === undefined) return undefined
  const writer = new UintWriter(lengthOf(placed))
  let beforeMs = 0
  for (const entry of placed) {
    const { atMs, tick, headerStretch, bodyStretch } = entry
    if (bodyStretch === undefined || atMs < beforeMs) return undefined
    const bodyBytes = bodyStretch.to - bodyStretch.from
    const { bytes, from, to } = headerStretch
    const afterFrom = from + afterAt(entry.sequence)
    const afterTo = to - (uintBytes(atMs) + uintBytes(tick) + 2 + HASH_BYTES + uintBytes(bodyBytes))
    writer.uint(atMs - beforeMs)
    writer.uint(tick)
    writer.copy(bytes, afterFrom, afterTo)
    writer.string(bodyStretch)
    beforeMs = atMs
  }
  return writer.bytes()
}

/** Bytes that a run of these takes at most: of a header, one hash at least does not travel. */
function lengthOf(entries: readonly PlacedEntry[]): number {
  let length = 0
  for (const { headerStretch, bodyStretch } of entries) {
    length += headerStretch.to - headerStretch.from - HASH_BYTES
    if (bodyStretch !== undefined) length += bodyStretch.to - bodyStretch.from
  }
  return length
}

/** What was read before is not read again. */
function placedOf(entries: readonly PackedEntry[]): readonly PlacedEntry[] | undefined {
  const placed: PlacedEntry[] = []
  const reader = new HeaderReader()
  for (const entry of entries) {
    if (isPlaced(entry)) placed.push(entry)
    else {
      const { header, body } = entry
      if (reader.read(header) !== undefined) return undefined
      const { sequence, atMs, tick } = reader
      if (body !== undefined && body.length !== reader.bodyBytes) return undefined
      const bodyStretch = body && wholeOf(body)
      placed.push({
        header,
        body,
        sequence,
        atMs,
        tick,
        headerStretch: wholeOf(header),
        bodyStretch,
      })
    }
  }
  return placed
}

function isPlaced(entry: PackedEntry): entry is PlacedEntry {
  return 'headerStretch' in entry
}

/** Where the columns grow; a run that was read takes what it needs of them. */
const columns: Columns = {
  atMs: new Float64Array(MAX_CHUNK_ENTRIES),
  ticks: new Uint32Array(MAX_CHUNK_ENTRIES),
  afterFrom: new Uint16Array(MAX_CHUNK_ENTRIES),
  afterTo: new Uint16Array(MAX_CHUNK_ENTRIES),
  bodyFrom: new Uint16Array(MAX_CHUNK_ENTRIES),
  bodyTo: new Uint16Array(MAX_CHUNK_ENTRIES),
}

/** Finds the entries of a packed run; undefined when it is none. What they name is not looked at. */
export function unpackRun(pack: Bytes): RunEntries | undefined {
  if (pack.length > MAX_CHUNK_BYTES) return undefined
  const reader = new UintReader().open(pack, 0)
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
    columns.atMs[length] = atMs
    columns.ticks[length] = tick
    columns.afterFrom[length] = afterFrom
    columns.afterTo[length] = afterTo
    columns.bodyFrom[length] = reader.at
    reader.at += bodyBytes
    columns.bodyTo[length] = reader.at
  }
  return length === 0 ? undefined : { pack, length, ...firstOf(length) }
}

function firstOf(length: number): Columns {
  return {
    atMs: columns.atMs.slice(0, length),
    ticks: columns.ticks.slice(0, length),
    afterFrom: columns.afterFrom.slice(0, length),
    afterTo: columns.afterTo.slice(0, length),
    bodyFrom: columns.bodyFrom.slice(0, length),
    bodyTo: columns.bodyTo.slice(0, length),
  }
}

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
  readonly bounds: Uint32Array
  /** Hash of the last. */
  readonly last: Bytes
}

/** Writes the SHA-256 of a part of some bytes to a place in others. */
export type WriteHash = (part: Stretch, target: Uint8Array, place: number) => void

/** Puts the headers of a run of this feed back; undefined when one names what it must not. */
export function headersOfRun(
  { from, previous, entries }: Run,
  feed: Uint8Array,
  writeHash: WriteHash,
): RunHeaders | undefined {
  const { pack, length, atMs, ticks, afterFrom, afterTo, bodyFrom, bodyTo } = entries
  const writer = new UintWriter(headerBytes(from, entries))
  const { buffer } = writer
  const start = Uint8Array.of(ARRAY_OF_9, ENTRY_VERSION, BYTES_16, ...feed)
  const bounds = new Uint32Array(length + 1)
  // Both are used again and again: each hash goes to where the next header has it.
  const body = { bytes: pack, from: 0, to: 0 }
  const before = { bytes: buffer, from: 0, to: 0 }
  for (let i = 0; i < length; i++) {
    before.from = before.to
    before.to = writer.at
    bounds[i] = writer.at
    writer.copy(start, 0, start.length)
    writer.uint(from + i)
    if (i > 0) {
      writer.stringHead(HASH_BYTES)
      writeHash(before, buffer, writer.at)
      writer.at += HASH_BYTES
    } else if (previous.length === 0) writer.byte(EMPTY_BYTES)
    else {
      writer.stringHead(HASH_BYTES)
      writer.copy(previous, 0, HASH_BYTES)
    }
    writer.copy(pack, afterFrom[i] ?? 0, afterTo[i] ?? 0)
    writer.uint(atMs[i] ?? 0)
    writer.uint(ticks[i] ?? 0)
    writer.stringHead(HASH_BYTES)
    body.from = bodyFrom[i] ?? 0
    body.to = bodyTo[i] ?? 0
    writeHash(body, buffer, writer.at)
    writer.at += HASH_BYTES
    writer.uint(body.to - body.from)
  }
  bounds[length] = writer.at
  const last = new Uint8Array(HASH_BYTES)
  writeHash({ bytes: buffer, from: before.to, to: writer.at }, last, 0)
  const headers = { bytes: buffer, bounds, last }
  return namesWell(entries, headers) ? headers : undefined
}

/** Bytes of all headers. */
function headerBytes(from: number, entries: RunEntries): number {
  const { length, atMs, ticks, afterFrom, afterTo, bodyFrom, bodyTo } = entries
  let bytes = 0
  for (let i = 0; i < length; i++) {
    bytes += afterAt(from + i) + (afterTo[i] ?? 0) - (afterFrom[i] ?? 0)
    bytes += uintBytes(atMs[i] ?? 0) + uintBytes(ticks[i] ?? 0) + 2 + HASH_BYTES
    bytes += uintBytes((bodyTo[i] ?? 0) - (bodyFrom[i] ?? 0))
  }
  return bytes
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
