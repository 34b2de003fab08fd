import { describe, expect, it } from 'vitest'
import { decodeLogFrame, encodeHistory, encodeLogFrame } from '@knothole/wire'
import type { Chunk } from '@knothole/wire'
import { Log } from './log.ts'
import { Author, LOG_ID, contents, forge, give, say } from './log.testing.ts'
import { RunChunk, lastHash, lengthOf } from './run-chunk.ts'
import { sha256 } from './sha256.ts'

const ana = new Author('ana')
const ben = new Author('ben')

const newLog = (): Log => new Log({ logId: LOG_ID })

/** The chunk as it comes when it was asked for. */
function asRun(chunk: Chunk): RunChunk {
  const frame = decodeLogFrame(encodeHistory(chunk))
  if (!frame.ok || frame.value.type !== 'run') throw new Error('no run')
  return new RunChunk(frame.value.run, newLog().feedId(chunk.name))
}

/** A log of two who answer each other, so that entries name heads. */
function talked(): Log {
  const log = newLog()
  for (let i = 0; i < 6; i++) {
    say(log, i % 2 === 0 ? ana : ben, { texts: [`${i} one`, `${i} two`] })
  }
  return log
}

const chunksOf = (log: Log): Chunk[] =>
  [...log.feeds()].flatMap(({ id }) => {
    const chunk = log.read(id, 0)
    return chunk === undefined ? [] : [chunk]
  })

describe('runs', () => {
  it('E317 a run is taken as the chunk it stands for', () => {
    const log = talked()
    const other = newLog()
    for (const chunk of chunksOf(log)) expect(typeof give(other, asRun(chunk))).toBe('object')
    expect(contents(other)).toEqual(contents(log))
    for (const chunk of chunksOf(log)) {
      const again = other.read(log.feedId(chunk.name), 0)
      expect(again?.entries.map(({ header, body }) => ({ header, body }))).toEqual(
        chunk.entries.map(({ header, body }) => ({ header, body })),
      )
      expect(lastHash(asRun(chunk), sha256)).toEqual(lastHash(chunk, sha256))
      expect(lengthOf(asRun(chunk))).toBe(lengthOf(chunk))
    }
  })

  it('E317 also where it overlaps what is here, follows a gap, or is known', () => {
    const long = forge(ana, { entries: [{ text: '1' }, { text: '2' }, { text: '3' }] })
    const start = forge(ana, { entries: [{ text: '1' }, { text: '2' }] })
    const rest = forge(ana, { from: 3, previous: start.last, entries: [{ text: '3', atMs: 2e12 }] })
    const log = newLog()
    expect(give(log, asRun(rest))).toBe('early')
    expect(typeof give(log, asRun(start))).toBe('object')
    expect(give(log, asRun(start))).toBe('known')
    expect(typeof give(log, asRun(long))).toBe('object')
    expect(log.feed(log.feedId(ana.name()))?.count).toBe(3)
  })

  it('E317 a run of another branch cuts the feed as its chunk does', () => {
    const one = forge(ana, { entries: [{ text: '1' }, { text: '2' }] })
    const other = forge(ana, { entries: [{ text: '1' }, { text: 'x' }] })
    const beyond = forge(ana, { from: 3, previous: other.last, entries: [{ text: '3' }] })
    const [log, same] = [newLog(), newLog()]
    give(log, asRun(one))
    give(same, one)
    expect(give(log, asRun(beyond))).toBe('unlinked')
    give(log, asRun(other))
    give(same, other)
    expect(contents(log)).toEqual(contents(same))
    expect(log.feed(log.feedId(ana.name()))?.cut).toBe(2)
  })

  it('E317 whatever is changed in a run, the signature does not hold', () => {
    const long = forge(ana, { entries: [{ text: '1' }, { text: '2' }, { text: '3' }] })
    const { run } = asRun(long)
    const feed = newLog().feedId(ana.name())
    let read = 0
    for (let at = 0; at < run.entries.pack.length; at++) {
      const pack = run.entries.pack.map((byte, place) => (place === at ? byte ^ 1 : byte))
      const data = encodeLogFrame({
        type: 'run',
        run: { ...run, entries: { ...run.entries, pack } },
      })
      const frame = decodeLogFrame(data)
      if (!frame.ok || frame.value.type !== 'run') continue
      read += 1
      expect(['forged', 'malformed']).toContain(give(newLog(), new RunChunk(frame.value.run, feed)))
    }
    expect(read).toBeGreaterThan(80)
    const stolen = new RunChunk({ ...run, name: ben.name() }, newLog().feedId(ben.name()))
    expect(give(newLog(), stolen)).toBe('forged')
  })
})
