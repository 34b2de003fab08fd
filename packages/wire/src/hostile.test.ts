// What holds for every decode function, whatever the bytes.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { encodeCbor } from './cbor.ts'
import { fromHex, toHex } from './golden.testing.ts'
import { STRUCTURES, anyItem, hostileBytes } from './structures.testing.ts'

const FAULTS = ['too-large', 'too-deep', 'not-cbor', 'wrong-shape']

/** Bytes of a container that claims more than there is, nests without end, or never closes. */
const NASTY: readonly (readonly [string, (length: number) => Uint8Array])[] = [
  ['arrays in arrays', (length) => new Uint8Array(length).fill(0x81)],
  [
    'maps in maps',
    (length) => Uint8Array.from({ length }, (_, i) => [0xa1, 0x61, 0x61][i % 3] ?? 0),
  ],
  ['tags on tags', (length) => new Uint8Array(length).fill(0xc1)],
  ['indefinite arrays', (length) => new Uint8Array(length).fill(0x9f)],
  ['empty arrays', (length) => withHead('9a', length, 0x80)],
  ['empty maps', (length) => withHead('9a', length, 0xa0)],
  ['empty texts', (length) => withHead('9a', length, 0x60)],
  ['one long text', (length) => withHead('7a', length, 0x61)],
  ['one long byte string', (length) => withHead('5a', length, 0x61)],
]

function withHead(initial: string, length: number, fill: number): Uint8Array {
  const rest = Math.max(0, length - 5)
  const bytes = new Uint8Array(rest + 5).fill(fill)
  bytes.set(fromHex(initial + rest.toString(16).padStart(8, '0')))
  return bytes
}

describe.each(STRUCTURES)('$name', (structure) => {
  const { decode, maxBytes, samples } = structure

  it('W5 answers any bytes with a value or a fault, never by throwing', () => {
    const faults = new Set<string>()
    fc.assert(
      fc.property(hostileBytes(structure), (bytes) => {
        const before = toHex(bytes)
        const decoded = decode(bytes)
        if (!decoded.ok) faults.add(decoded.fault)
        expect(decoded.ok || FAULTS.includes(decoded.fault)).toBe(true)
        expect(toHex(bytes)).toBe(before)
      }),
      { numRuns: 600 },
    )
    expect([...faults]).toContain('not-cbor')
    expect([...faults]).toContain('wrong-shape')
  })

  it('W4 what it accepts and knows whole is written as the same bytes', () => {
    let accepted = 0
    const bytes = fc.oneof(hostileBytes(structure), fc.constantFrom(...samples).map(encodeCbor))
    fc.assert(
      fc.property(bytes, (received) => {
        const decoded = decode(received)
        if (!decoded.ok) return
        accepted += 1
        const known = encodeCbor(decoded.value)
        expect(decode(known)).toEqual(decoded)
        // Fields unknown to us are left out; nothing else may differ.
        const isShorter = known.length < received.length
        expect(isShorter || toHex(known) === toHex(received)).toBe(true)
      }),
      { numRuns: 600 },
    )
    expect(accepted).toBeGreaterThan(50)
  })

  it('W5 refuses unread what is longer than its limit', () => {
    for (const length of [maxBytes + 1, maxBytes * 4]) {
      expect(decode(new Uint8Array(length))).toEqual({ ok: false, fault: 'too-large' })
    }
    expect(decode(new Uint8Array(maxBytes))).toEqual({ ok: false, fault: 'not-cbor' })
  })

  it.each(NASTY)('W5 reads %s up to the limit quickly and refuses them', (_what, make) => {
    const bytes = make(maxBytes)
    const timesMs = Array.from({ length: 5 }, () => {
      const startMs = performance.now()
      expect(decode(bytes).ok).toBe(false)
      return performance.now() - startMs
    })
    // 64 KiB of empty arrays take 10 ms, anything quadratic seconds; a busy machine spares one of five.
    expect(Math.min(...timesMs)).toBeLessThan(250)
  })

  it('W6 ignores fields it does not know, whatever they hold', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.string({ maxLength: 12 }).map((name) => `~${name}`),
        anyItem,
        (sample, key, item) => {
          const bytes = encodeCbor({ ...sample, [key]: item })
          if (bytes.length > maxBytes) return
          expect(decode(bytes)).toEqual({ ok: true, value: sample })
        },
      ),
    )
  })

  it('W6 refuses a sample without one of its fields, or with null in its place', () => {
    const optional = ['offer', 'offeredTo', 'iceServers', 'way', 'using', 'pad', 'hidden', 'later']
    for (const sample of samples) {
      for (const field of Object.keys(sample)) {
        const { [field]: _left, ...rest } = sample
        const isOptional = optional.includes(field) && sample['type'] !== 'answer'
        expect(decode(encodeCbor(rest)).ok, `without ${field}`).toBe(isOptional)
        expect(decode(encodeCbor({ ...rest, [field]: null })).ok, `${field}: null`).toBe(false)
      }
    }
  })

  it('W6 refuses an item that is no map, and a type it does not know', () => {
    const others = [[], 0, 'ping', true, null, new Uint8Array(1), {}, { type: 'unheard-of' }]
    for (const other of [
      ...others,
      { type: ['ping'] },
      { type: 'constructor' },
      { type: '__proto__' },
    ]) {
      expect(decode(encodeCbor(other))).toEqual({ ok: false, fault: 'wrong-shape' })
    }
  })

  it('W6 a __proto__ key is an unknown field and reaches no prototype', () => {
    for (const sample of samples) {
      const fields = Object.entries(sample)
      const bytes = mapOf([...fields, ['__proto__', { polluted: true }], ['constructor', 1]])
      if (bytes.length > maxBytes) continue
      const decoded = decode(bytes)
      expect(decoded).toEqual({ ok: true, value: sample })
      const value: unknown = decoded.ok ? decoded.value : undefined
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
      expect(value).not.toHaveProperty('polluted')
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    const inherited = mapOf([['__proto__', samples[0]]])
    expect(decode(inherited).ok).toBe(false)
  })

  it('W5 the value lives on memory of its own', () => {
    for (const sample of samples) {
      const encoded = encodeCbor(sample)
      const network = Buffer.alloc(encoded.length + 20)
      network.set(encoded, 10)
      const decoded = decode(network.subarray(10, 10 + encoded.length))
      network.fill(0xff)
      expect(decoded).toEqual({ ok: true, value: sample })
    }
  })
})

/** A map in deterministic order, whatever its keys. */
function mapOf(entries: readonly (readonly [string, unknown])[]): Uint8Array {
  const encoded = entries
    .map(([key, value]) => [toHex(encodeCbor(key)), toHex(encodeCbor(value))] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  return fromHex((0xa0 + entries.length).toString(16) + encoded.flat().join(''))
}
