// What the store is to be told: one batch is under way, the next gathers what comes meanwhile. Knows when
// what was handed over is durable. Stores nothing itself.
import type { FeedId, PackedEntry } from '@knothole/wire'
import type { StoreWrite } from '../../ports/index.ts'
import { Entry, baseOf } from '../log/index.ts'

/** A batch, and how far it takes the feeds it adds to. */
export interface Batch {
  readonly number: number
  readonly writes: readonly StoreWrite[]
}

/** What is durable of a feed: up to `upTo`, and from the entry after `base` where entries were added. */
export interface StoredPart {
  readonly base?: number | undefined
  readonly upTo: number
}

export class StoreQueue {
  #waiting: StoreWrite[] = []
  #waitingBytes = 0
  #underWay: { number: number; writes: readonly StoreWrite[]; bytes: number } | undefined
  #batches = 0

  /** Bytes that are not durable yet. */
  get bytes(): number {
    return this.#waitingBytes + (this.#underWay?.bytes ?? 0)
  }

  add(write: StoreWrite): void {
    this.#waiting.push(write)
    this.#waitingBytes += bytesOf(write)
  }

  /** The next batch, when none is under way and there is something to store. */
  next(): Batch | undefined {
    if (this.#underWay !== undefined || this.#waiting.length === 0) return undefined
    const batch = {
      number: ++this.#batches,
      writes: this.#waiting,
      bytes: this.#waitingBytes,
    }
    this.#underWay = batch
    this.#waiting = []
    this.#waitingBytes = 0
    return batch
  }

  /** A batch is done: what of each feed is stored by it, or noted to be let go. */
  done(number: number): Map<FeedId, StoredPart> {
    const stored = new Map<FeedId, StoredPart>()
    if (this.#underWay?.number !== number) return stored
    for (const write of this.#underWay.writes) {
      const part = partOf(write)
      if (part !== undefined) stored.set(part.feed, together(part, stored.get(part.feed)))
    }
    this.#underWay = undefined
    return stored
  }
}

/** What a write takes a feed to: the entries it adds, or where it says that the feed begins. */
function partOf(write: StoreWrite): (StoredPart & { readonly feed: FeedId }) | undefined {
  if (write.type === 'append') {
    const base = write.from - 1
    return { feed: write.feed, base, upTo: base + write.entries.length }
  }
  const [feed, upTo] = (write.type === 'note' ? baseOf(write) : undefined) ?? []
  return feed === undefined || upTo === undefined ? undefined : { feed, upTo }
}

/** Two parts of a feed that join. */
export function together(part: StoredPart, other: StoredPart | undefined): StoredPart {
  const bases = [part.base, other?.base].filter((base) => base !== undefined)
  const base = bases.length === 0 ? undefined : Math.min(...bases)
  return { base, upTo: Math.max(part.upTo, other?.upTo ?? 0) }
}

/** What a header and a body cost beside their bytes, roughly: two views. */
const ENTRY_BYTES = 64

function bytesOf(write: StoreWrite): number {
  if (write.type === 'note') return write.value.length
  if (write.type !== 'append') return ENTRY_BYTES
  let bytes = 0
  for (const entry of write.entries) bytes += ENTRY_BYTES + sizeOf(entry)
  return bytes
}

function sizeOf(entry: PackedEntry): number {
  if (entry instanceof Entry) return entry.headerBytes + entry.bodyBytes
  return entry.header.length + (entry.body?.length ?? 0)
}
