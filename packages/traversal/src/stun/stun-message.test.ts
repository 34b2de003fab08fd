import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { formatTransportAddress } from '../address.ts'
import { crc32 } from '../crc32.ts'
import { anyMessage, frame, hostileBytes } from './stun-arbitraries.testing.ts'
import type { StunAttribute } from './stun-attributes.ts'
import { isComprehensionRequired } from './stun-attributes.ts'
import type { ReceivedStunMessage, StunDecodeResult, StunMessage } from './stun-message.ts'
import {
  MAX_ATTRIBUTES,
  MAX_MESSAGE_BYTES,
  STUN_METHODS,
  attributeValue,
  decodeMessage,
  encodeMessage,
} from './stun-message.ts'
import { NODE_HMAC, SAMPLE_REQUEST, fromHex, fromText } from './stun-vectors.testing.ts'

const REQUEST = 0x00_01
const HOSTILE_RUNS = process.env['KNOTHOLE_LONG'] === '1' ? 100_000 : 1500

function read(bytes: Uint8Array): ReceivedStunMessage {
  const result = decodeMessage(bytes)
  if (result.type === 'refused') throw new Error(`refused: ${result.reason}`)
  return result.message
}

function refused(reason: string): StunDecodeResult {
  return { type: 'refused', reason } as StunDecodeResult
}

function request(attributes: readonly StunAttribute[] = []): StunMessage {
  const transactionId = Uint8Array.from({ length: 12 }, (_, index) => index + 1)
  return { class: 'request', method: STUN_METHODS.binding, transactionId, attributes }
}

describe('round trip', () => {
  it('T5 reads back any message it writes, sealed in any way', () => {
    const seals = fc.record({
      fingerprint: fc.boolean(),
      integrity: fc.record({
        algorithms: fc.subarray(['sha1', 'sha256'] as const),
        key: fc.uint8Array({ maxLength: 40 }),
        hmac: fc.constant(NODE_HMAC),
      }),
    })
    fc.assert(
      fc.property(anyMessage, seals, (message, seal) => {
        const bytes = encodeMessage(message, seal)
        const { class: stunClass, method, transactionId, attributes, ...rest } = read(bytes)
        expect({ class: stunClass, method, transactionId, attributes }).toEqual(message)
        expect(rest.hasFingerprint).toBe(seal.fingerprint)
        expect(rest.integrity.map(({ algorithm }) => algorithm)).toEqual(seal.integrity.algorithms)
      }),
    )
  })

  it.each([
    ['request', 0x00_01],
    ['indication', 0x00_11],
    ['success', 0x01_01],
    ['error', 0x01_11],
  ] as const)('T5 writes a Binding %s as RFC 8489 section 5 has it', (stunClass, type) => {
    const bytes = encodeMessage({ ...request(), class: stunClass })
    expect(new DataView(bytes.buffer).getUint16(0)).toBe(type)
  })

  it('T5 pads with zeros and reads any padding', () => {
    const bytes = encodeMessage(request([{ type: 'software', value: 'a' }]))
    expect(bytes.subarray(20)).toEqual(fromHex('80220001 61000000'))
    bytes.fill(0x20, 25)
    expect(read(bytes).attributes).toEqual([{ type: 'software', value: 'a' }])
  })

  it('T5 gives the first of repeated attributes', () => {
    const message = read(
      encodeMessage(
        request([
          { type: 'realm', value: 'first' },
          { type: 'realm', value: 'second' },
        ]),
      ),
    )
    expect(attributeValue(message, 'realm')).toBe('first')
    expect(attributeValue(message, 'nonce')).toBeUndefined()
    expect(message.attributes).toHaveLength(2)
  })
})

