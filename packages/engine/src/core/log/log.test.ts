import { describe, expect, it } from 'vitest'
import type { Chunk, FeedId } from '@knothole/wire'
import { MAX_AFTER, MAX_BODY_BYTES, MAX_CHUNK_BYTES, decodeEntryHeader } from '@knothole/wire'
import { packEntries } from '@knothole/wire'
import type { Entry } from './entry.ts'
import { Log } from './log.ts'
import type { Admitted } from './log.ts'
import { Author, LOG_ID, NOON, body, contents, forge, give, say } from './log.testing.ts'

const ana = new Author('ana')
const bo = new Author('bo')
const newLog = (): Log => new Log({ logId: LOG_ID })
const words = (count: number, from = 1) => Array.from({ length: count }, (_, i) => `${from + i}`)

interface Written {
  readonly log: Log
  readonly feed: FeedId
  /** All up to some number, as it was read when there was no more. */
  readonly whole: ReadonlyMap<number, Chunk>
}

/** Ana's log with so many entries, so many to a proof. */
function written(count: number, perProof = 1): Written {
  const log = newLog()
  const feed = log.feedId(ana.name())
  const whole = new Map<number, Chunk>()
  for (let at = 0; at < count; at += perProof) {
    say(log, ana, { texts: words(perProof, at + 1), nowMs: NOON + at })
    const chunk = log.read(feed, 0)
    if (chunk !== undefined) whole.set(chunk.entries.length, chunk)
  }
  return { log, feed, whole }
}

/** Entries after one number up to another. */
function part({ whole }: Written, after: number, upTo: number): Chunk {
  const chunk = whole.get(upTo)
  if (chunk === undefined) throw new Error('no proof there')
  return { ...chunk, from: after + 1, entries: chunk.entries.slice(after) }
}

function read(log: Log, after: number, limits?: Parameters<Log['read']>[2]): Chunk {
  const chunk = log.read(log.feedId(ana.name()), after, limits)
  if (chunk === undefined) throw new Error('nothing to read')
  return chunk
}

const upTo = ({ from, entries }: Chunk): readonly [number, number] => [
  from,
  from + entries.length - 1,
]

function admitted(came: string | Admitted): readonly Entry[] {
  if (typeof came === 'string') throw new Error(came)
  return came.entries
}

function afterOf({ header }: Entry): readonly string[] {
  const decoded = decodeEntryHeader(header)
  if (!decoded.ok) throw new Error(decoded.fault)
  return decoded.value.after.map(({ feed, sequence }) => `${feed}.${sequence}`)
}

