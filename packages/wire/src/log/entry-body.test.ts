import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeCbor } from '../cbor.ts'
import { toHex } from '../golden.testing.ts'
import { MAX_BODY_BYTES, MAX_EMOJI_LENGTH, MAX_TEXT_BYTES } from '../limits.ts'
import { hostileBytes } from '../structures.testing.ts'
import { BODY_SEAL_BYTES, decodeEntryBody, encodeEntryBody } from './entry-body.ts'
import { entryIdOf, parseEntryId } from './feed-name.ts'
import { ANAS_FEED, BODIES } from './log-golden.testing.ts'

const target = entryIdOf(ANAS_FEED, 1)
const wrong = { ok: false, fault: 'wrong-shape' }

describe('entry bodies', () => {
  it.each<[string, object]>([
    ['an empty text', { type: 'text', text: '' }],
    ['a text too long', { type: 'text', text: 'a'.repeat(MAX_TEXT_BYTES + 1) }],
    ['an answer to what is no entry', { type: 'text', text: 'a', replyTo: 'x' }],
    ['an edit of nothing', { type: 'edit', text: 'a' }],
    ['an edit to nothing', { type: 'edit', target, text: '' }],
    ['a deletion of entry 0', { type: 'delete', target: `${ANAS_FEED}.0` }],
    ['a reaction that is neither', { type: 'reaction', target, emoji: '👍', on: 1 }],
    [
      'an endless emoji',
      { type: 'reaction', target, emoji: 'x'.repeat(MAX_EMOJI_LENGTH + 1), on: true },
    ],
    ['an event that is none', { type: 'membership', event: 'kicked', name: 'Bo' }],
    ['a policy that is none', { type: 'policy', keep: 'week' }],
    ['no type', { text: 'a' }],
    ['a type that is no text', { type: 1 }],
  ])('W66 refuses %s', (_what, body) => {
    expect(decodeEntryBody(encodeCbor(body))).toEqual(wrong)
  })

  it('W66 the largest of each fits a sealed body', () => {
    const largest = { type: 'text', text: 'a'.repeat(MAX_TEXT_BYTES), replyTo: target } as const
    const bytes = encodeEntryBody({ ...largest, clockMs: Number.MAX_SAFE_INTEGER })
    expect(bytes.length + BODY_SEAL_BYTES).toBeLessThan(MAX_BODY_BYTES)
    expect(decodeEntryBody(bytes).ok).toBe(true)
  })

  it('W67 a kind of tomorrow is read as one that we do not know', () => {
    const tomorrow = encodeCbor({ type: 'hologram', text: [1, 2] })
    expect(decodeEntryBody(tomorrow)).toEqual({
      ok: true,
      value: { type: 'unknown', kind: 'hologram' },
    })
    const unknown = encodeCbor({ type: 'unknown' })
    expect(decodeEntryBody(unknown)).toEqual({
      ok: true,
      value: { type: 'unknown', kind: 'unknown' },
    })
  })

  it('W67 fields of tomorrow are ignored', () => {
    for (const body of Object.values(BODIES)) {
      expect(decodeEntryBody(encodeCbor({ ...body, '~more': [null] }))).toEqual({
        ok: true,
        value: body,
      })
    }
  })

  it('W5 answers any bytes with a body or a fault, never by throwing', () => {
    const samples = Object.values(BODIES).map((body) => ({ ...body }))
    const structure = { name: 'body', decode: decodeEntryBody, maxBytes: MAX_BODY_BYTES, samples }
    let taken = 0
    fc.assert(
      fc.property(hostileBytes(structure), (bytes) => {
        const before = toHex(bytes)
        const decoded = decodeEntryBody(bytes)
        expect(toHex(bytes)).toBe(before)
        if (decoded.ok) taken += 1
        const faults = ['too-large', 'too-deep', 'not-cbor', 'wrong-shape']
        expect(decoded.ok || faults.includes(decoded.fault)).toBe(true)
      }),
      { numRuns: 1000 },
    )
    expect(taken).toBeGreaterThan(20)
    expect(decodeEntryBody(new Uint8Array(MAX_BODY_BYTES + 1))).toEqual({
      ok: false,
      fault: 'too-large',
    })
  })
})

describe('entry ids', () => {
  it('W72 an id names its feed and number, and reads back', () => {
    for (const sequence of [1, 9, 10, 2 ** 32 - 1]) {
      expect(parseEntryId(entryIdOf(ANAS_FEED, sequence))).toEqual({ feed: ANAS_FEED, sequence })
    }
  })

  it.each(['0', '01', '-1', '1.5', '1.', '', '4294967296', '1e3', ' 1', '99999999999'])(
    'W72 refuses the number %j',
    (digits) => {
      expect(parseEntryId(`${ANAS_FEED}.${digits}`)).toBe(undefined)
    },
  )

  it('W72 refuses a feed that is none', () => {
    for (const feed of ['', 'x', `${ANAS_FEED}A`, 'B'.repeat(22)]) {
      expect(parseEntryId(`${feed}.1`)).toBe(undefined)
    }
    expect(parseEntryId(ANAS_FEED)).toBe(undefined)
  })
})
