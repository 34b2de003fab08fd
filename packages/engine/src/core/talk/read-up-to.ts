// How much of each feed stands up to an entry in the order of all: what somebody has read who read it.
import type { FeedCount } from '@knothole/wire'
import { compareEntries } from '../log/index.ts'
import type { Entry, FeedView, Log } from '../log/index.ts'

/** Counts of feeds that stand up to this entry; feeds of which nothing does are left out. */
export function readUpTo(log: Log, entry: Entry): FeedCount[] {
  const upTo: FeedCount[] = []
  for (const feed of log.feeds()) {
    const count = countUpTo(log, feed, entry)
    if (count > feed.base) upTo.push([feed.id, count])
  }
  return upTo
}

function countUpTo(log: Log, feed: FeedView, upTo: Entry): number {
  let low = feed.base
  let high = feed.count
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    const entry = log.entry(feed.id, middle)
    if (entry !== undefined && compareEntries(entry, upTo) <= 0) low = middle
    else high = middle - 1
  }
  return low
}
