import { decode as cborgDecode, encode as cborgEncode, rfc8949EncodeOptions } from 'cborg'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { readCbor } from './cbor-reader.ts'
import { encodeCbor } from './cbor.ts'
import { fromHex, toHex } from './golden.testing.ts'
import { MAX_CBOR_DEPTH } from './limits.ts'
import { anyItem } from './structures.testing.ts'

describe('writing', () => {
  it.each([
    [
      'keys by the bytes of their encoding, so short before long',
      { b: 1, aa: 2, a: 3 },
      'a3616103616201626161 02',
    ],
    [
      'integers in the fewest bytes',
      [23, 24, 255, 256, 65536, 2 ** 32],
      '8617181818ff190100 1a00010000 1b0000000100000000',
    ],
    ['no field that is undefined', { a: undefined, b: 1 }, 'a1616201'],
    ['a lone surrogate as U+FFFD, in short texts', 'a\ud800', '64 61efbfbd'],
    [
      'a lone surrogate as U+FFFD, in long texts',
      '\udc00'.repeat(300),
      `790384${'efbfbd'.repeat(300)}`,
    ],
    ['a byte order mark as any character', '\ufeffa', '64efbbbf61'],
  ])('W3 writes %s', (_what, value, hex) => {
    expect(toHex(encodeCbor(value))).toBe(hex.replaceAll(' ', ''))
  })

  it('W3 writes what another encoder of the deterministic form writes', () => {
    fc.assert(
      fc.property(anyItem, (item) => {
        expect(toHex(encodeCbor(item))).toBe(toHex(cborgEncode(item, rfc8949EncodeOptions)))
      }),
      { numRuns: 1000 },
    )
  })

  it.each([1.5, Number.NaN, 2 ** 53, 1n, undefined, () => 0, Symbol('s')])(
    'W8 W3 refuses to write %s, which is a fault of ours',
    (value) => {
      expect(() => encodeCbor([value])).toThrow(TypeError)
    },
  )

  it('W3 writes bytes on a buffer of their own', () => {
    const bytes = encodeCbor({ type: 'ping' })
    expect(bytes.buffer.byteLength).toBe(bytes.length)
  })
})

describe('reading', () => {
  it('W4 reads back what was written, of any shape', () => {
    fc.assert(
      fc.property(anyItem, (item) => {
        const bytes = encodeCbor(item)
        const read = readCbor(bytes)
        expect(read.ok && toHex(encodeCbor(read.value))).toBe(toHex(bytes))
        expect(read.ok && read.value).toEqual(cborgDecode(bytes, { useMaps: false }))
      }),
      { numRuns: 1000 },
    )
  })

  it('W4 reads any bytes as their one encoding or not at all', () => {
    let accepted = 0
    const bytes = fc.array(
      fc.constantFrom(
        0,
        1,
        0x17,
        0x18,
        0x20,
        0x41,
        0x60,
        0x61,
        0x62,
        0x81,
        0xa1,
        0xa2,
        0xf4,
        0xf6,
        0xff,
      ),
      { minLength: 1, maxLength: 8 },
    )
    fc.assert(
      fc.property(bytes, (values) => {
        const received = Uint8Array.from(values)
        const read = readCbor(received)
        if (!read.ok) return
        accepted += 1
        expect(toHex(encodeCbor(read.value))).toBe(toHex(received))
      }),
      { numRuns: 5000 },
    )
    expect(accepted).toBeGreaterThan(50)
  })

  it.each([
    ['nothing', ''],
    ['a second item', '0000'],
    ['an integer in more bytes than needed', '1817'],
    ['a 16-bit integer that fits 8', '1900ff'],
    ['a 32-bit integer that fits 16', '1a0000ffff'],
    ['a 64-bit integer that fits 32', '1b00000000ffffffff'],
    ['a text length in more bytes than needed', '780161'],
    ['an integer past 2^53-1', '1b0020000000000000'],
    ['a negative integer past -(2^53-1)', '3b001fffffffffffff'],
    ['the largest length', '5bffffffffffffffff00'],
    ['a byte string longer than what is there', '4200'],
    ['an array longer than what is there', '820 0'],
    ['a map with a key and no value', 'a16161'],
    ['an indefinite array', '9fff'],
    ['an indefinite map', 'bfff'],
    ['an indefinite byte string', '5f4100ff'],
    ['an indefinite text', '7f6161ff'],
    ['a reserved length', '1c'],
    ['a break', 'ff'],
    ['a half float', 'f93c00'],
    ['a NaN', 'f97e00'],
    ['a float', 'fa3f800000'],
    ['a double', 'fb3ff0000000000000'],
    ['undefined', 'f7'],
    ['a simple value', 'f0'],
    ['a tag', 'c100'],
    ['a bigint', 'c249010000000000000000'],
    ['a number as a key', 'a10102'],
    ['bytes as a key', 'a1416101'],
    ['the same key twice', 'a2616101616102'],
    ['keys out of order', 'a2616201616102'],
    ['a long key before a short one', 'a262616101616202'],
  ])('W4 refuses %s', (_what, hex) => {
    expect(readCbor(fromHex(hex))).toEqual({ ok: false, fault: 'not-cbor' })
  })

  it.each([
    ['invalid UTF-8', '62c328'],
    ['an overlong form', '62c0af'],
    ['a surrogate', '63eda080'],
    ['a code point past U+10FFFF', '64f4908080'],
    ['a sequence cut short', '61e2'],
    ['invalid UTF-8 in a key', 'a161ff00'],
  ])('W7 refuses %s', (_what, hex) => {
    expect(readCbor(fromHex(hex))).toEqual({ ok: false, fault: 'not-cbor' })
  })

  it('W8 reads integers from -(2^53-1) to 2^53-1', () => {
    expect(readCbor(fromHex('1b001fffffffffffff'))).toEqual({
      ok: true,
      value: Number.MAX_SAFE_INTEGER,
    })
    expect(readCbor(fromHex('3b001ffffffffffffe'))).toEqual({
      ok: true,
      value: Number.MIN_SAFE_INTEGER,
    })
  })

  it.each(['81', 'a16161'])('W5 reads %s nested to the limit and no deeper', (open) => {
    expect(readCbor(fromHex(`${open.repeat(MAX_CBOR_DEPTH)}00`)).ok).toBe(true)
    const deeper = { ok: false, fault: 'too-deep' }
    expect(readCbor(fromHex(`${open.repeat(MAX_CBOR_DEPTH + 1)}00`))).toEqual(deeper)
    expect(readCbor(fromHex(`${open.repeat(MAX_CBOR_DEPTH)}80`))).toEqual(deeper)
    expect(readCbor(fromHex(open.repeat(100_000)))).toEqual(deeper)
  })

  it('W5 takes no memory on the word of a declared length', () => {
    const before = process.memoryUsage()
    for (let i = 0; i < 1000; i++) {
      expect(readCbor(fromHex('9a7fffffff00')).ok).toBe(false)
      expect(readCbor(fromHex('ba7fffffff00')).ok).toBe(false)
      expect(readCbor(fromHex('5a7fffffff00')).ok).toBe(false)
    }
    const after = process.memoryUsage()
    expect(after.rss - before.rss).toBeLessThan(200 * 1024 * 1024)
  })

  it('W6 a map has no prototype', () => {
    const read = readCbor(fromHex('a1695f5f70726f746f5f5fa16178f5'))
    expect(read.ok && Object.getPrototypeOf(read.value)).toBeNull()
    expect(read.ok && Object.keys(read.value as object)).toEqual(['__proto__'])
  })
})