describe('hostile bytes', () => {
  it('T4 never throws and never grows past the limit', () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(hostileBytes, (bytes) => {
        const result = decodeMessage(bytes)
        seen.add(result.type === 'refused' ? result.reason : 'message')
        if (result.type === 'refused') return
        const { message } = result
        expect(message.attributes.length).toBeLessThanOrEqual(MAX_ATTRIBUTES)
        expect(message.bytes.buffer).toBe(bytes.buffer)
        const texts = message.attributes.map(({ value }) =>
          typeof value === 'string' ? value : '',
        )
        expect(texts.join('').length).toBeLessThanOrEqual(bytes.length)
        expect(read(encodeMessage(message)).attributes).toEqual(message.attributes)
      }),
      { numRuns: HOSTILE_RUNS },
    )
    // The draw must reach the depths, or the property says little.
    expect([...seen]).toEqual(
      expect.arrayContaining([
        'message',
        'too-short',
        'not-stun',
        'malformed-attribute',
        'wrong-fingerprint',
      ]),
    )
  })

  it('T4 refuses every prefix and every single changed bit of a sealed message', () => {
    for (let length = 0; length < SAMPLE_REQUEST.length; length++) {
      expect(decodeMessage(SAMPLE_REQUEST.subarray(0, length)).type).toBe('refused')
    }
    for (let bit = 0; bit < 8 * SAMPLE_REQUEST.length; bit++) {
      const bytes = Uint8Array.from(SAMPLE_REQUEST)
      const at = Math.floor(bit / 8)
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit % 8))
      // The type of FINGERPRINT itself: without one, nothing is left to check.
      const isFingerprintType = at === 100 || at === 101
      expect([bit, decodeMessage(bytes).type]).toEqual([
        bit,
        isFingerprintType ? 'message' : 'refused',
      ])
    }
  })

  it.each([
    ['too-short', fromHex('00010000 2112a442 0102030405060708090a0b')],
    ['not-stun', frame(0x40_01, [])],
    ['not-stun', fromHex('00010000 2112a443 0102030405060708090a0b0c')],
    ['wrong-length', fromHex('00010004 2112a442 0102030405060708090a0b0c')],
    ['wrong-length', fromHex('00010000 2112a442 0102030405060708090a0b0c 80220000')],
    ['wrong-length', fromHex('00010002 2112a442 0102030405060708090a0b0c 8022')],
  ])('T6 %s', (reason, bytes) => {
    expect(decodeMessage(bytes)).toEqual(refused(reason))
  })

  it('T7 refuses a datagram longer than any there is', () => {
    const bytes = new Uint8Array(MAX_MESSAGE_BYTES + 1)
    bytes.set(frame(REQUEST, []))
    expect(decodeMessage(bytes)).toEqual(refused('too-long'))
  })

  it('T7 reads as many attributes as it may and refuses one more', () => {
    const filler = Array.from(
      { length: MAX_ATTRIBUTES },
      () => [0x80_ff, new Uint8Array()] as const,
    )
    expect(read(frame(REQUEST, filler)).attributes).toHaveLength(MAX_ATTRIBUTES)
    const more = [...filler, [0x80_ff, new Uint8Array()] as const]
    expect(decodeMessage(frame(REQUEST, more))).toEqual(refused('too-many-attributes'))
  })

  it('T7 refuses an attribute that runs past the end', () => {
    const bytes = frame(REQUEST, [[0x80_22, fromText('abcd')]])
    bytes[23] = 5
    expect(decodeMessage(bytes)).toEqual(refused('truncated-attribute'))
  })

  it.each([
    ['USERNAME', 0x00_06, 508],
    ['REALM', 0x00_14, 763],
    ['NONCE', 0x00_15, 763],
    ['SOFTWARE', 0x80_22, 763],
  ])('T7 reads %s up to its limit', (_name, code, limit) => {
    const longest = new Uint8Array(limit).fill(0x61)
    expect(read(frame(REQUEST, [[code, longest]])).attributes).toHaveLength(1)
    const longer = new Uint8Array(limit + 1).fill(0x61)
    expect(decodeMessage(frame(REQUEST, [[code, longer]]))).toEqual(refused('malformed-attribute'))
  })
})

