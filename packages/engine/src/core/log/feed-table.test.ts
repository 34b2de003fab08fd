import { describe, expect, it } from 'vitest'
import { feedIdBytes } from '@knothole/wire'
import { FeedTable } from './feed-table.ts'
import { MAX_BYTES_OF_AUTHOR, MAX_ENTRIES_OF_AUTHOR } from './limits.ts'
import { Author, LOG_ID } from './log.testing.ts'
import { sha256 } from './sha256.ts'

const ana = new Author('ana')
const bo = new Author('bo')

describe('the feeds of a log', () => {
  it('E300 a feed is found by its name, its id and the bytes of its id', () => {
    const table = new FeedTable(LOG_ID, sha256)
    const [hers, other, his] = [ana.name(), ana.name(new Uint8Array(8)), bo.name()].map((name) =>
      table.named(name),
    )
    if (hers === undefined || other === undefined || his === undefined) throw new Error()
    expect(new Set([hers.id, other.id, his.id]).size).toBe(3)
    expect(table.has(hers)).toBe(false)
    for (const feed of [hers, other, his]) table.add(feed)
    for (const feed of [hers, other, his]) {
      expect(table.get(feed.id)).toBe(feed)
      expect(table.named({ ...feed.name })).toBe(feed)
      expect(table.byBytes(feedIdBytes(feed.id))).toBe(feed)
      const near = feed.idBytes.slice()
      near[15] = (near[15] ?? 0) ^ 1
      expect(table.byBytes(near)).toBe(undefined)
    }
  })

  it('E315 what an author has is counted over all its feeds, and freed when it goes', () => {
    const table = new FeedTable(LOG_ID, sha256)
    const [one, two] = [ana.name(), ana.name(new Uint8Array(8))]
    table.count(one, MAX_ENTRIES_OF_AUTHOR - 1, 0)
    expect(table.hasRoom(two, 1, 0)).toBe(true)
    expect(table.hasRoom(two, 2, 0)).toBe(false)
    expect(table.hasRoom(bo.name(), 2, 0)).toBe(true)
    table.count(two, -10, MAX_BYTES_OF_AUTHOR)
    expect(table.hasRoom(one, 2, 0)).toBe(true)
    expect(table.hasRoom(one, 2, 1)).toBe(false)
    expect(table.hasRoom(bo.name(), 2, 1)).toBe(true)
  })
})
