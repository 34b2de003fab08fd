// Whatever the order in which chunks and evidence come, and however often: the same log, in the same order.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Chunk } from '@knothole/wire'
import { decodeEntryHeader } from '@knothole/wire'
import { compareEntries } from './entry.ts'
import { Log } from './log.ts'
import type { Admitted } from './log.ts'
import { Author, LOG_ID, NOON, contents, forge, giveEvidence, say } from './log.testing.ts'

const HOUR_MS = 3_600_000

/** Takes a chunk without a look at its signature, which is not what this is about. */
function give(log: Log, chunk: Chunk): string | Admitted {
  const checked = log.check(chunk)
  return checked.type === 'verify' ? checked.commit() : checked.type
}

const WRITERS = ['ana', 'bo', 'cy'].map((seed) => new Author(seed))
const LIAR = new Author('mal')

interface Step {
  readonly who: number
  readonly texts: number
  /** Whom it has heard before it writes. */
  readonly hears: number
}

const steps = fc.array(
  fc.record({ who: fc.nat(2), texts: fc.integer({ min: 0, max: 4 }), hears: fc.nat(3) }),
  { minLength: 1, maxLength: 16 },
)
const clocks = fc.tuple(fc.integer(hours()), fc.integer(hours()), fc.integer(hours()))

function hours() {
  return { min: -11 * HOUR_MS, max: 11 * HOUR_MS }
}

/** Gives one log all that another has. */
function hear(to: Log, from: Log, step = 256): void {
  for (const chunk of chunksOf(from, step)) give(to, chunk)
}

function chunksOf(log: Log, maxEntries: number): Chunk[] {
  return Array.from(log.feeds()).flatMap(({ id }) => {
    const chunks: Chunk[] = []
    for (let after = 0; ;) {
      const chunk = log.read(id, after, { maxEntries })
      if (chunk === undefined) return chunks
      chunks.push(chunk)
      after = chunk.from + chunk.entries.length - 1
    }
  })
}

interface Conversation {
  readonly logs: readonly Log[]
  /** Every chunk as it was when it had been written. */
  readonly chunks: readonly Chunk[]
}

/** Three people whose clocks are hours apart, who hear each other now and then. */
function conversation(all: readonly Step[], offsetsMs: readonly number[]): Conversation {
  const chunks: Chunk[] = []
  const logs = WRITERS.map(() => new Log({ logId: LOG_ID }))
  for (const [index, { who, texts, hears }] of all.entries()) {
    const log = logs[who]
    const other = logs[hears]
    const author = WRITERS[who]
    if (log === undefined || author === undefined) continue
    if (other !== undefined && other !== log) hear(log, other)
    const nowMs = NOON + index * 1000 + (offsetsMs[who] ?? 0)
    if (texts === 0) continue
    const before = log.feed(log.feedId(author.name()))?.count ?? 0
    say(log, author, { texts: Array.from({ length: texts }, (_, i) => `${index} ${i}`), nowMs })
    const chunk = log.read(log.feedId(author.name()), before)
    if (chunk !== undefined) chunks.push(chunk)
  }
  return { logs, chunks }
}

/** Gives everything again and again until nothing of it waits for something else. */
function giveAll(chunks: readonly Chunk[]): Log {
  const log = new Log({ logId: LOG_ID })
  let waiting = chunks
  for (let before = -1; before !== waiting.length;) {
    before = waiting.length
    waiting = waiting.filter((chunk) => give(log, chunk) === 'early')
  }
  return log
}

const shuffledTwice = <Value>(values: readonly Value[]): fc.Arbitrary<Value[]> =>
  fc.shuffledSubarray([...values, ...values], { minLength: values.length * 2 })

describe('whatever the order of arrival', () => {
  it('E303 E304 chunks of several feeds give the same log, each entry once, causes first', () => {
    fc.assert(
      fc.property(steps, clocks, fc.gen(), (all, offsetsMs, gen) => {
        const { logs, chunks: said } = conversation(all, offsetsMs)
        const chunks = [...said, ...logs.flatMap((log) => chunksOf(log, 256))]
        const first = giveAll(chunks)
        const second = giveAll(gen(() => shuffledTwice(chunks)))
        expect(contents(second)).toEqual(contents(first))
        expectCausal(second)
      }),
      { numRuns: 100 },
    )
  })

  it('E307 E308 a feed with two branches, or with a lie about the order, is cut alike everywhere', () => {
    fc.assert(
      fc.property(steps, clocks, fc.gen(), (all, offsetsMs, gen) => {
        const { logs, chunks: said } = conversation(all, offsetsMs)
        const lies = liesOf(
          gen(fc.integer, { min: 1, max: 4 }),
          gen(fc.integer, { min: 0, max: 3 }),
        )
        const chunks = [...said, ...logs.flatMap((log) => chunksOf(log, 4)), ...lies]
        const first = giveAll(chunks)
        const second = giveAll(gen(() => shuffledTwice(chunks)))
        expect(contents(second)).toEqual(contents(first))
        expect(Array.from(first.feeds()).filter(({ cut }) => cut !== undefined)).toHaveLength(2)
        expectCausal(second)
      }),
      { numRuns: 60 },
    )
  })

  it('E307 E309 two who each know another branch agree once they have told each other why they cut', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.nat(3), fc.nat(3), (good, ours, theirs) => {
        const [a, b, c] = branches(good, [ours, theirs])
        const one = giveAll([a, b])
        const two = giveAll([c, a, b])
        const three = giveAll([b])
        const known = Array.from(one.feeds(), ({ id }) => one.evidenceOf(id))
        for (const evidence of known) {
          if (evidence !== undefined) giveEvidence(three, evidence)
        }
        for (const log of [two, three]) expect(contents(log)).toEqual(contents(one))
      }),
      { numRuns: 50 },
    )
  })
})

function expectCausal(log: Log): void {
  const entries = Array.from(log.order.newestFirst()).toReversed()
  expect(entries).toEqual(entries.toSorted(compareEntries))
  expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length)
  const places = new Map(entries.map((entry, index) => [entry.id, index]))
  for (const [index, { feed, sequence, header }] of entries.entries()) {
    const decoded = decodeEntryHeader(header)
    const after = decoded.ok ? decoded.value.after : []
    const causes = after.map((named) => `${named.feed}.${named.sequence}`)
    for (const cause of [`${feed.id}.${sequence - 1}`, ...causes]) {
      expect(places.get(cause) ?? -1).toBeLessThan(index)
    }
  }
}

const texts = (words: string, length: number) =>
  Array.from({ length }, (_, i) => ({ text: `${words} ${i}`, atMs: NOON + i }))

/** One beginning and branches that follow it, as chunks from the start. */
function branches(good: number, lengths: readonly number[]): [Chunk, Chunk, Chunk] {
  const [a, b] = lengths.map((length, index) =>
    forge(LIAR, {
      entries: [...texts('same', good), ...texts(`branch ${index}`, good + length + 1).slice(good)],
    }),
  )
  const middle = forge(LIAR, { entries: texts('same', good) })
  if (a === undefined || b === undefined) throw new Error('two branches')
  return [a, b, middle]
}

/** Two feeds of a liar: one with two branches, one with an entry that names a later one. */
function liesOf(good: number, more: number): Chunk[] {
  const [a, b, middle] = branches(good, [more, more + 1])
  const other = LIAR.name(new Uint8Array(8).fill(9))
  const entries = Array.from({ length: good + 1 }, (_, i) => ({
    atMs: NOON + (i === good ? 0 : i + 1),
  }))
  return [a, b, middle, forge(LIAR, { name: other, entries })]
}
