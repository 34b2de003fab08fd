import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { decodeBase64url, encodeBase64url } from './bytes.ts'
import { character } from './structures.testing.ts'

describe('base64url', () => {
  it('W1 writes what Node writes and reads it back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
        const text = encodeBase64url(bytes)
        expect(text).toBe(Buffer.from(bytes).toString('base64url'))
        expect(decodeBase64url(text)).toEqual(Uint8Array.from(bytes))
      }),
    )
  })

  it('W1 reads a text only if it is the one that would be written', () => {
    const near = fc.string({ unit: fc.constantFrom('A', 'B', 'Q', '_', '-', '=', '+', '/', ' ') })
    fc.assert(
      fc.property(fc.oneof(near, fc.string({ unit: character })), (text) => {
        const bytes = decodeBase64url(text)
        expect(bytes === undefined || encodeBase64url(bytes) === text).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  it.each(['A', 'AA==', 'AB', 'AAB', 'A A', 'AA\n', 'A+/A', 'AAAAA', 'ＡＡ', '👋'])(
    'W1 refuses %j',
    (text) => {
      expect(decodeBase64url(text)).toBeUndefined()
    },
  )
})
