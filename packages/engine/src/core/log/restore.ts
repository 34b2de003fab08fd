// Joins stored blocks to feeds. What was stored had been checked; here it is only made sure that the blocks of
// a feed are one chain, and that everything ends at a proof. What cannot be joined is given back, for when
// the hole before it is filled.
import { HeaderReader } from '@knothole/wire'
import type { Bytes, FeedId } from '@knothole/wire'
import type { StoredBlock } from '../../ports/log-store.ts'
import { LooseEntry } from './entry.ts'
import type { Entry } from './entry.ts'
import type { FeedTable } from './feed-table.ts'
import { isSame } from './feed-table.ts'
import type { Feed } from './feed.ts'
import type { Base } from './notes.ts'
import type { Sha256 } from './sha256.ts'

export interface Joined {
  readonly taken: readonly (readonly [Feed, readonly Entry[]])[]
  readonly left: readonly StoredBlock[]
}

const NONE: Bytes = new Uint8Array(0)

export class BlockJoiner {
  readonly #table: FeedTable
  readonly #sha256: Sha256
  readonly #reader = new HeaderReader()
  readonly #taken = new Map<Feed, Entry[]>()
  readonly #left: StoredBlock[] = []

  constructor(table: FeedTable, sha256: Sha256) {
    this.#table = table
    this.#sha256 = sha256
  }

  /**
   * Feeds begin where they were said to, unless something of them is here, or what came before was found
   * after it was said.
   */
  begin(bases: readonly Base[], blocks: readonly StoredBlock[]): void {
    const first = new Map<FeedId, number>()
    for (const { feed, from } of blocks) first.set(feed, Math.min(from, first.get(feed) ?? from))
    for (const { name, base, hash, letGo } of bases) {
      const feed = this.#feedOf(name)
      if (feed === undefined) continue
      feed.letGo = Math.max(feed.letGo, letGo)
      const before = Math.max((first.get(feed.id) ?? Infinity) - 1, feed.letGo)
      if (feed.end === 0) feed.startAfter(Math.min(base, before), before < base ? NONE : hash)
    }
  }

  /** Blocks stand by feed and number. */
  join(blocks: readonly StoredBlock[]): Joined {
    for (const block of blocks) {
      const feed = this.#feedOf(block.name)
      if (feed?.id !== block.feed) continue
      if (!this.#prepend(feed, block) && !this.#append(feed, block)) this.#left.push(block)
    }
    const taken = Array.from(this.#taken, ([feed, entries]) => {
      feed.endAtProof()
      return [feed, entries.filter((entry) => entry.sequence <= feed.end)] as const
    })
    return { taken, left: this.#left }
  }

  #feedOf(name: StoredBlock['name']): Feed | undefined {
    const feed = this.#table.named(name)
    if (this.#table.has(feed)) return feed
    if (!this.#table.hasRoomFor(feed)) return undefined
    this.#table.add(feed)
    return feed
  }

  /** Takes a block that ends where the feed begins, or has all of it; false if it does not. */
  #prepend(feed: Feed, block: StoredBlock): boolean {
    const { base } = feed
    const end = block.from + block.entries.length - 1
    if (block.from > base || end < base || feed.letGo === base) return false
    const from = Math.max(block.from, feed.letGo + 1)
    const older = this.#entries(feed, block, { from, upTo: base, hash: undefined })
    const last = older?.at(-1)
    const hash = feed.hashAt(base)
    if (older === undefined || last === undefined || hash === undefined) return false
    if (!isSame(this.#sha256(last.header), hash)) return false
    feed.prepend(
      older,
      block.proofs.filter(({ sequence }) => sequence >= from && sequence <= base),
    )
    const taken = this.#takenOf(feed)
    for (const entry of older) taken.push(entry)
    this.#append(feed, block)
    return true
  }

  /** Takes what follows the last entry; false if the block is not linked to it. */
  #append(feed: Feed, block: StoredBlock): boolean {
    const end = block.from + block.entries.length - 1
    if (end <= feed.end) return true
    if (block.from > feed.end + 1) return false
    const range = { from: feed.end + 1, upTo: end, hash: feed.hashAt(feed.end) }
    const newer = this.#entries(feed, block, range)
    const last = newer?.at(-1)
    if (newer === undefined || last === undefined) return false
    const proofs = block.proofs.filter(({ sequence }) => sequence <= last.sequence)
    feed.append(newer, this.#sha256(last.header), proofs)
    const taken = this.#takenOf(feed)
    for (const entry of newer) taken.push(entry)
    return true
  }

  /** Entries of a block, the first of which names `hash`; up to the first that cannot be read. */
  #entries(
    feed: Feed,
    block: StoredBlock,
    range: { readonly from: number; readonly upTo: number; readonly hash: Bytes | undefined },
  ): Entry[] | undefined {
    const reader = this.#reader
    const entries: Entry[] = []
    for (let at = range.from; at <= range.upTo; at++) {
      const packed = block.entries[at - block.from]
      if (packed === undefined || reader.read(packed.header) !== undefined) break
      if (reader.sequence !== at || !reader.isOfFeed(feed.idBytes)) break
      const mustName = at === range.from ? range.hash : undefined
      if (mustName !== undefined && !reader.hasPrevious(mustName)) return undefined
      entries.push(new LooseEntry(feed, reader, packed))
    }
    return entries
  }

  #takenOf(feed: Feed): Entry[] {
    const known = this.#taken.get(feed)
    if (known !== undefined) return known
    const taken: Entry[] = []
    this.#taken.set(feed, taken)
    return taken
  }
}
