import { describe, expect, it } from 'vitest'
import type { Chunk } from '@knothole/wire'
import type { StoreWrite, StoredBlock, StoredLog, StoredNote } from '../../ports/log-store.ts'
import { Log } from './log.ts'
import { Author, LOG_ID, NOON, contents, forge, give, say } from './log.testing.ts'

const ana = new Author('ana')
const bo = new Author('bo')
const newLog = (): Log => new Log({ logId: LOG_ID })

interface Talk {
  readonly log: Log
  readonly writes: readonly StoreWrite[]
}

/** Two people's words, and what a store was given of them. */
function talk(count: number): Talk {
  const log = newLog()
  const writes = Array.from({ length: count }, (_, i) =>
    say(log, i % 3 === 0 ? bo : ana, { texts: [`${i}`], nowMs: NOON + i }),
  ).flatMap((came) => came.writes)
  return { log, writes }
}

/** What a store gives back, with so many runs in a block. */
function stored({ log, writes }: Talk, size = 256, notes: readonly StoredNote[] = []): StoredLog {
  const runs = writes.filter((write) => write.type === 'append')
  const blocks = Array.from(log.feeds(), ({ id }) =>
    runs.filter(({ feed }) => feed === id),
  ).flatMap((own) =>
    Array.from({ length: Math.ceil(own.length / size) }, (_, i) =>
      joined(own.slice(i * size, (i + 1) * size)),
    ),
  )
  const bases = Array.from(log.feeds(), ({ id }) => log.noteOfBase(id))
  const known = bases.filter((note) => note !== undefined)
  return { blocks, notes: [...known, ...notes], damaged: [], isDamaged: false }
}

function joined(runs: readonly StoredBlock[]): StoredBlock {
  const [first] = runs
  if (first === undefined) throw new Error('a run')
  const { feed, name, from } = first
  const entries = runs.flatMap((run) => run.entries)
  return { feed, name, from, entries, proofs: runs.flatMap((run) => run.proofs) }
}

function chunkOf({ name, from, entries, proofs }: StoredBlock): Chunk {
  return { name, from, entries, proof: proofs.at(-1)?.proof ?? new Uint8Array(64) }
}

