import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'

import { counting } from './golden.testing.ts'
import { isId, memberIdOf, parsePeerId, parseRoomId, peerIdOf, roomIdOf } from './ids.ts'

describe('identifiers', () => {
  it('W2 a room id is 16 bytes in 22 characters, and no other length', () => {
    expect(roomIdOf(counting(16))).toBe('AAECAwQFBgcICQoLDA0ODw')
    expect(() => roomIdOf(counting(15))).toThrow(RangeError)
    expect(() => roomIdOf(counting(17))).toThrow(RangeError)
  })

  it('W2 peers and members are named by the first half of a SHA-256 hash of a key', () => {
    const hash = createHash('sha256').update(counting(32)).digest()
    expect(peerIdOf(hash)).toBe(hash.subarray(0, 16).toString('base64url'))
    expect(memberIdOf(hash)).toBe(hash.subarray(0, 16).toString('base64url'))
  })

  it.each([
    ['', false],
    ['AAECAwQFBgcICQoLDA0ODw', true],
    ['AAECAwQFBgcICQoLDA0ODx', false],
    ['AAECAwQFBgcICQoLDA0ODw=', false],
    ['AAECAwQFBgcICQoLDA0OD', false],
    [' AAECAwQFBgcICQoLDA0OD', false],
    ['AAECAwQFBgcICQoLDA0O+w', false],
    ['A'.repeat(1_000_000), false],
  ])('W2 takes only canonical texts: %#', (text, isGood) => {
    expect(isId(text)).toBe(isGood)
    expect(parseRoomId(text)).toBe(isGood ? text : undefined)
    expect(parsePeerId(text)).toBe(isGood ? text : undefined)
  })
})
