import { describe, expect, it } from 'vitest'
import { three } from './replica.testing.ts'
import type { Hand, Table } from './replica.testing.ts'

/** Bob has all that alice said, of which alice let most go; carol has what alice still had. */
function late(): { table: Table; alice: Hand; bob: Hand; carol: Hand } {
  const { table, alice, bob, carol } = three()
  table.link(alice, bob)
  for (let at = 0; at < 40; at++) {
    alice.say(...Array.from({ length: 20 }, (_, entry) => `${at} ${entry}`))
    table.pass(1_000)
  }
  table.unlink(alice, bob)
  alice.give({ type: 'prune', beforeMs: table.nowMs - 5_000 })
  table.link(alice, carol)
  table.pass(10_000)
  expect(carol.replica.log.feed(alice.feed)).toMatchObject({ base: 700, count: 800 })
  return { table, alice, bob, carol }
}

describe('a feed that begins late here', () => {
  it('E346 is completed when somebody comes who has what came before', () => {
    const { table, alice, bob, carol } = late()
    table.link(bob, carol)
    table.pass(2_000)
    expect(carol.replica.log.feed(alice.feed)).toMatchObject({ base: 0, count: 800 })
    expect(carol.replica.log.order.length).toBe(800)
    expect(carol.of('admitted').flatMap(({ entries }) => entries)).toHaveLength(800)
    const again = table.hand('again').restore(carol.disk.load())
    expect(again.replica.log.feed(alice.feed)).toMatchObject({ base: 0, count: 800 })
    table.pass(60_000)
    expect(table.count('want', carol, bob)).toBeLessThan(12)
  })

  it('E331 begins for others where the store has it, also while it is being completed', () => {
    const { table, alice, bob, carol } = late()
    carol.isStoring = false
    alice.say('news')
    table.pass(1_000)
    table.link(bob, carol)
    table.pass(2_000)
    expect(carol.replica.log.feed(alice.feed)?.base).toBe(0)
    // The news is stored, what fills the feed is not yet.
    carol.store()
    const toldOf = (name: string): unknown => {
      const other = table.hand(name).restore()
      table.link(carol, other)
      const summary = table.sent.find(
        ({ to, frame }) => to === other.peer && frame.type === 'summary',
      )
      table.unlink(carol, other)
      return summary?.frame
    }
    expect(toldOf('dave')).toMatchObject({ feeds: [{ feed: alice.feed, base: 700, count: 801 }] })
    carol.isStoring = true
    carol.store()
    expect(toldOf('eve')).toMatchObject({ feeds: [{ feed: alice.feed, base: 0, count: 801 }] })
  })

  it('E346 is not completed by what was let go here, or by who does not give it', () => {
    const { table, alice, bob, carol } = late()
    carol.give({ type: 'prune', beforeMs: table.nowMs })
    table.link(bob, carol)
    table.pass(10_000)
    expect(carol.replica.log.feed(alice.feed)).toMatchObject({ base: 800, count: 800 })
    expect(table.count('want', carol, bob)).toBe(0)
    const second = late()
    second.table.filter = (frame) => (['chunk', 'run'].includes(frame.type) ? undefined : frame)
    second.table.link(second.bob, second.carol)
    second.table.pass(300_000)
    expect(second.table.count('want', second.carol, second.bob)).toBe(3)
    expect(second.carol.of('fault')).toEqual([])
  })
})
