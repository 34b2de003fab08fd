// Every kind of bad entry that a member can make, and what becomes of it.
import { describe, expect, it } from 'vitest'
import type { Chunk, EntryHeader, PackedEntry } from '@knothole/wire'
import { AFTER_HASH_BYTES, MAX_BODY_BYTES, MAX_CHUNK_BYTES, encodeCbor } from '@knothole/wire'
import { encodeEntryHeader, feedIdBytes } from '@knothole/wire'
import { MAX_AHEAD_MS } from './limits.ts'
import { Log } from './log.ts'
import {
  Author,
  LOG_ID,
  NONCE,
  NOON,
  contents,
  forge,
  give,
  giveEvidence,
  say,
} from './log.testing.ts'
import { sha256 } from './sha256.ts'

const ana = new Author('ana')
const mal = new Author('mal')

const newLog = (): Log => new Log({ logId: LOG_ID })
const empty = contents(newLog())

/** A chunk with its entries changed and everything else as it was. */
const withEntries = (
  chunk: Chunk,
  change: (entry: PackedEntry, i: number) => PackedEntry,
): Chunk => ({
  ...chunk,
  entries: chunk.entries.map(change),
})

/** Why a chunk is refused by who has nothing, if nothing comes of it. */
function faultOf(chunk: Chunk): string {
  const log = newLog()
  const came = give(log, chunk)
  const isUntouched = JSON.stringify(contents(log)) === JSON.stringify(empty)
  return typeof came === 'string' && isUntouched ? came : 'something came of it'
}

/** An entry with these words. */
const entry = (text: string, more: Partial<EntryHeader> = {}) => ({ text, ...more })

/** What names an entry of an author. */
const named = (log: Log, author: Author, sequence: number) => {
  const feed = log.feedId(author.name())
  const hash = log.hashAt(feed, sequence)?.subarray(0, AFTER_HASH_BYTES) ?? new Uint8Array(16)
  return { feed, sequence, hash }
}

/** Signatures are not what this is about. */
const unsigned = (nonce: Uint8Array<ArrayBuffer>): Chunk => {
  const name = mal.name(nonce)
  const header = encodeEntryHeader({
    feed: newLog().feedId(name),
    sequence: 1,
    previous: undefined,
    after: [],
    atMs: NOON,
    tick: 0,
    bodyHash: new Uint8Array(32),
    bodyBytes: 29,
  })
  return { name, from: 1, entries: [{ header, body: undefined }], proof: new Uint8Array(64) }
}

describe('forged', () => {
  const good = forge(mal, { entries: [{ text: 'one' }, { text: 'two' }] })

  it('E302 a signature by somebody else is refused', () => {
    const proof = ana.sign(new Uint8Array(32))
    expect(faultOf({ ...good, proof })).toBe('forged')
  })

  it('E302 a signature of another entry of the same author is refused', () => {
    const other = forge(mal, { entries: [{ text: 'other' }] })
    expect(faultOf({ ...good, proof: other.proof })).toBe('forged')
  })

  it('E300 nobody writes into the feed of another: its name is hashed with its author', () => {
    const feed = newLog().feedId(ana.name())
    expect(faultOf(forge(mal, { entries: [{ feed }] }))).toBe('wrong-feed')
    const theirs = forge(ana, { entries: [{ text: 'hers' }] })
    expect(faultOf({ ...good, entries: theirs.entries, proof: theirs.proof })).toBe('wrong-feed')
  })

  it('E300 an entry of another room is refused: the name is hashed with the log', () => {
    const elsewhere = forge(mal, { logId: new Uint8Array(16).fill(9), entries: [{}] })
    expect(faultOf(elsewhere)).toBe('wrong-feed')
  })

  it('E301 another body than the one that was signed is refused', () => {
    const body = new Uint8Array(29).fill(3)
    expect(faultOf(withEntries(good, ({ header }) => ({ header, body })))).toBe('wrong-body')
  })

  it('E301 a body shortened is refused', () => {
    const shortened = withEntries(good, ({ header, body }) => ({ header, body: body?.subarray(1) }))
    expect(faultOf(shortened)).toBe('wrong-body')
  })

  it('E301 an entry taken out, put in or moved within the chain is refused', () => {
    const long = forge(mal, { entries: [{ text: '1' }, { text: '2' }, { text: '3' }] })
    const [first, second, third] = long.entries
    if (first === undefined || second === undefined || third === undefined) throw new Error()
    expect(faultOf({ ...long, entries: [first, third] })).toBe('malformed')
    expect(faultOf({ ...long, entries: [second, third] })).toBe('malformed')
    const other = forge(mal, { entries: [{ text: '1' }, { text: 'x' }] }).entries[1] ?? third
    expect(faultOf({ ...long, entries: [first, other, third] })).toBe('broken-chain')
  })
})

