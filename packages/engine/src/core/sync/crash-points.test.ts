// A page that is killed at any point between writing a text, keeping it, sending it and hearing that it
// came, and opened again with the same disk: whatever was lost, nothing is said twice.
import type { LogFrame } from '@knothole/wire'
import { expect, test } from 'vitest'
import { Table } from './replica.testing.ts'
import type { Hand } from './replica.testing.ts'

interface Crash {
  readonly kept: boolean
  readonly sent: boolean
  readonly announced: boolean
}

const CRASHES: readonly Crash[] = [true, false].flatMap((kept) =>
  [true, false].flatMap((sent) => [true, false].map((announced) => ({ kept, sent, announced }))),
)

/** All texts that somebody has, in whatever feed. */
function textsOf({ replica: { log } }: Hand): string[] {
  return [...log.feeds()].flatMap(({ id, count }) =>
    Array.from({ length: count }, (_, at) => new TextDecoder().decode(log.entry(id, at + 1)?.body)),
  )
}

/** Whether a frame is one that a crash does not let through. */
function isStopped(frame: LogFrame, from: string, { sent, announced }: Crash): boolean {
  if (from === 'alice') return !sent && frame.type === 'chunk'
  return !announced && frame.type === 'have'
}

test.each(CRASHES)('E429: killed when the last text was: %o', (crash) => {
  const table = new Table()
  const [alice, bob] = [table.hand('alice').restore(), table.hand('bob').restore()]
  table.link(alice, bob)
  alice.say('one', 'two')
  table.pass(1_000)

  table.filter = (frame, from) => (isStopped(frame, from, crash) ? undefined : frame)
  alice.isStoring = crash.kept
  alice.say('three')
  table.run()
  table.unlink(alice, bob)
  table.filter = (frame) => frame

  const again = table.hand('again', { author: 'alice', nonce: 2 })
  table.link(again, bob)
  again.say('four')
  again.restore(alice.disk.load())
  again.say('five')
  table.pass(20_000)
  const isLost = !crash.kept && !crash.sent
  const texts = ['five', 'four', 'one', 'two', ...(isLost ? [] : ['three'])].toSorted()
  expect([again, bob].map((hand) => textsOf(hand).toSorted())).toEqual([texts, texts])
  expect([again, bob].flatMap((hand) => hand.of('fault'))).toEqual([])
})
