import { createHash } from 'node:crypto'

import { describe, expect, it } from 'vitest'

import type { StunAttribute } from './stun/stun-attributes.ts'
import { checkIntegrity } from './stun/stun-integrity.ts'
import type { ReceivedStunMessage, StunSeal } from './stun/stun-message.ts'
import { attributeValue, decodeMessage, encodeMessage } from './stun/stun-message.ts'
import { featuresOf } from './stun/stun-nonce.ts'
import {
  LONG_TERM_KEY_MD5,
  LONG_TERM_KEY_SHA256,
  NODE_HMAC,
  SAMPLE_IPV4_RESPONSE,
  SAMPLE_IPV6_RESPONSE,
  SAMPLE_LONG_TERM_REQUEST,
  SAMPLE_REQUEST,
  SHA256_REQUEST,
  SHA256_REQUEST_AS_PRINTED,
  SHORT_TERM_KEY,
  fromHex,
} from './stun/stun-vectors.testing.ts'

const SHORT_TERM = { key: SHORT_TERM_KEY, hmac: NODE_HMAC }
const LONG_TERM = { key: LONG_TERM_KEY_MD5, hmac: NODE_HMAC }
const LONG_TERM_SHA256 = { key: LONG_TERM_KEY_SHA256, hmac: NODE_HMAC }

function read(bytes: Uint8Array): ReceivedStunMessage {
  const result = decodeMessage(bytes)
  if (result.type === 'refused') throw new Error(`refused: ${result.reason}`)
  return result.message
}

/** Writes the message anew: ours pads with zeros, the samples of 2.1 to 2.3 with spaces. */
function rewritten(message: ReceivedStunMessage, seal: StunSeal): Uint8Array {
  return encodeMessage(message, seal)
}

describe('RFC 5769, test vectors for STUN', () => {
  it('T12 reads the sample request of section 2.1', () => {
    const message = read(SAMPLE_REQUEST)
    expect(message).toMatchObject({ class: 'request', method: 1, hasFingerprint: true })
    expect(message.transactionId).toEqual(fromHex('b7e7a701bc34d686fa87dfae'))
    expect(message.attributes).toEqual<StunAttribute[]>([
      { type: 'software', value: 'STUN test client' },
      { type: 'priority', value: 0x6e_00_01_ff },
      { type: 'ice-controlled', value: 0x93_2f_f9_b1_51_26_3b_36n },
      { type: 'username', value: 'evtj:h6vY' },
    ])
    expect(checkIntegrity(message, 'sha1', SHORT_TERM)).toBe('valid')
    expect(checkIntegrity(message, 'sha256', SHORT_TERM)).toBe('absent')
  })

  it.each([
    ['2.2, IPv4', SAMPLE_IPV4_RESPONSE, { family: 'IPv4', address: '192.0.2.1' }],
    [
      '2.3, IPv6',
      SAMPLE_IPV6_RESPONSE,
      { family: 'IPv6', address: '2001:db8:1234:5678:11:2233:4455:6677' },
    ],
  ])('T12 reads the sample response of section %s', (_section, bytes, address) => {
    const message = read(bytes)
    expect(message).toMatchObject({ class: 'success', method: 1, hasFingerprint: true })
    expect(message.attributes).toEqual([
      { type: 'software', value: 'test vector' },
      { type: 'xor-mapped-address', value: { ...address, port: 32_853 } },
    ])
    expect(checkIntegrity(message, 'sha1', SHORT_TERM)).toBe('valid')
  })

  it('T12 reads the long-term request of section 2.4 and writes it byte for byte', () => {
    const message = read(SAMPLE_LONG_TERM_REQUEST)
    expect(message.attributes).toEqual([
      { type: 'username', value: 'マトリックス' },
      { type: 'nonce', value: 'f//499k954d6OL34oL9FSTvy64sA' },
      { type: 'realm', value: 'example.org' },
    ])
    expect(message.hasFingerprint).toBe(false)
    expect(checkIntegrity(message, 'sha1', LONG_TERM)).toBe('valid')
    const seal = { integrity: { ...LONG_TERM, algorithms: ['sha1'] } } as const
    expect(rewritten(message, seal)).toEqual(SAMPLE_LONG_TERM_REQUEST)
  })

  it.each([
    ['2.1', SAMPLE_REQUEST],
    ['2.2', SAMPLE_IPV4_RESPONSE],
    ['2.3', SAMPLE_IPV6_RESPONSE],
  ])('T12 writes the sample of section %s with its own padding', (_section, bytes) => {
    const message = read(bytes)
    const seal: StunSeal = {
      integrity: { ...SHORT_TERM, algorithms: ['sha1'] },
      fingerprint: true,
    }
    const ours = rewritten(message, seal)
    const mark = message.integrity[0]?.offset ?? 0
    const zeroPadded = bytes.slice(0, mark)
    // USERNAME and SOFTWARE end in spaces that are not part of their values.
    for (const [index, byte] of ours.subarray(0, mark).entries()) {
      if (byte === 0 && zeroPadded[index] === 0x20) zeroPadded[index] = 0
    }
    expect(ours.subarray(0, mark)).toEqual(zeroPadded)
    expect(read(ours).attributes).toEqual(message.attributes)
    expect(checkIntegrity(read(ours), 'sha1', SHORT_TERM)).toBe('valid')
  })
})

describe('RFC 8489 appendix B.1', () => {
  it('T12 reads the SHA-256 request as erratum 6268 has it and writes it byte for byte', () => {
    const message = read(SHA256_REQUEST)
    const userHash = createHash('sha256').update('マトリックス:example.org').digest()
    expect(message.attributes).toEqual([
      { type: 'userhash', value: Uint8Array.from(userHash) },
      { type: 'nonce', value: 'obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA' },
      { type: 'realm', value: 'example.org' },
      { type: 'password-algorithm', value: { algorithm: 2, parameters: new Uint8Array() } },
    ])
    expect(featuresOf(attributeValue(message, 'nonce') ?? '')).toEqual({
      passwordAlgorithms: false,
      usernameAnonymity: true,
    })
    expect(checkIntegrity(message, 'sha256', LONG_TERM_SHA256)).toBe('valid')
    expect(checkIntegrity(message, 'sha1', LONG_TERM_SHA256)).toBe('absent')
    const seal = { integrity: { ...LONG_TERM_SHA256, algorithms: ['sha256'] } } as const
    expect(rewritten(message, seal)).toEqual(SHA256_REQUEST)
  })

  it('T6 refuses the message as printed: its length counts the header', () => {
    expect(decodeMessage(SHA256_REQUEST_AS_PRINTED)).toEqual({
      type: 'refused',
      reason: 'wrong-length',
    })
  })
})
