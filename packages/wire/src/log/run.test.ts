import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeBase64url } from '../bytes.ts'
import type { Bytes } from '../bytes.ts'
import { counting, fromHex, toHex } from '../golden.testing.ts'
import {
  MAX_BODY_BYTES,
  MAX_CHUNK_ENTRIES,
  MAX_SEQUENCE,
  MAX_TICK,
  MAX_TIME_MS,
} from '../limits.ts'
import type { PackedEntry } from './chunk.ts'
import { encodeEntryHeader } from './entry-header.ts'
import type { After } from './entry-header.ts'
import type { FeedId } from './feed-name.ts'
import { feedIdBytes } from './feed-name.ts'
import { decodeLogFrame, encodeHistory, encodeLogFrame } from './log-frames.ts'
import { ANAS, ANAS_FEED, BOS_CHUNK, BOS_RUN, sha256 } from './log-golden.testing.ts'
import { headersOfRun, packRun, unpackRun } from './run.ts'
import type { RunHeaders, WriteHash } from './run.ts'

const writeHash: WriteHash = ({ bytes, from, to }, target, place) =>
  target.set(sha256(bytes.subarray(from, to)), place)

const bytes = (minLength: number, maxLength: number) =>
  fc.uint8Array({ minLength, maxLength }).map((value) => new Uint8Array(value))
const anyName = fc.record({
  feed: bytes(16, 16).map((id) => encodeBase64url(id) as FeedId),
  sequence: fc.integer({ min: 1, max: MAX_SEQUENCE }),
  hash: bytes(16, 16),
})
const anyAfter: fc.Arbitrary<After[]> = fc
  .uniqueArray(anyName, { selector: ({ feed }) => feed, maxLength: 3 })
  .map((after) =>
    after.toSorted((a, b) => (toHex(feedIdBytes(a.feed)) < toHex(feedIdBytes(b.feed)) ? -1 : 1)),
  )

/** What an author adds of its own. */
interface Said {
  readonly elapsedMs: number
  readonly tick: number
  readonly after: readonly After[]
  readonly body: Bytes
}

const anySaid: fc.Arbitrary<Said> = fc.record({
  elapsedMs: fc.oneof(fc.nat(3), fc.nat(2 ** 31 - 1)),
  tick: fc.oneof(fc.nat(3), fc.nat(MAX_TICK)),
  after: fc.oneof(fc.constant([]), anyAfter),
  body: bytes(1, 300),
})

/** Entries as an author writes them, from a number on. */
function chain(from: number, said: readonly Said[]): PackedEntry[] {
  let previous = from === 1 ? undefined : counting(32)
  let atMs = 1_800_000_000_000
  return said.map(({ elapsedMs, tick, after, body }, i) => {
    atMs += elapsedMs
    const header = encodeEntryHeader({
      feed: ANAS_FEED,
      sequence: from + i,
      previous,
      after: after.filter(({ feed }) => feed !== ANAS_FEED),
      atMs,
      tick,
      bodyHash: sha256(body),
      bodyBytes: body.length,
    })
    previous = sha256(header)
    return { header, body }
  })
}

const anyChain = fc
  .tuple(
    fc.oneof(fc.constant(1), fc.integer({ min: 2, max: 2 ** 32 - 40 })),
    fc.array(anySaid, { minLength: 1, maxLength: 12 }),
  )
  .map(([from, entries]) => ({ from, entries: chain(from, entries) }))

/** In hex: a time, an entry with a body of so many bytes, and a name of the first entry of a feed. */
const time = (ms: number): string => `1b${ms.toString(16).padStart(16, '0')}`
const long = (length: number): string => `00008059${length.toString(16)}${'00'.repeat(length)}`
const naming = (id: string): string => `8350${id}0150${'00'.repeat(16)}`

/** The headers of one entry that names the first entries of these feeds. */
function headersNaming(...ids: string[]): RunHeaders | undefined {
  const hex = `0000${(0x80 + ids.length).toString(16)}${ids.map(naming).join('')}4101`
  const entries = unpackRun(fromHex(hex))
  if (entries === undefined) throw new Error('no run')
  const run = { name: ANAS, from: 1, previous: counting(0), entries, proof: counting(64) }
  return headersOfRun(run, feedIdBytes(ANAS_FEED), writeHash)
}

