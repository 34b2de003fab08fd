// An entry of the log as everyone here sees it, and the one order of all of them.
import { entryIdOf, namesOthers, wholeOf } from '@knothole/wire'
import type { Bytes, FeedId, FeedName, PackedEntry, PlacedEntry, Stretch } from '@knothole/wire'

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

/** An entry whose header, and body where it has one, are what its author wrote. */
export abstract class Entry implements PlacedEntry {
  abstract readonly feed: FeedView
  abstract readonly sequence: number
  abstract readonly atMs: number
  abstract readonly tick: number
  abstract readonly headerStretch: Stretch
  /** Where the body stands; undefined before it has come, or once it was let go. */
  abstract readonly bodyStretch: Stretch | undefined
  abstract readonly headerBytes: number
  /** Bytes of the body; 0 without one. */
  abstract readonly bodyBytes: number
  /** Whether it names heads of other feeds. */
  abstract readonly namesOthers: boolean

  /** For the log alone: sets the body, or lets it go. */
  abstract setBody(body: Bytes | undefined): void

  get header(): Bytes {
    return partOf(this.headerStretch)
  }

  /** Sealed; undefined before it has come, or once it was let go. */
  get body(): Bytes | undefined {
    const { bodyStretch } = this
    return bodyStretch && partOf(bodyStretch)
  }

  /** How others speak of it. */
  get id(): string {
    return entryIdOf(this.feed.id, this.sequence)
  }
}

/** An entry by itself, as it was written, stored, or came in a chunk. */
export class LooseEntry extends Entry {
  readonly feed: FeedView
  readonly sequence: number
  readonly atMs: number
  readonly tick: number
  readonly #header: Bytes
  #body: Bytes | undefined

  constructor(feed: FeedView, place: Place, { header, body }: PackedEntry) {
    super()
    this.feed = feed
    this.sequence = place.sequence
    this.atMs = place.atMs
    this.tick = place.tick
    this.#header = header
    this.#body = body
  }

  get headerStretch(): Stretch {
    return wholeOf(this.#header)
  }

  get bodyStretch(): Stretch | undefined {
    return this.#body && wholeOf(this.#body)
  }

  get headerBytes(): number {
    return this.#header.length
  }

  get bodyBytes(): number {
    return this.#body?.length ?? 0
  }

  get namesOthers(): boolean {
    return namesOthers(this.#header, 0, this.sequence)
  }

  override get header(): Bytes {
    return this.#header
  }

  override get body(): Bytes | undefined {
    return this.#body
  }

  setBody(body: Bytes | undefined): void {
    this.#body = body
  }
}

function partOf({ bytes, from, to }: Stretch): Bytes {
  return bytes.subarray(from, to)
}

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