describe('truncated', () => {
  const good = forge(mal, { entries: [{ text: 'one' }, { text: 'two' }] })

  it.each([0, 1, 3, 40, -1])('E301 a header cut at byte %i is refused', (at) => {
    const cut = withEntries(good, ({ header, body }) => ({ header: header.slice(0, at), body }))
    expect(faultOf(cut)).toBe('malformed')
  })

  it('E302 a chunk that ends before its proof is refused', () => {
    expect(faultOf({ ...good, entries: good.entries.slice(0, 1) })).toBe('forged')
  })

  it('E301 a chunk of nothing is refused', () => {
    expect(faultOf({ ...good, entries: [] })).toBe('malformed')
  })
})

describe('from the future', () => {
  const far = forge(mal, { entries: [{ atMs: NOON + 50 * 365 * 24 * 3_600_000, text: '2077' }] })

  it('E305 is taken, stands where its time puts it, and is told as what it is', () => {
    const log = newLog()
    give(log, far)
    say(log, ana, { texts: ['now'] })
    const texts = Array.from(log.order.newestFirst(), (entry) =>
      Buffer.from(entry.body ?? []).toString(),
    )
    expect(texts.map((text) => text.replaceAll('.', ''))).toEqual(['2077', 'now'])
    const [ahead, now] = Array.from(log.order.newestFirst())
    expect(ahead !== undefined && log.isAhead(ahead, NOON)).toBe(true)
    expect(now !== undefined && log.isAhead(now, NOON)).toBe(false)
  })

  it('E305 drags nobody along: what is written after it has the time of the clock, and does not name it', () => {
    const log = newLog()
    give(log, far)
    const { entries } = say(log, ana, { texts: ['now'] })
    expect(entries.map(({ atMs, tick }) => [atMs, tick])).toEqual([[NOON, 0]])
    const alone = newLog()
    expect(say(alone, ana, { texts: ['now'] }).entries[0]?.header).toEqual(entries[0]?.header)
  })

  it('E305 an entry less than a day ahead is followed, and one tick is enough', () => {
    const log = newLog()
    const atMs = NOON + MAX_AHEAD_MS
    give(log, forge(mal, { entries: [{ atMs, tick: 7 }] }))
    const { entries } = say(log, ana, { texts: ['one', 'two'] })
    expect(entries.map((entry) => [entry.atMs, entry.tick])).toEqual([
      [atMs, 8],
      [atMs, 9],
    ])
  })

  it('E305 a tick that has run out goes on in the next ms', () => {
    const log = newLog()
    give(log, forge(mal, { entries: [{ atMs: NOON + 1, tick: 2 ** 32 - 1 }] }))
    const [entry] = say(log, ana, { texts: ['one'] }).entries
    expect([entry?.atMs, entry?.tick]).toEqual([NOON + 2, 0])
  })

  it('E301 a time that is none is refused', () => {
    expect(faultOf(forge(mal, { entries: [{ atMs: 8_640_000_000_000_001 }] }))).toBe('malformed')
  })
})

describe('oversized', () => {
  it('E301 a body beyond its limit is refused, whether it comes or not', () => {
    const oversized = forge(mal, { entries: [{ bodyBytes: MAX_BODY_BYTES + 1 }] })
    expect(faultOf(oversized)).toBe('oversized')
    expect(faultOf(withEntries(oversized, ({ header }) => ({ header, body: undefined })))).toBe(
      'oversized',
    )
  })

  it('E301 a header beyond its limit is refused', () => {
    const good = forge(mal, { entries: [{}] })
    const long = withEntries(good, ({ body }) => ({ header: new Uint8Array(1025), body }))
    expect(faultOf(long)).toBe('oversized')
  })

  it('E301 more entries than a chunk may have are refused', () => {
    const entries = Array.from({ length: 257 }, () => ({}))
    expect(faultOf(forge(mal, { entries }))).toBe('oversized')
  })

  it('E301 more bytes than a chunk may have are refused', () => {
    const text = 'x'.repeat(MAX_CHUNK_BYTES / 3)
    const entries = Array.from({ length: 3 }, () => ({ text }))
    expect(faultOf(forge(mal, { entries }))).toBe('oversized')
  })

  it('E315 more feeds than one author may have are refused, and those of others are not', () => {
    const log = newLog()
    for (let i = 0; i < 4096; i++) {
      const checked = log.check(unsigned(new Uint8Array(Float64Array.of(i + 1).buffer)))
      if (checked.type !== 'verify') throw new Error(checked.type)
      checked.commit()
    }
    expect(give(log, forge(mal, { name: mal.name(NONCE), entries: [{}] }))).toBe('too-many-feeds')
    expect(give(log, forge(ana, { entries: [{}] }))).toMatchObject({ entries: [{ sequence: 1 }] })
  })
})