describe('runs', () => {
  it('W73 gives back every header of a chunk, and the hash of the last', () => {
    fc.assert(
      fc.property(anyChain, ({ from, entries }) => {
        const chunk = { name: ANAS, from, entries, proof: counting(64) }
        const frame = decodeLogFrame(encodeHistory(chunk))
        if (!frame.ok || frame.value.type !== 'run') throw new Error('no run')
        const { run } = frame.value
        const headers = headersOfRun(run, feedIdBytes(ANAS_FEED), writeHash)
        const { bodyFrom, bodyTo, pack } = run.entries
        const back = entries.map((_, i) => ({
          header: headers?.bytes.subarray(headers.bounds[i], headers.bounds[i + 1]),
          body: pack.subarray(bodyFrom[i], bodyTo[i]),
        }))
        expect(back).toEqual(entries)
        expect(headers?.last).toEqual(sha256(entries.at(-1)?.header ?? counting(0)))
        expect(run.proof).toEqual(chunk.proof)
      }),
    )
  })

  it('W73 takes less than half of what a chunk of short texts takes', () => {
    const texts = Array.from({ length: 200 }, () => ({
      elapsedMs: 1000,
      tick: 0,
      after: [],
      body: counting(70),
    }))
    const chunk = { name: ANAS, from: 1, entries: chain(1, texts), proof: counting(64) }
    const whole = encodeLogFrame({ type: 'chunk', chunk })
    expect(encodeHistory(chunk).length).toBeLessThan(whole.length / 2)
  })

  it('W73 a chunk without a body, or whose times fall, goes as it is', () => {
    const missing = decodeLogFrame(encodeHistory(BOS_CHUNK))
    expect(missing).toEqual({ ok: true, value: { type: 'chunk', chunk: BOS_CHUNK } })
    const rising = chain(1, [
      { elapsedMs: 5, tick: 0, after: [], body: counting(3) },
      { elapsedMs: 5, tick: 0, after: [], body: counting(3) },
    ])
    const falling = { ...BOS_RUN, entries: rising.toReversed() }
    const frame = decodeLogFrame(encodeHistory(falling))
    expect(frame).toEqual({ ok: true, value: { type: 'chunk', chunk: falling } })
  })

  it('W73 reads any bytes as the run that is written so, or not at all', () => {
    let taken = 0
    const damaged = fc
      .tuple(anyChain, fc.nat(500), bytes(1, 3))
      .map(([{ entries }, at, insert]) => {
        const pack = packRun(entries) ?? counting(0)
        return Uint8Array.from([...pack.subarray(0, at), ...insert, ...pack.subarray(at + 1)])
      })
    fc.assert(
      fc.property(damaged, (pack) => {
        const found = unpackRun(pack)
        if (found === undefined) return
        taken += 1
        expect(found.length).toBeLessThanOrEqual(MAX_CHUNK_ENTRIES)
        const run = {
          name: ANAS,
          from: 1,
          previous: counting(0),
          entries: found,
          proof: counting(64),
        }
        const headers = headersOfRun(run, feedIdBytes(ANAS_FEED), writeHash)
        if (headers === undefined) return
        const entries = Array.from({ length: found.length }, (_, i) => ({
          header: headers.bytes.slice(headers.bounds[i], headers.bounds[i + 1]),
          body: pack.slice(found.bodyFrom[i], found.bodyTo[i]),
        }))
        expect(toHex(packRun(entries) ?? counting(0))).toBe(toHex(pack))
      }),
      { numRuns: 2000 },
    )
    expect(taken).toBeGreaterThan(50)
  })

  it.each([
    ['nothing', ''],
    ['an entry without a body', '000080'],
    ['a body of nothing', '00008040'],
    ['a body longer than what follows', '0000804201'],
    ['a time in more bytes than needed', '180000804101'],
    ['a time beyond all times', `${time(MAX_TIME_MS + 1)}00804101`],
    ['times that add up to one beyond all', `${time(MAX_TIME_MS)}0080410101008041ff`],
    ['a tick beyond all', '001b0000000100000000804101'],
    ['a name cut short', '00008183504101'],
    ['seventeen names', '0000914101'],
  ])('W73 refuses %s', (_what, hex) => {
    expect(unpackRun(fromHex(hex))).toBe(undefined)
  })

  it('W73 refuses names out of order, twice, or of the feed itself', () => {
    const own = toHex(feedIdBytes(ANAS_FEED))
    const [low, high] = ['01'.repeat(16), '02'.repeat(16)]
    expect(headersNaming(low, high)).toBeDefined()
    expect(headersNaming(high, low)).toBe(undefined)
    expect(headersNaming(low, low)).toBe(undefined)
    expect(headersNaming(own)).toBe(undefined)
  })

  it('W73 holds to the limits of a chunk', () => {
    const one = '0000804101'
    expect(unpackRun(fromHex(one.repeat(MAX_CHUNK_ENTRIES)))).toBeDefined()
    expect(unpackRun(fromHex(one.repeat(MAX_CHUNK_ENTRIES + 1)))).toBe(undefined)
    expect(unpackRun(fromHex(long(MAX_BODY_BYTES)))).toBeDefined()
    expect(unpackRun(fromHex(long(MAX_BODY_BYTES + 1)))).toBe(undefined)
    expect(unpackRun(fromHex(long(MAX_BODY_BYTES).repeat(3)))).toBe(undefined)
  })

  it('W73 begins with no hash before it exactly where the feed begins', () => {
    const { name, proof } = BOS_RUN
    const frame = decodeLogFrame(encodeHistory(BOS_RUN))
    if (!frame.ok || frame.value.type !== 'run') throw new Error('no run')
    const { entries } = frame.value.run
    const readBack = (from: number, previous: Uint8Array<ArrayBuffer>): boolean =>
      decodeLogFrame(encodeLogFrame({ type: 'run', run: { name, proof, entries, from, previous } }))
        .ok
    expect(readBack(1, counting(0))).toBe(true)
    expect(readBack(2, counting(32))).toBe(true)
    expect(readBack(1, counting(32))).toBe(false)
    expect(readBack(2, counting(0))).toBe(false)
    expect(readBack(2, counting(31))).toBe(false)
  })
})
