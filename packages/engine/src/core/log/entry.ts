// An entry of the log as everyone here sees it, and the one order of all of them.
import { entryIdOf, namesOthers } from '@knothole/wire'
import type { Bytes, FeedId, FeedName, PackedEntry } from '@knothole/wire'

/** What there is to know of a feed. */
export interface FeedView {
  readonly id: FeedId
  readonly name: FeedName
  /** How many of the first entries are not here: let go by the room's policy. */
  readonly base: number
  /** Those up to this one we let go ourselves; others we never had. */
  readonly letGo: number
  /** The number of the last entry that counts; those up to `base` counted in. */
  readonly count: number
  /** From this number on nothing counts, because the author lied. */
  readonly cut: number | undefined
  /** Hash of entry `count`; empty where there is none, or none known. */
  readonly head: Bytes
}

/** Where an entry stands. */
export interface Place {
  readonly atMs: number
  readonly tick: number
  readonly sequence: number
}

/** A stretch of some bytes. */
export interface Stretch {
  readonly bytes: Bytes
  readonly from: number
  readonly to: number
}

/** Where an entry stands in memory. */
export interface Stretches {
  readonly header: Stretch
  readonly body: Stretch | undefined
}

/**
 * An entry whose header, and body where it has one, are what its author wrote. Keeps where they stand: a
 * view of each would take more memory than many a message, and most entries are never looked at.
 */
export class Entry implements PackedEntry, Place {
  readonly feed: FeedView
  readonly sequence: number
  readonly atMs: number
  readonly tick: number
  readonly #header: Bytes
  readonly #headerFrom: number
  readonly #headerTo: number
  #body: Bytes | undefined
  #bodyFrom: number
  #bodyTo: number

  constructor(feed: FeedView, place: Place, { header, body }: Stretches) {
    this.feed = feed
    this.sequence = place.sequence
    this.atMs = place.atMs
    this.tick = place.tick
    this.#header = header.bytes
    this.#headerFrom = header.from
    this.#headerTo = header.to
    this.#body = body?.bytes
    this.#bodyFrom = body?.from ?? 0
    this.#bodyTo = body?.to ?? 0
  }

  /** Of an entry as it came. */
  static of(feed: FeedView, place: Place, { header, body }: PackedEntry): Entry {
    return new Entry(feed, place, { header: wholeOf(header), body: body && wholeOf(body) })
  }

  get header(): Bytes {
    return partOf(this.#header, this.#headerFrom, this.#headerTo)
  }

  get headerBytes(): number {
    return this.#headerTo - this.#headerFrom
  }

  /** Whether it names heads of other feeds. */
  get namesOthers(): boolean {
    return namesOthers(this.#header, this.#headerFrom, this.sequence)
  }

  /** Bytes of the body; 0 without one. */
  get bodyBytes(): number {
    return this.#bodyTo - this.#bodyFrom
  }

  /** How others speak of it. */
  get id(): string {
    return entryIdOf(this.feed.id, this.sequence)
  }

  /** Sealed; undefined before it has come, or once it was let go. */
  get body(): Bytes | undefined {
    return this.#body && partOf(this.#body, this.#bodyFrom, this.#bodyTo)
  }

  /** For the log alone: sets the body, or lets it go. */
  setBody(body: Bytes | undefined): void {
    this.#body = body
    this.#bodyFrom = 0
    this.#bodyTo = body?.length ?? 0
  }
}

const wholeOf = (bytes: Bytes): Stretch => ({ bytes, from: 0, to: bytes.length })

const partOf = (bytes: Bytes, from: number, to: number): Bytes =>
  to - from === bytes.length ? bytes : bytes.subarray(from, to)

/** The order of all entries: by hybrid time, then by the text of the feed id, then by number. */
export function compareEntries(a: Entry, b: Entry): number {
  if (a.atMs !== b.atMs) return a.atMs - b.atMs
  if (a.tick !== b.tick) return a.tick - b.tick
  if (a.feed.id !== b.feed.id) return a.feed.id < b.feed.id ? -1 : 1
  return a.sequence - b.sequence
}

/** Whether the time of one is later than that of another. */
export function isLater(
  a: { readonly atMs: number; readonly tick: number },
  b: { readonly atMs: number; readonly tick: number },
): boolean {
  return a.atMs === b.atMs ? a.tick > b.tick : a.atMs > b.atMs
}

/** What entries take of their author's room. */
export function bytesOf(entries: readonly Entry[]): number {
  let bytes = 0
  for (const { headerBytes, bodyBytes } of entries) bytes += headerBytes + bodyBytes
  return bytes
}
