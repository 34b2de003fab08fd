import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { decodeBulkFrame, encodeBulkFrame } from './bulk-frames.ts'
import { encodeCbor } from './cbor.ts'
import { BULK_FRAMES, fromHex, toHex } from './golden.testing.ts'
import { MAX_LABEL_LENGTH } from './limits.ts'

describe('bulk frames', () => {
  it.each(Object.entries(BULK_FRAMES))('W56 reads back %s', (_name, frame) => {
    expect(decodeBulkFrame(encodeBulkFrame(frame))).toEqual(frame)
  })

  it.each([
    ['nothing', ''],
    ['another head', '02'],
    ['words that are none', '01ff'],
    ['bytes as words', `01${toHex(encodeCbor({ type: 'bytes', bytes: new Uint8Array(1) }))}`],
    [
      'a label too long',
      `01${toHex(encodeCbor({ type: 'begin', label: 'x'.repeat(MAX_LABEL_LENGTH + 1) }))}`,
    ],
    ['a refusal of what has no number', `01${toHex(encodeCbor({ type: 'refuse' }))}`],
  ])('W56 refuses %s', (_what, hex) => {
    expect(decodeBulkFrame(fromHex(hex))).toBe(undefined)
  })

  it('W56 reads any bytes without a throw', () => {
    expect(() =>
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
          decodeBulkFrame(new Uint8Array(bytes))
        }),
      ),
    ).not.toThrow()
  })
})
