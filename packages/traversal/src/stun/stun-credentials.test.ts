import { createHash } from 'node:crypto'

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { anyCharacter } from './stun-arbitraries.testing.ts'
import { longTermKey, passwordAlgorithmOf, shortTermKey, userhashOf } from './stun-credentials.ts'
import { toOpaqueString } from './stun-opaque-string.ts'
import {
  LONG_TERM_KEY_MD5,
  LONG_TERM_KEY_SHA256,
  NODE_CRYPTO,
  SHORT_TERM_KEY,
  fromHex,
} from './stun-vectors.testing.ts'

const MATRIX = { username: 'マトリックス', realm: 'example.org', password: 'TheMatrIX' }

describe('keys', () => {
  it('T12 are those that RFC 5769 and RFC 8489 appendix B.1 were made with', () => {
    expect(longTermKey(MATRIX, 'md5', NODE_CRYPTO)).toEqual(LONG_TERM_KEY_MD5)
    expect(longTermKey(MATRIX, 'sha256', NODE_CRYPTO)).toEqual(LONG_TERM_KEY_SHA256)
    expect(shortTermKey('VOkJxbRl1RmTxUk/WvJxBt')).toEqual(SHORT_TERM_KEY)
  })

  it('T12 the userhash is that of RFC 8489 appendix B.1', () => {
    expect(Uint8Array.from(userhashOf(MATRIX, NODE_CRYPTO))).toEqual(
      fromHex('4a3cf38fef6992bda952c6780417da0f24819415569e60b205c46e41407f1704'),
    )
  })

  it('T26 are made of prepared text', () => {
    const decomposed = { ...MATRIX, realm: 'exa\u00a0mple', password: 'cafe\u0301' }
    const md5 = createHash('md5').update('マトリックス:exa mple:caf\u00e9').digest()
    expect(longTermKey(decomposed, 'md5', NODE_CRYPTO)).toEqual(md5)
    expect(shortTermKey('cafe\u0301')).toEqual(shortTermKey('caf\u00e9'))
  })

  it('T26 are not made of what no password can be', () => {
    expect(longTermKey({ ...MATRIX, password: '' }, 'md5', NODE_CRYPTO)).toBeNull()
    expect(longTermKey({ ...MATRIX, realm: 'a\u0000' }, 'sha256', NODE_CRYPTO)).toBeNull()
    expect(shortTermKey('tab\tbed')).toBeNull()
  })

  it('T22 knows the two algorithms there are, without parameters', () => {
    const none = new Uint8Array()
    expect(passwordAlgorithmOf({ algorithm: 1, parameters: none })).toBe('md5')
    expect(passwordAlgorithmOf({ algorithm: 2, parameters: none })).toBe('sha256')
    expect(passwordAlgorithmOf({ algorithm: 3, parameters: none })).toBeUndefined()
    expect(passwordAlgorithmOf({ algorithm: 2, parameters: none.slice() })).toBe('sha256')
    expect(passwordAlgorithmOf({ algorithm: 2, parameters: new Uint8Array(1) })).toBeUndefined()
  })
})

describe('OpaqueString', () => {
  // The first seven are the examples of RFC 8265 section 4.3.
  it.each<[string, string | null]>([
    ['correct horse battery staple', 'correct horse battery staple'],
    ['Correct Horse Battery Staple', 'Correct Horse Battery Staple'],
    ['πßå', 'πßå'],
    ['Jack of ♦s', 'Jack of ♦s'],
    ['foo\u1680bar', 'foo bar'],
    ['', null],
    ['my cat is a \u0009by', null],
    ['a\u030a', '\u00e5'],
    ['Ａ', 'Ａ'],
    ['\u00ad', null],
    ['\ue000', null],
    ['\ufdd0', null],
    ['\u0378', null],
    ['\ud800', null],
    ['\u1100\u1161', '\uac00'],
    ['\u1100', null],
    ['a\u200db', null],
    ['l\u00b7l', 'l\u00b7l'],
    ['a\u00b7l', null],
    ['l\u00b7', null],
    ['\u0375α', '\u0375α'],
    ['\u0375a', null],
    ['א\u05f3', 'א\u05f3'],
    ['a\u05f3', null],
    ['カ\u30fb', 'カ\u30fb'],
    ['a\u30fb', null],
    ['\u0661\u06f1', null],
    ['\u06f1\u0661', null],
    ['\u0661\u0662', '\u0661\u0662'],
    ['\u0640', null],
  ])('T26 prepares %j as %j', (text, prepared) => {
    expect(toOpaqueString(text)).toBe(prepared)
  })

  it('T26 prepares once: a prepared text stays as it is, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter, maxLength: 20 }), (text) => {
        const prepared = toOpaqueString(text)
        expect(prepared && toOpaqueString(prepared)).toBe(prepared)
      }),
    )
  })
})
