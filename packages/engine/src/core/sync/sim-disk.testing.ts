// A disk in virtual time: what is written is durable a while later, in order, all or nothing of a batch;
// a crash loses what was not. It may be full.
import type { Bytes, FeedId, FeedName } from '@knothole/wire'
import type {
  StoreWrite,
  StoredBlock,
  StoredEntry,
  StoredLog,
  StoredNote,
  StoredRange,
} from '../../ports/index.ts'

interface KeptFeed {
  readonly name: FeedName
  readonly entries: Map<number, StoredEntry>
  readonly proofs: Map<number, Bytes>
}

export class SimDisk {
  readonly #feeds = new Map<FeedId, KeptFeed>()
  readonly #notes = new Map<string, StoredNote>()
  /** Whether it takes nothing more, and whether that ever was. */
  isFull = false
  /** Whether it says that it keeps what it only will. */
  isLying = false
  wasFull = false

  /** Makes a batch durable; answers whether it could. */
  write(writes: readonly StoreWrite[]): boolean {
    if (this.isFull) {
      this.wasFull = true
      return false
    }
    for (const write of writes) this.#apply(write)
    return true
  }

  load(): StoredLog {
    const blocks: StoredBlock[] = []
    for (const feed of [...this.#feeds.keys()].toSorted()) blocks.push(...this.#blocksOf(feed))
    return { blocks, notes: [...this.#notes.values()], damaged: [], isDamaged: false }
  }

  /** How far a feed is kept without a hole, counted from a base. */
  reaches(feed: FeedId, base: number): number {
    const entries = this.#feeds.get(feed)?.entries
    let count = base
    while (entries?.has(count + 1) === true) count += 1
    return count
  }

  /** The entry before the first that is kept; 0 where none is. */
  beginsAfter(feed: FeedId): number {
    const kept = [...(this.#feeds.get(feed)?.entries.keys() ?? [])]
    return kept.length === 0 ? 0 : Math.min(...kept) - 1
  }

  #apply(write: StoreWrite): void {
    if (write.type === 'note') {
      const kept = this.#notes.get(write.key)
      if (kept === undefined || kept.order < write.order) this.#notes.set(write.key, write)
      return
    }
    const kept = this.#feeds.get(write.feed)
    if (write.type === 'append') this.#append(write, kept)
    else if (kept === undefined) return
    else if (write.type === 'bodies') {
      for (const [sequence, body] of write.bodies) {
        const entry = kept.entries.get(sequence)
        if (entry !== undefined) kept.entries.set(sequence, { header: entry.header, body })
      }
    } else remove(kept, write)
  }

  #append(block: StoredBlock, before: KeptFeed | undefined): void {
    const kept = before ?? { name: block.name, entries: new Map(), proofs: new Map() }
    this.#feeds.set(block.feed, kept)
    block.entries.forEach((entry, at) => {
      if (!kept.entries.has(block.from + at)) kept.entries.set(block.from + at, entry)
    })
    for (const { sequence, proof } of block.proofs) kept.proofs.set(sequence, proof)
  }

  #blocksOf(feed: FeedId): StoredBlock[] {
    const kept = this.#feeds.get(feed)
    if (kept === undefined) return []
    const blocks: (StoredBlock & {
      entries: StoredEntry[]
      proofs: { sequence: number; proof: Bytes }[]
    })[] = []
    for (const sequence of [...kept.entries.keys()].toSorted((a, b) => a - b)) {
      const entry = kept.entries.get(sequence)
      if (entry === undefined) continue
      let last = blocks.at(-1)
      if (last === undefined || last.from + last.entries.length !== sequence) {
        last = { feed, name: kept.name, from: sequence, entries: [], proofs: [] }
        blocks.push(last)
      }
      last.entries.push(entry)
      const proof = kept.proofs.get(sequence)
      if (proof !== undefined) last.proofs.push({ sequence, proof })
    }
    return blocks
  }
}

function remove({ entries, proofs }: KeptFeed, { from, upTo }: StoredRange): void {
  for (const sequence of entries.keys()) {
    if (sequence < from || sequence > upTo) continue
    entries.delete(sequence)
    proofs.delete(sequence)
  }
}