describe('entries of ours', () => {
  it('E305 each is later than all that was known, and one tick later when the clock stands', () => {
    const log = newLog()
    const [first, second] = say(log, ana, { texts: ['1', '2'] }).entries
    const [third] = say(log, bo, { texts: ['3'], nowMs: NOON - 3_600_000 }).entries
    const [fourth] = say(log, ana, { texts: ['4'], nowMs: NOON + 1 }).entries
    const times = [first, second, third, fourth].map((entry) => [entry?.atMs, entry?.tick])
    expect(times).toEqual([
      [NOON, 0],
      [NOON, 1],
      [NOON, 2],
      [NOON + 1, 0],
    ])
    expect(Array.from(log.order.newestFirst())).toEqual([fourth, third, second, first])
  })

  it('E306 an entry names the heads that no other names, and none twice', () => {
    const log = newLog()
    const [hers] = say(log, ana, { texts: ['1'] }).entries
    const [his, more] = say(log, bo, { texts: ['2', '3'] }).entries
    const cy = new Author('cy')
    const [theirs] = say(log, cy, { texts: ['4'] }).entries
    if (hers === undefined || his === undefined || more === undefined || theirs === undefined) {
      throw new Error('four entries')
    }
    expect(afterOf(hers)).toEqual([])
    expect(afterOf(his)).toEqual([hers.id])
    expect(afterOf(more)).toEqual([])
    expect(afterOf(theirs)).toEqual([more.id])
  })

  it('E306 of many heads the newest are named, in the order of their ids, and the rest next time', () => {
    const log = newLog()
    const others = Array.from({ length: MAX_AFTER + 3 }, (_, i) => new Author(`author ${i}`))
    for (const [i, other] of others.entries()) {
      give(log, forge(other, { entries: [{ atMs: NOON + i }] }))
    }
    const [first] = say(log, ana, { texts: ['1'], nowMs: NOON + 100 }).entries
    const [second] = say(log, ana, { texts: ['2'], nowMs: NOON + 100 }).entries
    const named = [first, second].map((entry) => (entry === undefined ? [] : afterOf(entry)))
    expect(named.map(({ length }) => length)).toEqual([MAX_AFTER, 3])
    const oldest = others.slice(0, 3).map((other) => `${log.feedId(other.name())}.1`)
    expect(named[1]?.toSorted()).toEqual(oldest.toSorted())
    expect(new Set(named.flat()).size).toBe(others.length)
  })

  it('E302 a draft holds as much as one chunk does, and the next goes on', () => {
    const log = newLog()
    const bodies = Array.from({ length: 5 }, () => new Uint8Array(MAX_BODY_BYTES))
    const draft = log.draft(ana.name(), bodies, NOON)
    expect(draft?.entries).toHaveLength(2)
    expect(log.order.length).toBe(0)
    if (draft === undefined) throw new Error('the feed is cut')
    expect(log.append(draft, ana.sign(draft.toSign)).entries).toHaveLength(2)
    expect(log.append(draft, ana.sign(draft.toSign)).entries).toEqual([])
    expect(log.draft(ana.name(), bodies, NOON)?.from).toBe(3)
    const other = newLog()
    expect(admitted(give(other, read(log, 0)))).toHaveLength(2)
  })

  it('E305 a clock that tells fractions or a time before 1970 writes what can be read', () => {
    const log = newLog()
    say(log, ana, { texts: ['1'], nowMs: NOON + 0.5 })
    say(log, bo, { texts: ['2'], nowMs: -5 })
    const other = newLog()
    for (const who of [ana, bo]) {
      const chunk = log.read(log.feedId(who.name()), 0)
      expect(chunk && admitted(give(other, chunk))).toHaveLength(1)
    }
  })
})

describe('chunks of others', () => {
  it('E310 what is known is known, what follows a gap is early, and nothing comes of either', () => {
    const all = written(6)
    const { log } = all
    const other = newLog()
    const before = contents(other)
    expect(give(other, read(log, 3))).toBe('early')
    const checked = other.check(read(log, 3))
    expect(checked).toMatchObject({ type: 'early', missingFrom: 1, upTo: 3 })
    expect(contents(other)).toEqual(before)
    expect(admitted(give(other, part(all, 0, 4)))).toHaveLength(4)
    expect(give(other, part(all, 1, 3))).toBe('known')
    expect(admitted(give(other, read(log, 2))).map(({ sequence }) => sequence)).toEqual([5, 6])
    expect(give(other, read(log, 0))).toBe('known')
  })

  it('E310 of two chunks checked at once, each entry is taken once', () => {
    const all = written(6)
    const { log } = all
    const other = newLog()
    const checks = [part(all, 0, 4), read(log, 0), read(log, 0)].map((one) => other.check(one))
    const taken = checks.map((one) => (one.type === 'verify' ? one.commit().entries.length : -1))
    expect(taken).toEqual([4, 2, 0])
    expect(contents(other)).toEqual(contents(log))
  })

  it('E310 what belongs to another branch is unlinked, until the chunk where they part', () => {
    const begin = [{ text: 'a' }, { text: 'b' }]
    const ours = forge(ana, { entries: [...begin, { text: 'c' }] })
    const theirs = forge(ana, { entries: [...begin, { text: 'x' }] })
    const rest = forge(ana, {
      from: 4,
      previous: theirs.last,
      entries: [{ text: 'y', atMs: NOON + 9 }],
    })
    const log = newLog()
    give(log, ours)
    expect(give(log, rest)).toBe('unlinked')
    expect(log.check(rest)).toMatchObject({ at: 4 })
    expect(give(log, theirs)).toMatchObject({ cuts: [{ at: 3, why: 'fork' }] })
  })

  it('E302 what is to be stored is what came, to the proof', () => {
    const all = written(4, 2)
    const { log, feed } = all
    const other = newLog()
    give(other, part(all, 0, 2))
    const came = give(other, read(log, 0))
    const { entries, proof } = read(log, 2)
    expect(typeof came === 'string' ? came : came.writes).toMatchObject([
      { type: 'append', feed, from: 3, entries, proofs: [{ sequence: 4, proof }] },
    ])
  })
})

