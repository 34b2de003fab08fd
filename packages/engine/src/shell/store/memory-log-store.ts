// A log store without a disk: for runtimes that have none and for tests. Several stores over one
// `MemoryLog` are as several pages over one database.
import type { Bytes, FeedId, FeedName } from '@knothole/wire'
import { StoreError } from '../../ports/index.ts'
import type {
  LogStore,
  StoredBlock,
  StoredEntry,
  StoredLog,
  StoredNote,
  StoredRange,
  StoreWrite,
} from '../../ports/index.ts'

interface MemoryFeed {
  readonly name: FeedName
  readonly entries: Map<number, StoredEntry>
  readonly proofs: Map<number, Bytes>
}

/** What stands for the disk. */
export class MemoryLog {
  readonly feeds: Map<FeedId, MemoryFeed> = new Map()
  readonly notes: Map<string, StoredNote> = new Map()
  /** Counts how often it was erased: stores opened before that are closed. */
  erased = 0
}

export class MemoryLogStore implements LogStore {
  readonly #log: MemoryLog
  readonly #erased: number
  #isClosed = false

  constructor(log: MemoryLog = new MemoryLog()) {
    this.#log = log
    this.#erased = log.erased
  }

  async load(): Promise<StoredLog> {
    this.#checkOpen()
    const feeds = [...this.#log.feeds].toSorted(([one], [other]) => (one < other ? -1 : 1))
    return {
      blocks: feeds.flatMap(([id, feed]) => blocksOf(id, feed)),
      notes: [...this.#log.notes.values()],
      damaged: [],
      isDamaged: false,
    }
  }

  async write(writes: readonly StoreWrite[]): Promise<void> {
    this.#checkOpen()
    for (const write of writes) apply(this.#log, write)
  }

  async erase(): Promise<void> {
    this.#checkOpen()
    this.#isClosed = true
    this.#log.erased += 1
    this.#log.feeds.clear()
    this.#log.notes.clear()
  }

  async close(): Promise<void> {
    this.#isClosed = true
  }

  #checkOpen(): void {
    if (this.#isClosed || this.#log.erased !== this.#erased)
      throw new StoreError('closed', 'The log’s store has been closed.')
  }
}

function apply(log: MemoryLog, write: StoreWrite): void {
  if (write.type === 'note') {
    const { key, order, value } = write
    if ((log.notes.get(key)?.order ?? -Infinity) < order) log.notes.set(key, { key, order, value })
    return
  }
  if (write.type === 'append') return append(log, write)
  const feed = log.feeds.get(write.feed)
  if (feed === undefined) return
  if (write.type === 'remove') remove(feed, write)
  else for (const [sequence, body] of write.bodies) setBody(feed, sequence, body)
}

function setBody({ entries }: MemoryFeed, sequence: number, body: Bytes | undefined): void {
  const entry = entries.get(sequence)
  if (entry !== undefined) entries.set(sequence, { header: entry.header, body })
}

function remove({ entries, proofs }: MemoryFeed, { from, upTo }: StoredRange): void {
  for (const kept of [entries, proofs])
    for (const sequence of kept.keys())
      if (sequence >= from && sequence <= upTo) kept.delete(sequence)
}

function append(log: MemoryLog, { feed: id, name, from, entries, proofs }: StoredBlock): void {
  if (entries.length === 0) return
  const feed = log.feeds.get(id) ?? { name, entries: new Map(), proofs: new Map() }
  log.feeds.set(id, feed)
  const added = new Set<number>()
  entries.forEach((entry, index) => {
    if (feed.entries.has(from + index)) return
    feed.entries.set(from + index, entry)
    added.add(from + index)
  })
  for (const { sequence, proof } of proofs)
    if (added.has(sequence)) feed.proofs.set(sequence, proof)
}

function blocksOf(feed: FeedId, { name, entries, proofs }: MemoryFeed): StoredBlock[] {
  const runs: { from: number; entries: StoredEntry[] }[] = []
  for (const sequence of [...entries.keys()].toSorted((a, b) => a - b)) {
    const entry = entries.get(sequence)
    const run = runs.at(-1)
    if (entry === undefined) continue
    if (run !== undefined && run.from + run.entries.length === sequence) run.entries.push(entry)
    else runs.push({ from: sequence, entries: [entry] })
  }
  return runs.map((run) => ({
    feed,
    name,
    ...run,
    proofs: [...proofs]
      .filter(([at]) => at >= run.from && at < run.from + run.entries.length)
      .map(([sequence, proof]) => ({ sequence, proof }))
      .toSorted((a, b) => a.sequence - b.sequence),
  }))
}
