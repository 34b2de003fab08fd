// Lists turned into what is looked for in them, feed by feed or peer by peer.
import type { FeedId, PeerId, WantedRange } from '@knothole/wire'
import type { StoredBlock } from '../../ports/index.ts'
import type { Entry } from '../log/index.ts'
import type { Ask } from './ask-desk.ts'

/** The feeds of some entries, and the first of each. */
export function firstOf(entries: readonly Entry[]): ReadonlyMap<FeedId, number> {
  const first = new Map<FeedId, number>()
  let last: Entry | undefined
  for (const entry of entries) {
    const { feed, sequence } = entry
    // Mostly they come in the order of one feed.
    const follows = last !== undefined && last.feed === feed && last.sequence < sequence
    if (!follows) first.set(feed.id, Math.min(sequence, first.get(feed.id) ?? sequence))
    last = entry
  }
  return first
}

/** How far the stored blocks of each feed reach without a hole. */
export function reachOf(blocks: readonly StoredBlock[]): ReadonlyMap<FeedId, number> {
  const reach = new Map<FeedId, number>()
  for (const { feed, from, entries } of blocks) {
    const before = reach.get(feed)
    if (before !== undefined && from > before + 1) continue
    reach.set(feed, Math.max(before ?? 0, from + entries.length - 1))
  }
  return reach
}

/** What to ask each peer. */
export function byPeer(
  asks: readonly Ask[],
): { readonly peer: PeerId; readonly ranges: readonly WantedRange[] }[] {
  const peers = new Map<PeerId, WantedRange[]>()
  for (const { peer, feed, after, upTo } of asks) {
    const ranges = peers.get(peer) ?? []
    peers.set(peer, ranges)
    ranges.push([feed, after, upTo])
  }
  return Array.from(peers, ([peer, ranges]) => ({ peer, ranges }))
}

/** Whether bytes are the same. */
export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at])
}