describe('reading', () => {
  it('E313 a chunk ends at a proof, within the limits but at least at the next one', () => {
    const { log } = written(700, 7)
    const chunks = [0, 3, 200].map((after) => upTo(read(log, after, { maxEntries: 20 })))
    for (const [, last] of chunks) expect(last % 7).toBe(0)
    expect(chunks.map(([from]) => from)).toEqual([1, 4, 201])
    expect(upTo(read(log, 699, { maxEntries: 1, maxBytes: 1, upTo: 1 }))).toEqual([700, 700])
    expect(log.read(log.feedId(ana.name()), 700)).toBe(undefined)
    expect(log.read(log.feedId(bo.name()), 0)).toBe(undefined)
  })

  it('E313 of proofs only those are kept that chunks need', () => {
    const { log } = written(900)
    let chunks = 0
    for (let after = 0; after < 900; chunks++) [, after] = upTo(read(log, after))
    expect(chunks).toBeLessThanOrEqual(7)
  })

  it.each([0, 1, 255, 256, 411, 899])(
    'E313 from number %i on, chunks bring everything',
    (start) => {
      const { log } = written(900)
      const other = newLog()
      give(other, { ...read(log, start), from: start + 1 }, { base: true })
      for (let after = other.feed(log.feedId(ana.name()))?.count ?? 0; after < 900;) {
        const chunk = read(log, after)
        expect(packEntries(chunk.entries).length).toBeLessThanOrEqual(MAX_CHUNK_BYTES)
        admitted(give(other, chunk))
        ;[, after] = upTo(chunk)
      }
      expect(other.order.length).toBe(900 - start)
    },
  )

  it('E313 a chunk that has no room for bodies goes without the last of them', () => {
    const bodies = [1, 2].map((seed) => new Uint8Array(MAX_BODY_BYTES).fill(seed))
    const { log, feed } = written(1)
    const small = log.draft(ana.name(), [body('x'), ...bodies], NOON + 5)
    if (small === undefined) throw new Error('the feed is cut')
    log.append(small, ana.sign(small.toSign))
    const other = newLog()
    give(other, read(log, 0))
    // Bodies that came for entries which came without can make a run larger than its author's chunk.
    const [, , third, fourth] = Array.from({ length: 4 }, (_, i) => other.entry(feed, i + 1))
    expect([third?.body?.length, fourth?.body?.length]).toEqual([MAX_BODY_BYTES, MAX_BODY_BYTES])
    expect(packEntries(read(other, 0).entries).length).toBeLessThanOrEqual(MAX_CHUNK_BYTES)
  })
})

describe('bodies', () => {
  it('E312 an entry counts without its body, which may come later and from anyone', () => {
    const { log, feed } = written(3, 3)
    const chunk = read(log, 0)
    const bare = {
      ...chunk,
      entries: chunk.entries.map(({ header }) => ({ header, body: undefined })),
    }
    const other = newLog()
    expect(admitted(give(other, bare)).map((entry) => entry.body)).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect(contents(other)).toEqual(contents(log))
    const sealed = log.entry(feed, 2)?.body ?? new Uint8Array(0)
    expect(other.putBody(feed, 1, sealed)).toBe('refused')
    expect(other.putBody(feed, 4, sealed)).toBe('refused')
    expect(other.putBody(feed, 2, sealed)).toBe('taken')
    expect(other.putBody(feed, 2, sealed)).toBe('known')
    expect(other.entry(feed, 2)?.body).toEqual(sealed)
    expect(read(other, 0).entries.map((entry) => entry.body?.length)).toEqual([
      undefined,
      29,
      undefined,
    ])
  })

  it('E312 a body that is let go is gone, and the chain goes on', () => {
    const { log, feed } = written(3, 3)
    expect(
      log
        .dropBodies([
          [feed, 2],
          [feed, 9],
        ])
        .map(({ sequence }) => sequence),
    ).toEqual([2])
    expect(log.dropBodies([[feed, 2]])).toEqual([])
    expect(log.entry(feed, 2)?.body).toBe(undefined)
    const other = newLog()
    expect(admitted(give(other, read(log, 0)))).toHaveLength(3)
    say(log, ana, { texts: ['4'], nowMs: NOON + 9 })
    expect(admitted(give(other, read(log, 3)))).toHaveLength(1)
  })
})

