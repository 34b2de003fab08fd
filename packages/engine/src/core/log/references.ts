// What entries say of others: that they were known when the entry was written. From this follows which heads
// the next entry has to name, what is missing, and who lied about the order: an entry that names one not
// earlier than itself. Names are by hash, so only its own author can make an entry lie.
import { HeaderReader } from '@knothole/wire'
import type { Bytes, FeedId } from '@knothole/wire'
import { isLater } from './entry.ts'
import type { Entry } from './entry.ts'
import type { Feed } from './feed.ts'
import type { FeedTable } from './feed-table.ts'
import { MAX_WAITING_NAMES } from './limits.ts'

/** An entry that names what is not earlier, and the header of that. */
export interface OrderLie {
  readonly entry: Entry
  readonly named: Bytes
}

/** A name for an entry. */
interface Name {
  readonly by: Entry
  readonly hash: Bytes
}

/** Entries that somebody names and that are not here. */
export interface Missing {
  readonly feed: FeedId
  readonly from: number
  readonly upTo: number
  /** One of those who name them: whoever lies about this lies in its own name. */
  readonly by: Entry
}

export class References {
  readonly #feeds: FeedTable
  /** Names for what is not here, by feed and number. */
  readonly #waiting = new Map<FeedId, Map<number, Name[]>>()
  /** How many there are of them. */
  #names = 0
  /** Feeds whose head nobody names yet. */
  readonly #heads = new Set<Feed>()
  readonly #reader = new HeaderReader()

  constructor(feeds: FeedTable) {
    this.#feeds = feeds
  }

  /** Feeds whose head no entry of another names. */
  heads(): Iterable<Feed> {
    return this.#heads
  }

  /** Takes new entries of a feed; answers with the lies that show by them. */
  take(feed: Feed, entries: readonly Entry[]): readonly OrderLie[] {
    const lies: OrderLie[] = []
    let last: Entry | undefined
    for (const entry of entries) {
      const before = last?.sequence === entry.sequence - 1 ? last : feed.kept(entry.sequence - 1)
      last = entry
      if (before !== undefined && !isLater(entry, before))
        lies.push({ entry, named: before.header })
      this.#name(entry, lies)
    }
    this.#resolve(feed, entries, lies)
    this.headMoved(feed)
    return lies
  }

  /** The count of a feed changed. */
  headMoved(feed: Feed): void {
    if (feed.count > feed.namedUpTo) this.#heads.add(feed)
    else this.#heads.delete(feed)
  }

  missing(): readonly Missing[] {
    const missing: Missing[] = []
    for (const [id, names] of this.#waiting) {
      const feed = this.#feeds.get(id)
      const from = (feed?.end ?? 0) + 1
      let upTo = 0
      for (const sequence of names.keys()) upTo = Math.max(upTo, sequence)
      const by = names.get(upTo)?.[0]?.by
      const counts = upTo >= from && from < (feed?.cut ?? Infinity)
      if (by !== undefined && counts) missing.push({ feed: id, from, upTo, by })
    }
    return missing
  }

  #name(by: Entry, lies: OrderLie[]): void {
    const reader = this.#reader
    if (!by.namesOthers || reader.read(by.header) !== undefined) return
    for (let i = 0; i < reader.afterCount; i++) {
      const sequence = reader.afterSequences[i] ?? 0
      const feed = this.#feeds.byBytes(reader.afterFeedBytes(i))
      if (feed !== undefined && sequence <= feed.base) continue
      const name = { by, hash: reader.afterHash(i) }
      if (feed === undefined || sequence > feed.end) this.#wait(reader.afterFeed(i), sequence, name)
      else this.#meet(feed.kept(sequence), name, lies)
    }
  }

  /** What does not fit is forgotten: a lie is then found by others, who tell us. */
  #wait(id: FeedId, sequence: number, name: Name): void {
    if (this.#names >= MAX_WAITING_NAMES) return
    this.#names += 1
    const names = this.#waiting.get(id) ?? new Map<number, Name[]>()
    this.#waiting.set(id, names)
    const others = names.get(sequence)
    if (others === undefined) names.set(sequence, [name])
    else others.push(name)
  }

  /** What is named is here; with another hash it is another branch, of which the name says nothing. */
  #meet(named: Entry | undefined, { by, hash }: Name, lies: OrderLie[]): void {
    if (named === undefined) return
    const feed = this.#feeds.get(named.feed.id)
    const known = feed?.hashAt(named.sequence)
    if (feed === undefined || known === undefined || !startsWith(known, hash)) return
    if (!isLater(by, named)) lies.push({ entry: by, named: named.header })
    else if (named.sequence > feed.namedUpTo) {
      feed.namedUpTo = named.sequence
      this.headMoved(feed)
    }
  }

  #resolve(feed: Feed, entries: readonly Entry[], lies: OrderLie[]): void {
    const names = this.#waiting.get(feed.id)
    if (names === undefined) return
    for (const entry of entries) {
      const waiting = names.get(entry.sequence) ?? []
      for (const name of waiting) this.#meet(entry, name, lies)
      this.#names -= waiting.length
      names.delete(entry.sequence)
    }
    if (names.size === 0) this.#waiting.delete(feed.id)
  }
}

function startsWith(hash: Uint8Array, start: Uint8Array): boolean {
  for (let i = 0; i < start.length; i++) if (hash[i] !== start[i]) return false
  return true
}
