import { describe, expect, it } from 'vitest'

import { frame } from './stun-arbitraries.testing.ts'
import type { IntegrityAlgorithm } from './stun-integrity.ts'
import { checkIntegrity } from './stun-integrity.ts'
import type { ReceivedStunMessage, StunMessage } from './stun-message.ts'
import { decodeMessage, encodeMessage } from './stun-message.ts'
import {
  LONG_TERM_KEY_SHA256,
  NODE_HMAC,
  SAMPLE_REQUEST,
  SHA256_REQUEST,
  SHORT_TERM_KEY,
  fromHex,
  fromText,
} from './stun-vectors.testing.ts'

const ALICE = { key: fromText('alice'), hmac: NODE_HMAC }
const BOB = { key: fromText('bob'), hmac: NODE_HMAC }
const BOTH: readonly IntegrityAlgorithm[] = ['sha256', 'sha1']

const MESSAGE: StunMessage = {
  class: 'request',
  method: 1,
  transactionId: new Uint8Array(12),
  attributes: [{ type: 'username', value: 'alice' }],
}

function read(bytes: Uint8Array): ReceivedStunMessage {
  const result = decodeMessage(bytes)
  if (result.type === 'refused') throw new Error(`refused: ${result.reason}`)
  return result.message
}

/** The message with raw attributes put behind it and the length corrected. */
function extended(bytes: Uint8Array, attributes: Parameters<typeof frame>[1]): Uint8Array {
  const longer = Uint8Array.from([...bytes, ...frame(0, attributes).subarray(20)])
  new DataView(longer.buffer).setUint16(2, longer.length - 20)
  return longer
}

describe('integrity', () => {
  it.each(['sha1', 'sha256'] as const)(
    'T11 %s holds with the key it was made with',
    (algorithm) => {
      const bytes = encodeMessage(MESSAGE, {
        integrity: { ...ALICE, algorithms: BOTH },
        fingerprint: true,
      })
      expect(checkIntegrity(read(bytes), algorithm, ALICE)).toBe('valid')
      expect(checkIntegrity(read(bytes), algorithm, BOB)).toBe('invalid')
      expect(checkIntegrity(read(encodeMessage(MESSAGE)), algorithm, ALICE)).toBe('absent')
    },
  )

  it('T11 covers every bit before it', () => {
    const { integrity } = read(SHA256_REQUEST)
    const end = integrity[0]?.offset ?? 0
    const key = { key: LONG_TERM_KEY_SHA256, hmac: NODE_HMAC }
    for (let at = 0; at < end; at++) {
      // The length is not taken from the header but from where the attribute stands.
      if (at === 2 || at === 3) continue
      const bytes = Uint8Array.from(SHA256_REQUEST)
      bytes[at] = (bytes[at] ?? 0) ^ 0x01
      expect([at, checkIntegrity({ bytes, integrity }, 'sha256', key)]).toEqual([at, 'invalid'])
    }
    expect(checkIntegrity({ bytes: SHA256_REQUEST, integrity }, 'sha256', key)).toBe('valid')
  })

  it('T11 a truncated value never holds', () => {
    const whole = encodeMessage(MESSAGE, { integrity: { ...ALICE, algorithms: ['sha256'] } })
    const cut = whole.slice(0, -16)
    const view = new DataView(cut.buffer)
    view.setUint16(2, cut.length - 20)
    view.setUint16(cut.length - 18, 16)
    expect(read(cut).integrity).toHaveLength(1)
    expect(checkIntegrity(read(cut), 'sha256', ALICE)).toBe('invalid')
  })

  it('T11 reads a message inside a larger buffer, and leaves the buffer alone', () => {
    const pool = Buffer.alloc(1024, 0xee)
    pool.set(SAMPLE_REQUEST, 100)
    const before = Buffer.from(pool)
    const message = read(pool.subarray(100, 100 + SAMPLE_REQUEST.length))
    const key = { key: SHORT_TERM_KEY, hmac: NODE_HMAC }
    expect(checkIntegrity(message, 'sha1', key)).toBe('valid')
    expect(checkIntegrity({ ...message, bytes: Buffer.from(message.bytes) }, 'sha1', key)).toBe(
      'valid',
    )
    expect(pool.equals(before)).toBe(true)
  })

  it('T14 throws when the HMAC it was lent is not one', () => {
    const hmac = { ...NODE_HMAC, sha1: () => new Uint8Array(19) }
    expect(() =>
      encodeMessage(MESSAGE, { integrity: { key: ALICE.key, hmac, algorithms: ['sha1'] } }),
    ).toThrow('sha1 HMAC')
  })
})

describe('what follows integrity', () => {
  const intruder = [0x00_14, fromText('evil')] as const
  const malformed = [0x00_24, fromHex('00')] as const

  it('T10 is ignored, even when malformed or unknown', () => {
    const sealed = encodeMessage(MESSAGE, { integrity: { ...ALICE, algorithms: ['sha1'] } })
    const message = read(extended(sealed, [intruder, malformed, [0x7f_ff, new Uint8Array()]]))
    expect(message.attributes).toEqual(MESSAGE.attributes)
    expect(checkIntegrity(message, 'sha1', ALICE)).toBe('valid')
  })

  it('T10 may be MESSAGE-INTEGRITY-SHA256 and FINGERPRINT', () => {
    const integrity = { ...ALICE, algorithms: BOTH }
    const message = read(encodeMessage(MESSAGE, { integrity, fingerprint: true }))
    expect(message.integrity.map(({ algorithm }) => algorithm)).toEqual(['sha1', 'sha256'])
    expect(message.hasFingerprint).toBe(true)
  })

  it('T10 is ignored when it is a second integrity of a kind, or SHA-1 after SHA-256', () => {
    const sealed = encodeMessage(MESSAGE, { integrity: { ...ALICE, algorithms: ['sha256'] } })
    const late = [
      [0x00_08, new Uint8Array(20)],
      [0x00_1c, new Uint8Array(32)],
    ] as const
    const message = read(extended(sealed, late))
    expect(message.integrity.map(({ algorithm }) => algorithm)).toEqual(['sha256'])
    expect(checkIntegrity(message, 'sha256', ALICE)).toBe('valid')
  })
})