describe('of an unknown version', () => {
  it('E301 a header of a newer version is refused as that, whatever follows', () => {
    const [good] = forge(mal, { entries: [{}] }).entries
    const header = Uint8Array.from(good?.header ?? [])
    header[1] = 2
    const chunk = forge(mal, { entries: [{}] })
    expect(faultOf(withEntries(chunk, ({ body }) => ({ header, body })))).toBe('newer-version')
    const more = encodeCbor([7, feedIdBytes(newLog().feedId(mal.name())), 1, 'tomorrow'])
    expect(faultOf(withEntries(chunk, ({ body }) => ({ header: more, body })))).toBe(
      'newer-version',
    )
  })

  it('E301 version 0 never was', () => {
    const chunk = forge(mal, { entries: [{}] })
    const header = Uint8Array.from(chunk.entries[0]?.header ?? [])
    header[1] = 0
    expect(faultOf(withEntries(chunk, ({ body }) => ({ header, body })))).toBe('malformed')
  })
})

describe('cycles and other lies about the order', () => {
  it('E301 an entry that names its own feed, or a feed twice, is refused', () => {
    const feed = newLog().feedId(mal.name())
    const hash = new Uint8Array(16)
    const self = forge(mal, { entries: [{ after: [{ feed, sequence: 1, hash }] }] })
    expect(faultOf(self)).toBe('malformed')
    const other = newLog().feedId(ana.name())
    const twice = [1, 2].map((sequence) => ({ feed: other, sequence, hash }))
    expect(faultOf(forge(mal, { entries: [{ after: twice }] }))).toBe('malformed')
  })

  it('E308 an entry not later than one it names cuts its feed there, whichever came first', () => {
    const honest = newLog()
    say(honest, ana, { texts: ['hers'], nowMs: NOON + 10 })
    const after = [named(honest, ana, 1)]
    const lie = forge(mal, {
      entries: [{ atMs: NOON }, { atMs: NOON + 10, after }, { atMs: NOON + 20 }],
    })
    const hers = honest.read(honest.feedId(ana.name()), 0)
    if (hers === undefined) throw new Error()
    for (const chunks of [
      [hers, lie],
      [lie, hers],
    ]) {
      const log = newLog()
      const cuts = chunks.flatMap((chunk) => {
        const came = give(log, chunk)
        return typeof came === 'string' ? [came] : came.cuts.map(({ at, why }) => `${why} at ${at}`)
      })
      expect(cuts).toEqual(['order-lie at 2'])
      expect(log.order.length).toBe(2)
      expect(log.feed(log.feedId(mal.name()))).toMatchObject({ count: 1, cut: 2 })
    }
  })

  it('E308 two feeds that name each other in a circle: the one whose time gives it away is cut', () => {
    const honest = newLog()
    const mine = forge(mal, { entries: [{ atMs: NOON }] })
    give(honest, mine)
    say(honest, ana, { texts: ['answer'], nowMs: NOON + 5 })
    const after = [named(honest, ana, 1)]
    const circle = forge(mal, {
      from: 2,
      previous: mine.last,
      entries: [{ atMs: NOON + 1, after }],
    })
    expect(give(honest, circle)).toMatchObject({ cuts: [{ at: 2, why: 'order-lie' }] })
    expect(honest.feed(honest.feedId(ana.name()))?.cut).toBe(undefined)
  })

  it('E308 an entry not later than the one before it cuts its feed there', () => {
    const log = newLog()
    const back = forge(mal, { entries: [{ atMs: NOON }, { atMs: NOON - 1 }] })
    expect(give(log, back)).toMatchObject({
      entries: [{ sequence: 1 }],
      cuts: [{ at: 2, why: 'order-lie' }],
    })
  })

  it('E308 what names another branch of a fork is no lie: the forker alone is to blame', () => {
    const [early, late] = [NOON, NOON + 100].map((atMs) => forge(mal, { entries: [{ atMs }] }))
    if (early === undefined || late === undefined) throw new Error()
    const hers = newLog()
    give(hers, early)
    say(hers, ana, { texts: ['answer'], nowMs: NOON + 50 })
    const answer = hers.read(hers.feedId(ana.name()), 0)
    const log = newLog()
    give(log, late)
    expect(answer && give(log, answer)).toMatchObject({ cuts: [] })
    expect(give(log, early)).toMatchObject({ cuts: [{ at: 1, why: 'fork' }] })
    expect(log.feed(log.feedId(ana.name()))?.cut).toBe(undefined)
    expect(log.order.length).toBe(1)
  })

  it('E306 E316 an entry that names what never was stands, and what is missing is told in its name', () => {
    const log = newLog()
    const feed = log.feedId(ana.name())
    const after = [{ feed, sequence: 1_000_000, hash: new Uint8Array(16) }]
    expect(give(log, forge(mal, { entries: [{ after }] }))).toMatchObject({
      entries: [{ sequence: 1 }],
    })
    expect(log.missing()).toMatchObject([{ feed, from: 1, upTo: 1_000_000, by: { sequence: 1 } }])
    say(log, ana, { texts: ['first'] })
    expect(log.order.length).toBe(2)
  })
})

