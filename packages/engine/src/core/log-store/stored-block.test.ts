import { feedIdOf } from '@knothole/wire'
import type { Bytes } from '@knothole/wire'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { StoredBlock } from '../../ports/index.ts'
import { decodeStoredBlock, encodeStoredBlock, storedBlockBytes } from './stored-block.ts'

const feed = feedIdOf(new Uint8Array(16).fill(3))

const bytes = (minLength: number, maxLength: number): fc.Arbitrary<Bytes> =>
  fc.uint8Array({ minLength, maxLength }).map((array) => new Uint8Array(array))

const blocks: fc.Arbitrary<StoredBlock> = fc
  .record({
    name: fc.record({ author: bytes(32, 32), nonce: bytes(8, 8) }),
    from: fc.integer({ min: 1, max: 2 ** 31 }),
    entries: fc.array(
      fc.record({ header: bytes(0, 200), body: fc.option(bytes(0, 300), { nil: undefined }) }),
      { minLength: 1, maxLength: 20 },
    ),
    proof: bytes(64, 64),
    every: fc.integer({ min: 1, max: 5 }),
  })
  .map(({ name, from, entries, proof, every }) => ({
    feed,
    name,
    from,
    entries,
    proofs: entries.flatMap((_, at) => (at % every === 0 ? [{ sequence: from + at, proof }] : [])),
  }))

describe('a block as bytes', () => {
  it('E361 comes back as it was, in no more bytes than were foretold', () => {
    fc.assert(
      fc.property(blocks, (block) => {
        const encoded = encodeStoredBlock(block)
        expect(encoded.length).toBeLessThanOrEqual(storedBlockBytes(block))
        expect(decodeStoredBlock(encoded, block)).toEqual(block)
      }),
    )
  })

  it('E361 is refused where a byte is missing or too many, and never throws at any bytes', () => {
    fc.assert(
      fc.property(blocks, bytes(0, 400), fc.nat(), (block, noise, cut) => {
        const encoded = encodeStoredBlock(block)
        const at = cut % encoded.length
        expect(decodeStoredBlock(encoded.slice(0, at), block)).toBeUndefined()
        const longer = new Uint8Array([...encoded, 0])
        expect(decodeStoredBlock(longer, block)).toBeUndefined()
        const decoded = decodeStoredBlock(noise, block)
        expect(decoded === undefined || decoded.entries.length <= noise.length).toBe(true)
      }),
    )
  })
})