describe('where a feed begins', () => {
  it('E311 what is older than the policy allows goes, from the beginning of each feed', () => {
    const { log, feed } = written(6)
    expect(log.prune(NOON + 4)).toEqual([{ feed, from: 1, upTo: 4 }])
    expect(log.prune(NOON + 4)).toEqual([])
    expect(log.feed(feed)).toMatchObject({ base: 4, count: 6 })
    expect(log.order.length).toBe(2)
    expect(log.entry(feed, 4)).toBe(undefined)
    expect(upTo(read(log, 0))).toEqual([5, 6])
    say(log, ana, { texts: ['7'], nowMs: NOON + 9 })
    expect(upTo(read(log, 6))).toEqual([7, 7])
  })

  it('E311 a feed of which everything was let go keeps its place in the chain', () => {
    const { log, feed } = written(3)
    const head = log.hashAt(feed, 3)
    log.prune(NOON + 1000)
    expect(log.feed(feed)).toMatchObject({ base: 3, count: 3, head })
    const [entry] = say(log, ana, { texts: ['4'], nowMs: NOON + 2000 }).entries
    const decoded = decodeEntryHeader(entry?.header ?? new Uint8Array(0))
    expect(decoded.ok && decoded.value.previous).toEqual(head)
  })

  it('E311 a newcomer may begin where everyone does, and only then', () => {
    const { log, feed } = written(6)
    log.prune(NOON + 4)
    const other = newLog()
    expect(give(other, read(log, 0))).toBe('early')
    expect(admitted(give(other, read(log, 0), { base: true }))).toHaveLength(2)
    expect(other.feed(feed)).toMatchObject({ base: 4, count: 6, head: log.feed(feed)?.head })
  })

  it('E311 who began too late takes what came before, if it is of the same chain', () => {
    const all = written(6)
    const { log, feed } = all
    const whole = read(log, 0)
    const late = newLog()
    give(late, read(log, 4), { base: true })
    const stray = forge(ana, {
      entries: words(6).map((text, i) => ({ text: `not ${text}`, atMs: NOON + i })),
    })
    expect(give(late, { ...stray, entries: stray.entries.slice(0, 4) })).toBe('unlinked')
    const first = part(all, 0, 2)
    expect(late.check(first)).toMatchObject({ type: 'early', missingFrom: 3, upTo: 4 })
    expect(admitted(give(late, whole)).map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4])
    expect(contents(late)).toEqual(contents(log))
    expect(upTo(read(late, 0))).toEqual([1, 6])
    expect(late.feed(feed)).toMatchObject({ base: 0, count: 6 })
  })

  it('E311 what we let go ourselves we do not take back', () => {
    const { log, feed } = written(6)
    const whole = read(log, 0)
    log.prune(NOON + 4)
    expect(give(log, whole)).toBe('known')
    expect(log.feed(feed)).toMatchObject({ base: 4 })
  })

  it('E311 a feed of which we let everything go may begin again after a gap that everyone has', () => {
    const all = written(9)
    const { log } = all
    const other = newLog()
    give(other, part(all, 0, 3))
    expect(give(other, read(log, 6), { base: true })).toBe('early')
    other.prune(NOON + 5)
    expect(admitted(give(other, read(log, 6), { base: true }))).toHaveLength(3)
  })
})