describe('forks', () => {
  const begin = ['a', 'b'].map((text, i) => entry(text, { atMs: NOON + i }))
  const left = forge(mal, { entries: [...begin, entry('left'), entry('left too')] })
  const right = forge(mal, { entries: [...begin, entry('right')] })

  it('E307 two headers with one number cut the feed there, for everyone alike', () => {
    for (const [first, second] of [
      [left, right],
      [right, left],
    ] as const) {
      const log = newLog()
      give(log, first)
      const came = give(log, second)
      expect(came).toMatchObject({ entries: [], cuts: [{ at: 3, why: 'fork' }] })
      expect(typeof came === 'string' || came.removed.map(({ sequence }) => sequence)).toEqual(
        first === left ? [3, 4] : [3],
      )
      expect(log.feed(log.feedId(mal.name()))).toMatchObject({ count: 2, cut: 3 })
      expect(log.order.length).toBe(2)
    }
  })

  it('E307 after a cut nothing beyond it is taken, of either branch', () => {
    const log = newLog()
    give(log, left)
    give(log, right)
    const more = forge(mal, { from: 4, previous: right.last, entries: [entry('more')] })
    expect(give(log, more)).toBe('known')
    expect(log.draft(mal.name(), [new Uint8Array(29)], NOON)).toBe(undefined)
  })

  it('E309 evidence convinces who has nothing, and then only what came before counts', () => {
    const log = newLog()
    give(log, left)
    give(log, right)
    const evidence = log.evidenceOf(log.feedId(mal.name()))
    if (evidence === undefined) throw new Error()
    const other = newLog()
    expect(giveEvidence(other, evidence)).toMatchObject({ cuts: [{ at: 3 }] })
    expect(giveEvidence(other, evidence)).toBe('known')
    expect(give(other, left)).toMatchObject({ entries: [{ sequence: 1 }, { sequence: 2 }] })
    expect(contents(other)).toEqual(contents(log))
  })

  it('E307 of two cuts the lower counts, whichever is known first', () => {
    const low = forge(mal, { entries: [begin[0] ?? {}, entry('low')] })
    const pairs = [
      [left, right, low],
      [left, low, right],
      [low, right, left],
      [right, low, left],
    ]
    for (const chunks of pairs) {
      const log = newLog()
      for (const chunk of chunks) give(log, chunk)
      expect(log.feed(log.feedId(mal.name()))).toMatchObject({ count: 1, cut: 2 })
    }
  })

  it('E311 what was cut is pruned no further than it counts', () => {
    const log = newLog()
    give(log, left)
    give(log, right)
    log.prune(NOON + 1_000_000)
    const feed = log.feedId(mal.name())
    expect(log.feed(feed)).toMatchObject({ base: 2, count: 2, cut: 3 })
    expect(log.order.length).toBe(0)
  })

  it('E309 evidence that shows nothing is refused', () => {
    const log = newLog()
    give(log, left)
    give(log, right)
    const evidence = log.evidenceOf(log.feedId(mal.name()))
    if (evidence?.kind !== 'fork') throw new Error()
    const [one, two] = evidence.branches
    if (one === undefined || two === undefined) throw new Error()
    const fresh = newLog()
    const same = { ...evidence, branches: [one, one] }
    expect(giveEvidence(fresh, same)).toBe('malformed')
    const unsigned = { ...two, proof: new Uint8Array(64) }
    expect(giveEvidence(fresh, { ...evidence, branches: [one, unsigned] })).toBe('forged')
    expect(giveEvidence(fresh, { ...evidence, author: ana.key })).toBe('wrong-feed')
    expect(giveEvidence(fresh, { ...evidence, at: 2 })).toBe('malformed')
    const headers = [one.headers[0] ?? new Uint8Array(0), two.headers[0] ?? new Uint8Array(0)]
    expect(giveEvidence(fresh, { ...evidence, branches: [{ ...one, headers }, two] })).toBe(
      'malformed',
    )
    const lie = { ...evidence, kind: 'order' as const, branches: [one] }
    const named = sha256(new Uint8Array(1))
    expect(giveEvidence(fresh, { ...lie, named })).toBe('malformed')
    const [harmless = named] = left.entries.slice(1, 2).map(({ header }) => header)
    expect(giveEvidence(fresh, { ...lie, named: harmless })).toBe('malformed')
    expect(contents(fresh)).toEqual(empty)
  })
})
