import { encodeCbor } from '@knothole/wire'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeNote, encodeNote } from './attempt-note.ts'
import type { AttemptNote } from './attempt-note.ts'

const fingerprint = `sha-256 ${Array.from({ length: 32 }, () => '0F').join(':')}`
const credentials = [{ ufrag: 'ab+/', password: 'abcdefghijklmnopqrstuv+/' }]
const payload = { fingerprint, credentials }
const sample = { address: '2001:db8::1', ports: [1_024, 65_535] }

const PROPOSAL: AttemptNote = {
  type: 'propose',
  attempt: 1,
  rung: 'birthday-shared',
  seed: 7,
  connections: [64, 16],
  payload,
  sample,
}
const NOTES: readonly AttemptNote[] = [
  PROPOSAL,
  { type: 'accept', attempt: 1, tookMs: 12, payload, sample: { ...sample, flows: 3, overMs: 900 } },
  { type: 'go', attempt: 1, ageMs: 40, sample: { ...sample, lagMs: 5 } },
  { type: 'decline', attempt: 1, reason: 'busy' },
]

describe('notes between ladders', () => {
  test.each(NOTES)('E205: reads back a $type', (note) => {
    expect(decodeNote(encodeNote(note))).toEqual({ ok: true, value: note })
  })

  test('E205: rounds what is measured, flows upwards', () => {
    const measured = { ...sample, flows: 2.1, overMs: 99.6, lagMs: -1 }
    const note = encodeNote({ type: 'go', attempt: 1, ageMs: 40.4, sample: measured })
    expect(decodeNote(note)).toMatchObject({
      value: { ageMs: 40, sample: { flows: 3, overMs: 100, lagMs: 0 } },
    })
  })

  test.each<[string, object]>([
    ['a ufrag that ends its line', { credentials: [{ ...credentials[0], ufrag: 'abcd\r\na=x' }] }],
    ['a password too short', { credentials: [{ ...credentials[0], password: 'short' }] }],
    ['no credentials', { credentials: [] }],
    ['a fingerprint of a weaker hash', { fingerprint: fingerprint.replace('256', '1') }],
    ['a fingerprint with a line after it', { fingerprint: `${fingerprint}\r\na=setup:active` }],
  ])('E206: refuses %s', (_what, change) => {
    const note = encodeCbor({ ...PROPOSAL, payload: { ...payload, ...change } })
    expect(decodeNote(note)).toEqual({ ok: false, fault: 'wrong-shape' })
  })

  test.each<[string, object]>([
    ['an address that is a name', { ...sample, address: 'example.org' }],
    ['an address with a candidate after it', { ...sample, address: '192.0.2.1 9 typ host' }],
    ['a port that does not exist', { ...sample, ports: [65_536] }],
    ['too many ports', { ...sample, ports: Array.from({ length: 129 }, () => 1) }],
  ])('E206: refuses %s', (_what, changed) => {
    const note = encodeCbor({ ...PROPOSAL, sample: changed })
    expect(decodeNote(note)).toEqual({ ok: false, fault: 'wrong-shape' })
  })

  test('E206: refuses more connections than a page may open', () => {
    const note = encodeCbor({ ...PROPOSAL, connections: [129, 1] })
    expect(decodeNote(note)).toEqual({ ok: false, fault: 'wrong-shape' })
  })

  test('E206: any bytes are refused or read, and never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(typeof decodeNote(bytes).ok).toBe('boolean')
      }),
    )
  })
})
