import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCbor } from '../cbor-reader.ts'
import type { CborItem } from '../cbor-reader.ts'
import { encodeCbor } from '../cbor.ts'
import { counting, fromHex, toHex } from '../golden.testing.ts'
import { MAX_AFTER, MAX_BODY_BYTES, MAX_HEADER_BYTES, MAX_SEQUENCE, MAX_TICK } from '../limits.ts'
import { MAX_TIME_MS } from '../limits.ts'
import { anyItem } from '../structures.testing.ts'
import { HeaderReader, decodeEntryHeader, encodeEntryHeader, previousOf } from './entry-header.ts'
import type { EntryHeader } from './entry-header.ts'
import { feedIdOf } from './feed-name.ts'
import golden from './golden.json' with { type: 'json' }

const sized = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => new Uint8Array(bytes))
const upTo = (max: number) => fc.oneof(fc.nat(30), fc.integer({ min: 0, max }), fc.constant(max))
const feedId = sized(16).map(feedIdOf)

const heads = fc
  .uniqueArray(fc.record({ id: sized(16), sequence: upTo(MAX_SEQUENCE - 1), hash: sized(16) }), {
    maxLength: MAX_AFTER,
    selector: ({ id }) => toHex(id),
  })
  .map((all) =>
    all
      .toSorted((a, b) => (toHex(a.id) < toHex(b.id) ? -1 : 1))
      .map(({ id, sequence, hash }) => ({ feed: feedIdOf(id), sequence: sequence + 1, hash })),
  )

const anyHeader: fc.Arbitrary<EntryHeader> = fc
  .record({
    feed: feedId,
    sequence: upTo(MAX_SEQUENCE - 1).map((before) => before + 1),
    previous: sized(32),
    after: heads,
    atMs: upTo(MAX_TIME_MS),
    tick: upTo(MAX_TICK),
    bodyHash: sized(32),
    bodyBytes: upTo(MAX_BODY_BYTES - 1).map((less) => less + 1),
  })
  .map((header) => ({ ...header, previous: header.sequence === 1 ? undefined : header.previous }))

/** W62 and W63 once more, over the general reader: slow, and easy to compare with the words. */
function isHeader(bytes: Uint8Array): boolean {
  if (bytes.length > MAX_HEADER_BYTES) return false
  const item = readCbor(bytes)
  if (!item.ok || !Array.isArray(item.value) || item.value.length !== 9) return false
  const [version, feed, sequence, previous, after, ...rest] = item.value as readonly CborItem[]
  const [atMs, tick, bodyHash, bodyBytes] = rest
  return [
    version === 1,
    isBytes(feed, 16),
    isWithin(sequence, 1, MAX_SEQUENCE),
    isBytes(previous, sequence === 1 ? 0 : 32),
    Array.isArray(after) && areHeads(after as CborItem[], feed),
    isWithin(atMs, 0, MAX_TIME_MS),
    isWithin(tick, 0, MAX_TICK),
    isBytes(bodyHash, 32),
    isWithin(bodyBytes, 1, MAX_BODY_BYTES),
  ].every(Boolean)
}

function areHeads(heads: readonly CborItem[], feed: CborItem | undefined): boolean {
  const own = feed instanceof Uint8Array ? toHex(feed) : ''
  let last = ''
  return (
    heads.length <= MAX_AFTER &&
    heads.every((head) => {
      if (!Array.isArray(head) || head.length !== 3) return false
      const [feed, sequence, hash] = head as readonly CborItem[]
      if (!isBytes(feed, 16) || !isBytes(hash, 16) || !isWithin(sequence, 1, MAX_SEQUENCE)) {
        return false
      }
      const id = toHex(feed as Uint8Array)
      const isNext = id > last && id !== own
      last = id
      return isNext
    })
  )
}

const isBytes = (item: CborItem | undefined, length: number) =>
  item instanceof Uint8Array && item.length === length
const isWithin = (item: CborItem | undefined, min: number, max: number) =>
  typeof item === 'number' && item >= min && item <= max

describe('entry headers', () => {
  it('W62 reads back what was written, at every size of every number', () => {
    fc.assert(
      fc.property(anyHeader, (header) => {
        const bytes = encodeEntryHeader(header)
        expect(bytes.length).toBeLessThanOrEqual(MAX_HEADER_BYTES)
        expect(decodeEntryHeader(bytes)).toEqual({ ok: true, value: header })
        expect(previousOf(bytes, header.sequence)).toEqual(header.previous ?? new Uint8Array(0))
        expect(isHeader(bytes)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('W63 takes exactly what the general reader and the rule take, whatever the bytes', () => {
    const samples = Object.entries(golden).filter(([name]) => name.includes('.header.'))
    const sample = fc.oneof(
      fc.constantFrom(...samples.map(([, hex]) => fromHex(hex))),
      anyHeader.map(encodeEntryHeader),
    )
    const damaged = fc
      .tuple(sample, fc.nat(800), fc.nat(2), fc.uint8Array({ maxLength: 2 }))
      .map(([bytes, at, remove, insert]) => {
        const from = at % (bytes.length + 1)
        return Uint8Array.from([
          ...bytes.subarray(0, from),
          ...insert,
          ...bytes.subarray(from + remove),
        ])
      })
    const others = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => new Uint8Array(bytes)),
      anyItem.map(encodeCbor),
      fc.tuple(anyHeader, fc.nat(8), anyItem).map(([header, place, item]) => {
        const read = readCbor(encodeEntryHeader(header))
        const items = read.ok && Array.isArray(read.value) ? (read.value as unknown[]) : []
        return encodeCbor(items.with(place, item))
      }),
    )
    let taken = 0
    fc.assert(
      fc.property(fc.oneof(damaged, others, sample), (bytes) => {
        const decoded = decodeEntryHeader(bytes)
        expect(decoded.ok).toBe(isHeader(bytes))
        if (!decoded.ok) return
        taken += 1
        expect(toHex(encodeEntryHeader(decoded.value))).toBe(toHex(bytes))
      }),
      { numRuns: 5000 },
    )
    expect(taken).toBeGreaterThan(500)
  })

  it.each([
    ['a newer version', [2, 'whatever'], 'newer-version'],
    ['a version that never was', [0], 'malformed'],
    ['no version', ['1'], 'malformed'],
    ['no array', { version: 1 }, 'malformed'],
    ['nothing', [], 'malformed'],
  ])('W63 says of %s what it is', (_what, item, fault) => {
    expect(decodeEntryHeader(encodeCbor(item))).toEqual({ ok: false, fault })
  })

  it('W63 says of a body beyond its limit that it is oversized, and of a header', () => {
    const header = { feed: feedIdOf(counting(16)), sequence: 1, previous: undefined, after: [] }
    const rest = { atMs: 0, tick: 0, bodyHash: counting(32), bodyBytes: MAX_BODY_BYTES + 1 }
    const oversized = { ok: false, fault: 'oversized' }
    expect(decodeEntryHeader(encodeEntryHeader({ ...header, ...rest }))).toEqual(oversized)
    expect(decodeEntryHeader(new Uint8Array(MAX_HEADER_BYTES + 1))).toEqual(oversized)
  })

  it('W63 a reader that refused one header reads the next', () => {
    const reader = new HeaderReader()
    const good = fromHex(golden['log.bo.header.1'])
    expect(reader.read(counting(40))).toBe('malformed')
    expect(reader.read(good)).toBe(undefined)
    expect(encodeEntryHeader(reader.header())).toEqual(good)
  })
})
