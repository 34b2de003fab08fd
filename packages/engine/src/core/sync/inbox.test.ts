import type { Chunk, FeedId } from '@knothole/wire'
import { describe, expect, it } from 'vitest'
import { Inbox } from './inbox.ts'
import type { Arrival } from './inbox.ts'
import { MAX_EARLY_BYTES, MAX_INBOX_BYTES, MAX_INBOX_CHUNKS } from './limits.ts'

const arrival = (feed: string, from: number, bytes = 100): Arrival => {
  const name = { author: new Uint8Array(32), nonce: new Uint8Array(8) }
  const chunk: Chunk = { name, from, entries: [], proof: new Uint8Array(64) }
  return { feed: feed as FeedId, chunk, bytes }
}

describe('chunks that wait', () => {
  it('E338 beyond a number of bytes and of chunks nothing more is taken', () => {
    const large = new Inbox()
    while (large.add(arrival('a', 1, 48 * 1024)))
      expect(large.bytes).toBeLessThanOrEqual(MAX_INBOX_BYTES)
    const small = new Inbox()
    let taken = 0
    while (small.add(arrival('a', 1, 1))) taken += 1
    expect(taken).toBe(MAX_INBOX_CHUNKS)
  })

  it('E338 of those that came early the oldest make room', () => {
    const inbox = new Inbox()
    for (let from = 2; from < 100; from++) inbox.putAside(arrival('a', from, 20_000))
    expect(inbox.bytes).toBeLessThanOrEqual(MAX_EARLY_BYTES)
    inbox.wake('a' as FeedId, 98)
    expect(inbox.take(() => true)?.chunk.from).toBeGreaterThan(80)
  })

  it('E338 a feed that is being checked does not hold up the others', () => {
    const inbox = new Inbox()
    inbox.add(arrival('a', 1))
    inbox.add(arrival('b', 1))
    expect(inbox.take((feed) => feed !== 'a')?.feed).toBe('b')
    expect(inbox.has('a' as FeedId)).toBe(true)
    expect(inbox.has('b' as FeedId)).toBe(false)
  })

  it('E338 what came early waits until what it continues is there', () => {
    const inbox = new Inbox()
    inbox.putAside(arrival('a', 5))
    inbox.wake('a' as FeedId, 3)
    expect(inbox.take(() => true)).toBeUndefined()
    inbox.wake('a' as FeedId, 4)
    expect(inbox.take(() => true)?.chunk.from).toBe(5)
    expect(inbox.bytes).toBe(0)
  })
})
