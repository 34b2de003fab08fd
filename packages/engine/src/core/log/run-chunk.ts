// A run (wire W73) as a chunk: what follows from its bodies is put back when it is first asked for, because
// that takes two hashes an entry. Says nothing of whether it is true: that the signature of the last does.
import { ChunkMeter, MAX_SEQUENCE, feedIdBytes, headersOfRun } from '@knothole/wire'
import type { Bytes, Chunk, FeedId, FeedName, PackedEntry, Run, RunHeaders } from '@knothole/wire'
import type { Entry, FeedView } from './entry.ts'
import { RunEntry } from './run-entry.ts'
import { writeSha256 } from './sha256.ts'

export class RunChunk implements Chunk {
  readonly name: FeedName
  readonly from: number
  readonly proof: Bytes
  readonly run: Run
  readonly #feed: FeedId
  #headers: RunHeaders | 'malformed' | undefined
  #entries: readonly PackedEntry[] | undefined

  constructor(run: Run, feed: FeedId) {
    this.name = run.name
    this.from = run.from
    this.proof = run.proof
    this.run = run
    this.#feed = feed
  }

  get length(): number {
    return this.run.entries.length
  }

  /** Its headers; undefined when they would be none. */
  get headers(): RunHeaders | undefined {
    this.#headers ??=
      headersOfRun(this.run, feedIdBytes(this.#feed), writeSha256) ?? ('malformed' as const)
    return this.#headers === 'malformed' ? undefined : this.#headers
  }

  /** As any chunk has them; none when its headers would be none. */
  get entries(): readonly PackedEntry[] {
    this.#entries ??= this.#packed()
    return this.#entries
  }

  /** As entries of a feed of the log; or why they can be none. */
  entriesOf(feed: FeedView): readonly Entry[] | 'malformed' | 'oversized' {
    const { from, headers, length } = this
    if (headers === undefined || from + length - 1 > MAX_SEQUENCE) return 'malformed'
    const block = { feed, from, headers, entries: this.run.entries }
    const meter = new ChunkMeter()
    const entries: Entry[] = []
    for (let i = 0; i < length; i++) {
      const entry = new RunEntry(block, i)
      if (!meter.takeBytes(entry.headerBytes, entry.bodyBytes)) return 'oversized'
      entries.push(entry)
    }
    return entries
  }

  #packed(): readonly PackedEntry[] {
    const { headers } = this
    if (headers === undefined) return []
    const { pack, bodyFrom, bodyTo } = this.run.entries
    return Array.from({ length: this.length }, (_, i) => ({
      header: headers.bytes.subarray(headers.bounds[i], headers.bounds[i + 1]),
      body: pack.subarray(bodyFrom[i], bodyTo[i]),
    }))
  }
}

/** How many entries a chunk has. */
export function lengthOf(chunk: Chunk): number {
  return chunk instanceof RunChunk ? chunk.length : chunk.entries.length
}

/** Hash of the last header of a chunk; undefined when it has none. */
export function lastHash(chunk: Chunk, sha256: (bytes: Bytes) => Bytes): Bytes | undefined {
  if (chunk instanceof RunChunk) return chunk.headers?.last
  const header = chunk.entries.at(-1)?.header
  return header === undefined ? undefined : sha256(header)
}
