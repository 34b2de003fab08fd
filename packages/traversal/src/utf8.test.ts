import { isUtf8 } from 'node:buffer'

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { anyCharacter } from './stun/stun-arbitraries.testing.ts'
import { fromHex } from './stun/stun-vectors.testing.ts'
import { decodeUtf8, encodeUtf8 } from './utf8.ts'

function platformDecode(bytes: Uint8Array): string | null {
  return isUtf8(bytes) ? Buffer.from(bytes).toString('utf8') : null
}

describe('UTF-8', () => {
  it('T13 writes what TextEncoder writes, lone surrogates included', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.nat(0xff_ff).map((unit) => String.fromCharCode(unit)) }),
        (text) => {
          expect(encodeUtf8(text)).toEqual(new TextEncoder().encode(text))
        },
      ),
    )
    expect(encodeUtf8('a\u{1f511}\ud800')).toEqual(fromHex('61 f09f9491 efbfbd'))
  })

  it('T13 reads what Node takes for UTF-8, and nothing else', () => {
    const nearUtf8 = fc.array(
      fc.constantFrom(0x41, 0x80, 0xbf, 0xc1, 0xc2, 0xe0, 0xa0, 0x9f, 0xed, 0xf0, 0x8f, 0x90, 0xf4),
      { maxLength: 8 },
    )
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 12 }),
      nearUtf8.map((values) => Uint8Array.from(values)),
      fc.string({ unit: anyCharacter }).map((text) => new TextEncoder().encode(text)),
    )
    fc.assert(
      fc.property(bytes, (value) => {
        expect(decodeUtf8(value)).toBe(platformDecode(value))
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    ['an overlong slash', 'c0af'],
    ['an overlong slash in three bytes', 'e080af'],
    ['a surrogate', 'eda080'],
    ['a code point past U+10FFFF', 'f4908080'],
    ['a cut sequence', 'e282'],
    ['a stray continuation', '80'],
  ])('T13 refuses %s', (_what, hex) => {
    expect(decodeUtf8(fromHex(hex))).toBeNull()
  })
})
