import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { decodeUtf8, utf8Length } from './utf8.ts'
import { character } from './structures.testing.ts'

function platformDecode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

describe('UTF-8', () => {
  it('W7 reads what a fatal TextDecoder reads, and nothing else', () => {
    const near = fc.array(
      fc.constantFrom(
        0x41,
        0x80,
        0xbf,
        0xc1,
        0xc2,
        0xe0,
        0xa0,
        0x9f,
        0xed,
        0xf0,
        0x8f,
        0x90,
        0xf4,
        0xf5,
      ),
      { maxLength: 8 },
    )
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 12 }),
      near.map((values) => Uint8Array.from(values)),
      fc.string({ unit: character }).map((text) => new TextEncoder().encode(text)),
    )
    fc.assert(
      fc.property(bytes, (value) => {
        expect(decodeUtf8(value)).toBe(platformDecode(value))
      }),
      { numRuns: 3000 },
    )
  })

  it('W7 reads long texts whole, astral characters on every seam', () => {
    const text = `${'é'.repeat(4095)}👋${'a'.repeat(5000)}\ufeff`
    for (const shifted of [text, `a${text}`]) {
      expect(decodeUtf8(new TextEncoder().encode(shifted))).toBe(shifted)
    }
  })

  it('W7 counts the bytes that TextEncoder writes, lone surrogates included', () => {
    const text = fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)) })
    fc.assert(
      fc.property(fc.oneof(text, fc.string({ unit: character })), (value) => {
        expect(utf8Length(value)).toBe(new TextEncoder().encode(value).length)
      }),
    )
  })
})