describe('what was kept', () => {
  it('E314 comes back as it was, and goes on', () => {
    for (const size of [256, 7, 1]) {
      const all = talk(40)
      const { log } = all
      const again = newLog()
      const { admitted, left } = again.restore(stored(all, size))
      expect(admitted.entries).toHaveLength(40)
      expect(left).toEqual([])
      expect(contents(again)).toEqual(contents(log))
      const next = [log, again].map(
        (one) => say(one, ana, { texts: ['next'], nowMs: NOON }).entries,
      )
      expect(next[1]?.map(({ header }) => header)).toEqual(next[0]?.map(({ header }) => header))
    }
  })

  it('E314 joins what came before it was read', () => {
    const all = talk(40)
    const { log } = all
    const kept = stored(all, 5)
    const first = newLog()
    const hers = log.feedId(ana.name())
    const [early] = kept.blocks.filter((block) => block.feed === hers)
    if (early === undefined) throw new Error('a block')
    give(first, chunkOf(early))
    const mine = new Author('me')
    say(first, mine, { texts: ['hello'], nowMs: NOON + 100 })
    const { admitted } = first.restore(kept)
    expect(admitted.entries).toHaveLength(40 - early.entries.length)
    expect(first.order.length).toBe(41)
    expect(first.feed(hers)).toMatchObject({ base: 0, count: log.feed(hers)?.count })
  })

  it('E314 fills what a feed that began too late lacks', () => {
    const all = talk(40)
    const { log } = all
    const hers = log.feedId(ana.name())
    const late = newLog()
    const chunk = log.read(hers, 20)
    if (chunk !== undefined) give(late, chunk, { base: true })
    expect(late.feed(hers)?.base).toBe(20)
    late.restore(stored(all))
    expect(contents(late)).toEqual(contents(log))
  })

  it('E314 what follows a hole is given back, and joins when the hole is filled', () => {
    const all = talk(60)
    const { log } = all
    const hers = log.feedId(ana.name())
    const kept = stored(all, 8)
    const hole = kept.blocks.findIndex((block) => block.feed === hers && block.from > 1)
    const again = newLog()
    const { left } = again.restore({ ...kept, blocks: kept.blocks.filter((_, i) => i !== hole) })
    const after = kept.blocks.filter((block, i) => i > hole && block.feed === hers)
    expect(left).toEqual(after)
    const missing = kept.blocks[hole]
    expect(again.feed(hers)?.count).toBe((missing?.from ?? 0) - 1)
    for (const block of [missing, ...left]) {
      if (block === undefined) throw new Error('a block')
      expect(give(again, chunkOf(block))).toMatchObject({ cuts: [] })
    }
    expect(contents(again)).toEqual(contents(log))
  })

  it('E314 what nobody vouches for, or is of another branch, is not taken', () => {
    const all = talk(12)
    const { log } = all
    const hers = log.feedId(ana.name())
    const whole = stored(all)
    const unproven = whole.blocks.map((block) => ({ ...block, proofs: [] }))
    const again = newLog()
    again.restore({ ...whole, blocks: unproven })
    expect(again.order.length).toBe(0)
    const other = forge(ana, { entries: [{ text: 'x' }, { text: 'y' }] })
    const entries = [...other.entries]
    const branch = { feed: hers, name: other.name, from: 2, entries, proofs: [] }
    const first = newLog()
    const [early] = stored(all, 1).blocks.filter((block) => block.feed === hers)
    if (early !== undefined) give(first, chunkOf(early))
    const before = contents(first)
    first.restore({ blocks: [branch], notes: [], damaged: [], isDamaged: false })
    expect(contents(first)).toEqual(before)
  })

  it('E314 a damaged entry ends what is taken of its feed', () => {
    const all = talk(30)
    const { log } = all
    const hers = log.feedId(ana.name())
    const kept = stored(all, 5)
    const blocks = kept.blocks.map((block) => {
      if (block.feed !== hers || block.from === 1) return block
      return {
        ...block,
        entries: block.entries.map((entry) => ({ ...entry, header: new Uint8Array(9) })),
      }
    })
    const again = newLog()
    again.restore({ ...kept, blocks })
    const [first] = kept.blocks.filter((block) => block.feed === hers)
    expect(again.feed(hers)?.count).toBe(first?.entries.length)
  })

  it('E314 of a feed that began too late, what came before later is known again', () => {
    const all = talk(40)
    const hers = all.log.feedId(ana.name())
    const late = newLog()
    const blocks = stored(all, 4).blocks.filter((block) => block.feed === hers)
    const writes: StoreWrite[] = []
    for (const block of [...blocks.slice(3), ...blocks.slice(0, 3).toReversed()]) {
      const came = give(late, chunkOf(block), { base: true })
      if (typeof came !== 'string') writes.push(...came.writes)
    }
    expect(late.feed(hers)).toMatchObject({ base: 0, count: all.log.feed(hers)?.count })
    const notes = writes.filter((write) => write.type === 'note')
    expect(notes).toHaveLength(1)
    for (const kept of [blocks, blocks.slice(3)]) {
      const again = newLog()
      again.restore({ blocks: kept, notes, damaged: [], isDamaged: false })
      const base = (kept[0]?.from ?? 0) - 1
      expect(again.feed(hers)).toMatchObject({ base, count: all.log.feed(hers)?.count })
    }
  })

  it('E314 where a feed began, and where it was cut and why, is known again', () => {
    const all = talk(20)
    const { log } = all
    log.prune(NOON + 10)
    const liar = new Author('mal')
    const writes = ['b', 'c'].flatMap((text) => {
      const came = give(log, forge(liar, { entries: [{ text: 'a' }, { text }] }))
      return typeof came === 'string' ? [] : came.writes
    })
    const notes = writes.filter((write) => write.type === 'note')
    expect([log.noteOfCut(log.feedId(liar.name()))]).toEqual(
      notes.map(({ key, order, value }) => ({ key, order, value })),
    )
    expect(log.noteOfCut(log.feedId(ana.name()))).toBe(undefined)
    const again = newLog()
    again.restore(stored({ log, writes: [...all.writes, ...writes] }, 256, notes))
    expect(contents(again)).toEqual(contents(log))
    const id = log.feedId(liar.name())
    expect(again.evidenceOf(id)).toEqual(log.evidenceOf(id))
    const unreadable = { key: 'cut:x', order: 0, value: new Uint8Array(3) }
    const nothing = { blocks: [], notes: [unreadable], damaged: [], isDamaged: false }
    expect(again.restore(nothing).left).toEqual([])
  })
})
