import { createHash } from 'node:crypto'
import { sha256 as noble } from '@noble/hashes/sha2.js'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sha256 } from './sha256.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const ofText = (text: string): string => hex(sha256(new Uint8Array(Buffer.from(text))))
const theirs = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

describe('SHA-256', () => {
  it.each([
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
    ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
  ])('E301 has the hashes that FIPS 180-4 gives as examples: %#', (text, hash) => {
    expect(ofText(text)).toBe(hash)
  })

  it('E301 hashes as Node does at every length around its blocks', () => {
    for (let length = 0; length <= 260; length++) {
      const bytes = Uint8Array.from({ length }, (_, i) => i * 7 + length)
      expect(hex(sha256(bytes))).toBe(theirs(bytes))
    }
  })

  it('E301 hashes any bytes as Node and another library do, wherever they stand in their buffer', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.nat(70), (bytes, from) => {
        const part = bytes.subarray(from)
        expect(hex(sha256(part))).toBe(theirs(part))
        expect(hex(sha256(part))).toBe(hex(noble(part)))
      }),
      { numRuns: 500 },
    )
  })
})
