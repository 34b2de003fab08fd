// What property tests draw from: any address, any message we can write, and bytes that look enough
// like STUN to get past the header.
import * as fc from 'fast-check'

import type { TransportAddress } from '../address.ts'
import { createTransportAddress } from '../address.ts'
import { crc32 } from '../crc32.ts'
import type { StunAttribute } from './stun-attributes.ts'
import type { StunMessage } from './stun-message.ts'
import { encodeMessage } from './stun-message.ts'

const KNOWN_CODES = [
  0x01, 0x03, 0x06, 0x08, 0x09, 0x0a, 0x0c, 0x0d, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19,
  0x1a, 0x1c, 0x1d, 0x1e, 0x20, 0x22, 0x24, 0x25, 0x26, 0x27, 0x80_00, 0x80_01, 0x80_02, 0x80_03,
  0x80_04, 0x80_22, 0x80_23, 0x80_28, 0x80_29, 0x80_2a, 0x80_2b, 0x80_2c,
]

function bytesOf(length: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: length, maxLength: length })
}

/** 4 or 16 bytes; zeros are frequent, so that `::` gets its share. */
export const anyIp: fc.Arbitrary<Uint8Array> = fc.oneof(
  bytesOf(4),
  bytesOf(16),
  fc
    .array(fc.constantFrom(0, 0, 0, 1, 0xff), { minLength: 16, maxLength: 16 })
    .map((bytes) => Uint8Array.from(bytes)),
)

export const anyPort: fc.Arbitrary<number> = fc.integer({ min: 0, max: 65_535 })

export const anyTransportAddress: fc.Arbitrary<TransportAddress> = fc
  .tuple(anyIp, anyPort)
  .map(([ip, port]) => createTransportAddress(ip, port))

/** Any code point but surrogates. */
export const anyCharacter: fc.Arbitrary<string> = fc
  .oneof(
    fc.integer({ min: 0x20, max: 0x7e }),
    fc.integer({ min: 0, max: 0xd7_ff }),
    fc.integer({ min: 0xe0_00, max: 0x10_ff_ff }),
  )
  .map((point) => String.fromCodePoint(point))

const anyText = fc.string({ unit: anyCharacter, maxLength: 100 })
const anyUint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })

const anyPasswordAlgorithm = fc.record({
  algorithm: fc.nat(0xff_ff),
  parameters: fc.uint8Array({ maxLength: 9 }),
})
const anyErrorCode = { code: fc.integer({ min: 300, max: 699 }), reason: anyText }

/** Those of RFC 8656 and 5780, and the younger ones of RFC 8489. */
const anyStructure: fc.Arbitrary<StunAttribute> = fc.oneof(
  fc.record({
    type: fc.constant('change-request' as const),
    value: fc.record({ changesIp: fc.boolean(), changesPort: fc.boolean() }),
  }),
  fc.record({
    type: fc.constantFrom('channel-number' as const, 'response-port' as const),
    value: fc.nat(0xff_ff),
  }),
  fc.record({ type: fc.constant('lifetime' as const), value: fc.nat(0xff_ff_ff_ff) }),
  fc.record({
    type: fc.constantFrom('data' as const, 'padding' as const),
    value: fc.uint8Array({ maxLength: 50 }),
  }),
  fc.record({
    type: fc.constantFrom(
      'requested-address-family' as const,
      'additional-address-family' as const,
      'requested-transport' as const,
    ),
    value: fc.nat(0xff),
  }),
  fc.record({ type: fc.constant('even-port' as const), value: fc.boolean() }),
  fc.record({ type: fc.constant('dont-fragment' as const), value: fc.constant(true as const) }),
  fc.record({ type: fc.constant('password-algorithm' as const), value: anyPasswordAlgorithm }),
  fc.record({
    type: fc.constant('password-algorithms' as const),
    value: fc.array(anyPasswordAlgorithm, { maxLength: 5 }),
  }),
  fc.record({ type: fc.constant('userhash' as const), value: bytesOf(32) }),
  fc.record({ type: fc.constant('reservation-token' as const), value: bytesOf(8) }),
  fc.record({
    type: fc.constant('address-error-code' as const),
    value: fc.record({ family: fc.nat(0xff), ...anyErrorCode }),
  }),
  fc.record({
    type: fc.constant('icmp' as const),
    value: fc.record({ type: fc.nat(0x7f), code: fc.nat(0x1_ff), data: fc.nat(0xff_ff_ff_ff) }),
  }),
  fc.record({
    type: fc.constant('alternate-domain' as const),
    value: fc.string({ unit: anyCharacter, maxLength: 60 }),
  }),
)

