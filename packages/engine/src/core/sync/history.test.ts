import { describe, expect, it } from 'vitest'
import { SILENCE_MS, SKIP_AFTER_MS, SUMMARY_PAUSE_MS } from './limits.ts'
import { three } from './replica.testing.ts'
import type { Hand, Table } from './replica.testing.ts'

/** Alice said three things, of which two are older than the time. */
function old(alice: Hand, table: Table): number {
  alice.say('old', 'older')
  table.pass(60_000)
  const beforeMs = table.nowMs
  alice.say('new')
  table.pass(1_000)
  return beforeMs
}

describe('what was let go', () => {
  it('E341 is not missing to who lacks what came after it', () => {
    const { table, alice, bob } = three()
    const beforeMs = old(alice, table)
    alice.give({ type: 'prune', beforeMs })
    table.link(alice, bob)
    table.pass(2_000)
    const gaps = [{ feed: alice.feed, from: 3, count: 1, asked: [] }]
    expect(bob.of('gaps')).toEqual([{ type: 'gaps', gaps }])
    table.pass(SKIP_AFTER_MS)
    expect(bob.has(alice.feed)).toBe(3)
    expect(bob.replica.gaps).toEqual([])
  })

  it('E341 is not missing to who has what came before it, where entries name what came after', () => {
    const { table, alice, bob, carol } = three()
    const dave = table.hand('dave').restore()
    dave.give({ type: 'prune', beforeMs: 0 })
    const tell = (to: Hand, text: string): void => {
      table.link(alice, to)
      alice.say(text)
      table.pass(1_000)
      table.unlink(alice, to)
    }
    tell(dave, 'old')
    tell(bob, 'older')
    bob.give({ type: 'prune', beforeMs: table.nowMs })
    tell(carol, 'new')
    carol.say('an answer')
    // Carol gives what she said, and does not say what she knows of others.
    table.filter = (frame, from) =>
      from === carol.peer && frame.type === 'summary' ? { ...frame, feeds: [] } : frame
    table.link(dave, carol)
    table.link(dave, bob)
    table.pass(2_000)
    expect(dave.has(carol.feed)).toBe(1)
    expect(dave.replica.gaps).toEqual([{ feed: alice.feed, from: 3, count: 1, asked: [] }])
  })

  it('E346 is not waited for of who was asked for it and says so', () => {
    const { table, alice, bob } = three()
    const beforeMs = old(alice, table)
    // It goes while the first summary is on its way.
    table.filter = (frame, from) =>
      from === alice.peer && frame.type === 'summary'
        ? { ...frame, feeds: frame.feeds.map((feed) => ({ ...feed, base: 0 })) }
        : frame
    alice.give({ type: 'prune', beforeMs })
    table.link(alice, bob)
    expect(table.count('want', bob, alice)).toBe(1)
    table.filter = (frame) => frame
    table.pass(SUMMARY_PAUSE_MS + SKIP_AFTER_MS - 100)
    expect(bob.has(alice.feed)).toBe(0)
    table.pass(SILENCE_MS)
    expect(bob.replica.log.feed(alice.feed)).toMatchObject({ base: 2, count: 3 })
  })
})
