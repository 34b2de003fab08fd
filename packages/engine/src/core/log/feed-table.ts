// The feeds of a log: by id, by the bytes of an id as they stand in headers, and by author, because what one
// author may take is bounded.
import { encodeBase64url, feedIdOf, feedNameBytes } from '@knothole/wire'
import type { Bytes, FeedId, FeedName } from '@knothole/wire'
import { Feed } from './feed.ts'
import { MAX_BYTES_OF_AUTHOR, MAX_ENTRIES_OF_AUTHOR, MAX_FEEDS } from './limits.ts'
import { MAX_FEEDS_OF_AUTHOR } from './limits.ts'
import type { Sha256 } from './sha256.ts'

interface Share {
  feeds: number
  entries: number
  bytes: number
}

export class FeedTable {
  readonly #logId: Bytes
  readonly #sha256: Sha256
  readonly #feeds = new Map<FeedId, Feed>()
  /** By the first four bytes of the id, as a number. */
  readonly #byBytes = new Map<number, Feed[]>()
  readonly #shares = new Map<string, Share>()
  /** The last name asked for: chunks of one feed come one after the other. */
  #lastName: { readonly name: FeedName; readonly id: FeedId } | undefined

  constructor(logId: Bytes, sha256: Sha256) {
    this.#logId = logId
    this.#sha256 = sha256
  }

  get size(): number {
    return this.#feeds.size
  }

  all(): Iterable<Feed> {
    return this.#feeds.values()
  }

  get(id: FeedId): Feed | undefined {
    return this.#feeds.get(id)
  }

  /** The feed with an id in these bytes. */
  byBytes(id: Uint8Array): Feed | undefined {
    return this.#byBytes.get(numberOf(id))?.find((feed) => isSame(feed.idBytes, id))
  }

  idOf(name: FeedName): FeedId {
    const last = this.#lastName
    if (last !== undefined && isSameName(last.name, name)) return last.id
    const id = feedIdOf(this.#sha256(feedNameBytes(this.#logId, name)))
    this.#lastName = { name, id }
    return id
  }

  /** The feed of a name, which may be new and is then not in the table yet. */
  named(name: FeedName): Feed {
    const id = this.idOf(name)
    return this.#feeds.get(id) ?? new Feed(id, name)
  }

  has(feed: Feed): boolean {
    return this.#feeds.get(feed.id) === feed
  }

  add(feed: Feed): void {
    this.#feeds.set(feed.id, feed)
    const key = numberOf(feed.idBytes)
    const others = this.#byBytes.get(key)
    if (others === undefined) this.#byBytes.set(key, [feed])
    else others.push(feed)
    this.#shareOf(feed.name).feeds += 1
  }

  /** Whether there is room for a new feed. */
  hasRoomFor(feed: Feed): boolean {
    return this.size < MAX_FEEDS && this.#shareOf(feed.name).feeds < MAX_FEEDS_OF_AUTHOR
  }

  /** Whether there is room for so much more of an author. */
  hasRoom(name: FeedName, entries: number, bytes: number): boolean {
    const share = this.#shareOf(name)
    return (
      share.entries + entries <= MAX_ENTRIES_OF_AUTHOR && share.bytes + bytes <= MAX_BYTES_OF_AUTHOR
    )
  }

  /** Counts what an author takes; less than nothing when it was let go. */
  count(name: FeedName, entries: number, bytes: number): void {
    const share = this.#shareOf(name)
    share.entries += entries
    share.bytes += bytes
  }

  #shareOf({ author }: FeedName): Share {
    const key = encodeBase64url(author)
    const known = this.#shares.get(key)
    if (known !== undefined) return known
    const share = { feeds: 0, entries: 0, bytes: 0 }
    this.#shares.set(key, share)
    return share
  }
}

function numberOf(id: Uint8Array): number {
  return ((id[0] ?? 0) << 24) | ((id[1] ?? 0) << 16) | ((id[2] ?? 0) << 8) | (id[3] ?? 0)
}

/** Whether two byte strings are the same. */
export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

function isSameName(a: FeedName, b: FeedName): boolean {
  return isSame(a.nonce, b.nonce) && isSame(a.author, b.author)
}