export const anyAttribute: fc.Arbitrary<StunAttribute> = fc.oneof(
  { weight: 4, arbitrary: anyStructure },
  fc.record({
    type: fc.constantFrom(
      'mapped-address' as const,
      'xor-mapped-address' as const,
      'xor-peer-address' as const,
      'xor-relayed-address' as const,
      'alternate-server' as const,
      'response-origin' as const,
      'other-address' as const,
    ),
    value: anyTransportAddress,
  }),
  fc.record({
    type: fc.constantFrom(
      'username' as const,
      'realm' as const,
      'nonce' as const,
      'software' as const,
    ),
    value: anyText,
  }),
  fc.record({
    type: fc.constant('error-code' as const),
    value: fc.record(anyErrorCode),
  }),
  fc.record({
    type: fc.constant('unknown-attributes' as const),
    value: fc.array(fc.integer({ min: 0, max: 0xff_ff }), { maxLength: 64 }),
  }),
  fc.record({ type: fc.constant('priority' as const), value: fc.nat(0xff_ff_ff_ff) }),
  fc.record({ type: fc.constant('use-candidate' as const), value: fc.constant(true as const) }),
  fc.record({
    type: fc.constantFrom('ice-controlled' as const, 'ice-controlling' as const),
    value: anyUint64,
  }),
  fc.record({
    type: fc.constant('unknown' as const),
    code: fc.nat(0xff_ff).filter((code) => !KNOWN_CODES.includes(code)),
    value: fc.uint8Array({ maxLength: 100 }),
  }),
)

export const anyMessage: fc.Arbitrary<StunMessage> = fc.record({
  class: fc.constantFrom(
    'request' as const,
    'indication' as const,
    'success' as const,
    'error' as const,
  ),
  method: fc.nat(0xf_ff),
  transactionId: bytesOf(12),
  attributes: fc.array(anyAttribute, { maxLength: 12 }),
})

/** A right header, then attributes with types we know and values that are anything. */
const framedBytes = fc
  .tuple(
    fc.nat(0x3f_ff),
    fc.array(
      fc.tuple(
        fc.oneof(fc.constantFrom(...KNOWN_CODES), fc.nat(0xff_ff)),
        fc.oneof(
          fc.uint8Array({ maxLength: 40 }),
          fc.constantFrom(4, 8, 16, 20, 32).chain((length) => bytesOf(length)),
        ),
      ),
      { maxLength: 70 },
    ),
    fc.boolean(),
  )
  .map(([type, attributes, fingerprinted]) => frame(type, attributes, fingerprinted))

/** A message of ours with a few bytes changed. */
const damagedBytes = fc
  .tuple(anyMessage, fc.boolean(), fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { maxLength: 4 }))
  .map(([message, fingerprint, changes]) => {
    const bytes = encodeMessage(message, { fingerprint })
    for (const [at, byte] of changes) bytes[at % bytes.length] = byte
    return bytes
  })

export const hostileBytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  framedBytes,
  damagedBytes,
)

/** Frames raw attributes under a right header, bypassing the checks of `encodeMessage`. */
export function frame(
  type: number,
  attributes: readonly (readonly [code: number, value: Uint8Array])[],
  fingerprinted = false,
): Uint8Array {
  const body = attributes.flatMap(([code, value]) => [
    code >> 8,
    code & 0xff,
    value.length >> 8,
    value.length & 0xff,
    ...value,
    ...Array.from({ length: -value.length & 3 }, () => 0),
  ])
  const length = body.length + (fingerprinted ? 8 : 0)
  const header = [type >> 8, type & 0xff, length >> 8, length & 0xff, 0x21, 0x12, 0xa4, 0x42]
  const bytes = [...header, ...Array.from({ length: 12 }, (_, index) => index + 1), ...body]
  if (!fingerprinted) return Uint8Array.from(bytes)
  const print = (crc32(Uint8Array.from(bytes)) ^ 0x53_54_55_4e) >>> 0
  const value = [print >>> 24, (print >>> 16) & 0xff, (print >>> 8) & 0xff, print & 0xff]
  return Uint8Array.from([...bytes, 0x80, 0x28, 0, 4, ...value])
}
