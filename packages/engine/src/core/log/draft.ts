// New entries of ours: chained, timed by the hybrid logical clock of Kulkarni et al. (2014), and naming the
// heads of other feeds that nothing else we know of names.
import { AFTER_HASH_BYTES, ChunkMeter, HASH_BYTES, MAX_AFTER, MAX_TICK } from '@knothole/wire'
import { encodeEntryHeader, entryProofBytes } from '@knothole/wire'
import type { After, Bytes } from '@knothole/wire'
import { LooseEntry, compareEntries, isLater } from './entry.ts'
import type { Entry } from './entry.ts'
import type { EntryOrder } from './entry-order.ts'
import type { Feed } from './feed.ts'
import { MAX_AHEAD_MS } from './limits.ts'
import type { Sha256 } from './sha256.ts'

/** Entries of ours before they are signed. */
export interface Draft {
  readonly feed: Feed
  readonly from: number
  readonly entries: readonly Entry[]
  /** Hash of the last header. */
  readonly last: Bytes
  /** What our identity signs. */
  readonly toSign: Bytes
}

interface Time {
  readonly atMs: number
  readonly tick: number
}

/** A time after this one, and no earlier than the clock says. */
export function timeAfter({ atMs, tick }: Time, nowMs: number): Time {
  if (nowMs > atMs) return { atMs: nowMs, tick: 0 }
  return tick < MAX_TICK ? { atMs, tick: tick + 1 } : { atMs: atMs + 1, tick: 0 }
}

/** What a draft is made of. */
export interface DraftGround {
  readonly feed: Feed
  readonly order: EntryOrder
  /** Feeds whose head no entry of another names. */
  readonly heads: Iterable<Feed>
  readonly nowMs: number
  readonly sha256: Sha256
}

/** Entries with these sealed bodies: as many as one chunk holds. */
export function draftEntries(bodies: readonly Bytes[], ground: DraftGround): Draft {
  const { feed, sha256 } = ground
  const nowMs = Math.max(0, Math.floor(ground.nowMs))
  const meter = new ChunkMeter()
  const from = feed.end + 1
  let previous = feed.hashAt(feed.end)
  let after = afterOf(ground)
  let time = latestOf(ground)
  const entries: Entry[] = []
  for (const body of bodies) {
    const sequence = from + entries.length
    time = timeAfter(time, nowMs)
    const header = encodeEntryHeader({
      feed: feed.id,
      sequence,
      previous: sequence === 1 ? undefined : previous,
      after,
      ...time,
      bodyHash: sha256(body),
      bodyBytes: body.length,
    })
    if (!meter.take({ header, body })) break
    entries.push(new LooseEntry(feed, { sequence, ...time }, { header, body }))
    previous = sha256(header)
    after = []
  }
  const last = previous ?? new Uint8Array(HASH_BYTES)
  return { feed, from, entries, last, toSign: entryProofBytes(last) }
}

/** The latest time that the next entry must come after: of our last, and of all that is not far ahead. */
function latestOf({ feed, order, nowMs }: DraftGround): Time {
  const own = feed.kept(feed.end)
  let latest: Time = own ?? { atMs: -1, tick: 0 }
  for (const entry of order.newestFirst()) {
    if (entry.atMs > nowMs + MAX_AHEAD_MS) continue
    if (isLater(entry, latest)) latest = entry
    break
  }
  return latest
}

/** The newest heads of other feeds that nothing names yet; those far ahead of our clock are left alone. */
function afterOf({ feed, heads, nowMs }: DraftGround): readonly After[] {
  const newest: Entry[] = []
  for (const other of heads) {
    const head = other === feed ? undefined : other.newest
    if (head !== undefined && head.atMs <= nowMs + MAX_AHEAD_MS) newest.push(head)
  }
  return newest
    .toSorted((a, b) => compareEntries(b, a))
    .slice(0, MAX_AFTER)
    .flatMap((head) => {
      const other = head.feed as Feed
      const hash = other.hashAt(head.sequence)?.subarray(0, AFTER_HASH_BYTES)
      return hash === undefined ? [] : [{ bytes: other.idBytes, head, hash }]
    })
    .toSorted((a, b) => compareBytes(a.bytes, b.bytes))
    .map(({ head, hash }) => ({ feed: head.feed.id, sequence: head.sequence, hash }))
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const at = a.findIndex((byte, index) => byte !== b[index])
  return (a[at] ?? 0) - (b[at] ?? 0)
}
