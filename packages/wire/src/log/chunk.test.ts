import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeCbor } from '../cbor.ts'
import { counting, fromHex, toHex } from '../golden.testing.ts'
import { MAX_BODY_BYTES, MAX_CHUNK_BYTES, MAX_CHUNK_ENTRIES, MAX_HEADER_BYTES } from '../limits.ts'
import { MAX_CHUNK_HEADER_BYTES, MAX_LOG_FRAME_BYTES } from '../limits.ts'
import { ChunkMeter, packEntries, unpackEntries } from './chunk.ts'
import type { PackedEntry } from './chunk.ts'
import { encodeLogFrame, decodeLogFrame } from './log-frames.ts'
import { ANAS, ANAS_CHUNK } from './log-golden.testing.ts'

const bytes = (maxLength: number) =>
  fc.uint8Array({ minLength: 1, maxLength }).map((value) => new Uint8Array(value))
const anyEntries: fc.Arbitrary<PackedEntry[]> = fc.array(
  fc.record({ header: bytes(300), body: fc.option(bytes(300), { nil: undefined }) }),
  { minLength: 1, maxLength: 20 },
)

const entry = (headerBytes: number, bodyBytes?: number): PackedEntry => ({
  header: new Uint8Array(headerBytes),
  body: bodyBytes === undefined ? undefined : new Uint8Array(bodyBytes),
})

describe('packs of entries', () => {
  it('W69 a pack is a CBOR sequence of headers and bodies', () => {
    fc.assert(
      fc.property(anyEntries, (entries) => {
        const pack = packEntries(entries)
        const items = entries.flatMap(({ header, body }) => [header, body ?? null])
        expect(toHex(pack)).toBe(items.map((item) => toHex(encodeCbor(item))).join(''))
        expect(unpackEntries(pack)).toEqual(entries)
      }),
    )
  })

  it('W69 reads any bytes as the pack that is written so, or not at all', () => {
    let taken = 0
    const damaged = fc
      .tuple(anyEntries.map(packEntries), fc.nat(2000), bytes(3))
      .map(([pack, at, insert]) =>
        Uint8Array.from([...pack.subarray(0, at), ...insert, ...pack.subarray(at + 1)]),
      )
    const heads = fc.array(fc.constantFrom(0x41, 0x42, 0x40, 0x58, 0x59, 0x5a, 0x00, 0x18, 0xf6), {
      maxLength: 12,
    })
    const any = fc.oneof(
      damaged,
      heads.map((values) => Uint8Array.from(values)),
    )
    fc.assert(
      fc.property(any, (pack) => {
        const entries = unpackEntries(pack)
        if (entries === undefined) return
        taken += 1
        expect(toHex(packEntries(entries))).toBe(toHex(pack))
      }),
      { numRuns: 2000 },
    )
    expect(taken).toBeGreaterThan(50)
  })

  it.each([
    ['a header without a body beside it', '4101'],
    ['a body in more bytes than needed', '4101580102'],
    ['a header of nothing', '40f6'],
    ['a body of nothing', '410140'],
    ['a body that is a text', '41016161'],
    ['a header cut short', '420'.padEnd(4, '1')],
  ])('W69 refuses %s', (_what, hex) => {
    expect(unpackEntries(fromHex(hex))).toBe(undefined)
  })

  it('W69 holds to every limit of a chunk, writing and reading', () => {
    const most = Math.floor(MAX_CHUNK_HEADER_BYTES / MAX_HEADER_BYTES)
    const cases: [PackedEntry, number][] = [
      [entry(1, 1), MAX_CHUNK_ENTRIES],
      [entry(MAX_HEADER_BYTES), most],
      [entry(10, MAX_BODY_BYTES), Math.floor(MAX_CHUNK_BYTES / (MAX_BODY_BYTES + 14))],
    ]
    for (const [one, count] of cases) {
      const meter = new ChunkMeter()
      const all = Array.from({ length: count + 1 }, () => one)
      expect(all.filter((each) => meter.take(each))).toHaveLength(count)
      expect(unpackEntries(packEntries(all.slice(0, count)))).toHaveLength(count)
      expect(unpackEntries(packEntries(all))).toBe(undefined)
    }
    expect(unpackEntries(packEntries([entry(MAX_HEADER_BYTES + 1)]))).toBe(undefined)
    expect(unpackEntries(packEntries([entry(1, MAX_BODY_BYTES + 1)]))).toBe(undefined)
  })

  it('W69 the largest chunk fits a frame', () => {
    const entries = [entry(1000, MAX_BODY_BYTES), entry(1000, MAX_BODY_BYTES), entry(1000, 13_192)]
    const chunk = { name: ANAS, from: 2 ** 32 - 3, entries, proof: counting(64) }
    const frame = encodeLogFrame({ type: 'chunk', chunk })
    expect(packEntries(entries).length).toBeGreaterThan(MAX_CHUNK_BYTES - 300)
    expect(frame.length).toBeLessThan(MAX_LOG_FRAME_BYTES)
    expect(decodeLogFrame(frame)).toEqual({ ok: true, value: { type: 'chunk', chunk } })
  })

  it('W69 a chunk with entries that are none is refused', () => {
    const { name, from, proof } = ANAS_CHUNK
    const frame = { type: 'chunk', ...name, from, entries: counting(5), proof }
    expect(decodeLogFrame(encodeCbor(frame))).toEqual({ ok: false, fault: 'wrong-shape' })
  })
})