describe('attribute values', () => {
  it.each([
    ['MAPPED-ADDRESS too short', 0x00_01, '00010050c00002'],
    ['MAPPED-ADDRESS too long', 0x00_01, '00010050c000020100'],
    ['MAPPED-ADDRESS of an unknown family', 0x00_01, '00030050c0000201'],
    ['MAPPED-ADDRESS IPv6 with four bytes', 0x00_01, '00020050c0000201'],
    ['XOR-MAPPED-ADDRESS empty', 0x00_20, ''],
    ['USERNAME that is not UTF-8', 0x00_06, 'ff'],
    ['ERROR-CODE too short', 0x00_09, '000004'],
    ['ERROR-CODE 200', 0x00_09, '00000200'],
    ['ERROR-CODE 700', 0x00_09, '00000700'],
    ['ERROR-CODE with number 100', 0x00_09, '00000464'],
    ['ERROR-CODE with a reason that is not UTF-8', 0x00_09, '00000401ff'],
    ['UNKNOWN-ATTRIBUTES of odd length', 0x00_0a, '000102'],
    ['PRIORITY of three bytes', 0x00_24, '000001'],
    ['USE-CANDIDATE with a value', 0x00_25, '00'],
    ['ICE-CONTROLLED of four bytes', 0x80_29, '00000001'],
    ['MESSAGE-INTEGRITY of 16 bytes', 0x00_08, '00'.repeat(16)],
    ['MESSAGE-INTEGRITY-SHA256 of 12 bytes', 0x00_1c, '00'.repeat(12)],
    ['MESSAGE-INTEGRITY-SHA256 of 18 bytes', 0x00_1c, '00'.repeat(18)],
    ['MESSAGE-INTEGRITY-SHA256 of 36 bytes', 0x00_1c, '00'.repeat(36)],
    ['FINGERPRINT of three bytes', 0x80_28, '000000'],
  ])('T8 refuses %s', (_what, code, hex) => {
    expect(decodeMessage(frame(REQUEST, [[code, fromHex(hex)]]))).toEqual(
      refused('malformed-attribute'),
    )
  })

  it('T8 keeps an attribute it does not know', () => {
    const value = fromHex('00000006')
    expect(read(frame(REQUEST, [[0x00_30, value]])).attributes).toEqual([
      { type: 'unknown', code: 0x00_30, value },
    ])
    expect(isComprehensionRequired(0x7f_ff)).toBe(true)
    expect(isComprehensionRequired(0x80_00)).toBe(false)
  })

  it('T8 ignores reserved bits', () => {
    const error = read(frame(0x01_11, [[0x00_09, fromHex('fffffc14')]]))
    expect(attributeValue(error, 'error-code')).toEqual({ code: 420, reason: '' })
    const mapped = read(frame(0x01_01, [[0x00_01, fromHex('ff010050c0000201')]]))
    expect(attributeValue(mapped, 'mapped-address')?.address).toBe('192.0.2.1')
  })

  it('T3 reads an IPv4-mapped address as the IPv4 one', () => {
    const mapped = `00020050${'00'.repeat(10)}ffffc0000201`
    const address = attributeValue(
      read(frame(0x01_01, [[0x00_01, fromHex(mapped)]])),
      'mapped-address',
    )
    expect(address && formatTransportAddress(address)).toBe('192.0.2.1:80')
  })
})

describe('FINGERPRINT', () => {
  it('T9 refuses a wrong one', () => {
    const bytes = encodeMessage(request(), { fingerprint: true })
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
    expect(decodeMessage(bytes)).toEqual(refused('wrong-fingerprint'))
  })

  it('T9 refuses what follows it, even a FINGERPRINT right for the whole length', () => {
    const header = frame(REQUEST, [[0x80_ff, new Uint8Array(12)]]).subarray(0, 20)
    const print = new Uint8Array(4)
    new DataView(print.buffer).setUint32(0, (crc32(header) ^ 0x53_54_55_4e) >>> 0)
    const bytes = frame(REQUEST, [
      [0x80_28, print],
      [0x80_ff, new Uint8Array(4)],
    ])
    expect(decodeMessage(bytes)).toEqual(refused('fingerprint-not-last'))
  })
})

describe('encodeMessage', () => {
  it.each<[string, () => unknown]>([
    [
      'a short transaction id',
      () => encodeMessage({ ...request(), transactionId: new Uint8Array(11) }),
    ],
    ['a method of 13 bits', () => encodeMessage({ ...request(), method: 0x10_00 })],
    ['a long text', () => encodeMessage(request([{ type: 'realm', value: 'x'.repeat(510) }]))],
    [
      'a long username',
      () => encodeMessage(request([{ type: 'username', value: 'x'.repeat(509) }])),
    ],
    [
      'an error code 200',
      () => encodeMessage(request([{ type: 'error-code', value: { code: 200, reason: '' } }])),
    ],
    ['a priority of 33 bits', () => encodeMessage(request([{ type: 'priority', value: 2 ** 32 }]))],
    [
      'a negative tie-breaker',
      () => encodeMessage(request([{ type: 'ice-controlled', value: -1n }])),
    ],
    [
      'a list too long',
      () =>
        encodeMessage(
          request([{ type: 'unknown-attributes', value: Array.from({ length: 65 }, () => 1) }]),
        ),
    ],
    [
      'a FINGERPRINT of its own',
      () => encodeMessage(request([{ type: 'unknown', code: 0x80_28, value: new Uint8Array(4) }])),
    ],
    [
      '65 attributes',
      () =>
        encodeMessage(
          request(Array.from({ length: 65 }, () => ({ type: 'use-candidate', value: true }))),
        ),
    ],
    [
      '64 attributes and a FINGERPRINT',
      () =>
        encodeMessage(
          request(Array.from({ length: 64 }, () => ({ type: 'use-candidate', value: true }))),
          { fingerprint: true },
        ),
    ],
    [
      'a message longer than a datagram',
      () =>
        encodeMessage(request([{ type: 'unknown', code: 0x80_ff, value: new Uint8Array(65_500) }])),
    ],
  ])('T14 throws for %s', (_what, write) => {
    expect(write).toThrow('@knothole/traversal')
  })
})
