import { describe, expect, it } from 'vitest'

import { frame } from './stun-arbitraries.testing.ts'
import type { KnownStunAttribute, StunAttribute } from './stun-attributes.ts'
import {
  ADDRESS_FAMILY_CODES,
  TRANSPORT_PROTOCOLS,
  attributeCode,
  decodeAttribute,
  encodeAttribute,
} from './stun-attributes.ts'
import { attributeValues, decodeMessage, encodeMessage, unknownRequired } from './stun-message.ts'
import { fromHex } from './stun-vectors.testing.ts'

const TRANSACTION_ID = fromHex('b7e7a701bc34d686fa87dfae')
const ALICE = { family: 'IPv4', address: '192.0.2.1', port: 32_853 } as const
const BOB = {
  family: 'IPv6',
  address: '2001:db8:1234:5678:11:2233:4455:6677',
  port: 32_853,
} as const
const NONE = new Uint8Array()

// The bytes as the RFCs draw them; the XORed addresses are those of RFC 5769.
const WIRE: [KnownStunAttribute, number, string][] = [
  [{ type: 'change-request', value: { changesIp: true, changesPort: false } }, 0x00_03, '00000004'],
  [{ type: 'change-request', value: { changesIp: false, changesPort: true } }, 0x00_03, '00000002'],
  [{ type: 'channel-number', value: 0x40_01 }, 0x00_0c, '40010000'],
  [{ type: 'lifetime', value: 600 }, 0x00_0d, '00000258'],
  [{ type: 'xor-peer-address', value: ALICE }, 0x00_12, '0001a147e112a643'],
  [{ type: 'xor-peer-address', value: BOB }, 0x00_12, '0002a1470113a9faa5d3f179bc25f4b5bed2b9d9'],
  [{ type: 'data', value: fromHex('0102030405') }, 0x00_13, '0102030405'],
  [{ type: 'data', value: NONE }, 0x00_13, ''],
  [{ type: 'xor-relayed-address', value: ALICE }, 0x00_16, '0001a147e112a643'],
  [{ type: 'requested-address-family', value: ADDRESS_FAMILY_CODES.IPv6 }, 0x00_17, '02000000'],
  [{ type: 'even-port', value: true }, 0x00_18, '80'],
  [{ type: 'even-port', value: false }, 0x00_18, '00'],
  [{ type: 'requested-transport', value: TRANSPORT_PROTOCOLS.udp }, 0x00_19, '11000000'],
  [{ type: 'dont-fragment', value: true }, 0x00_1a, ''],
  [{ type: 'password-algorithm', value: { algorithm: 2, parameters: NONE } }, 0x00_1d, '00020000'],
  [{ type: 'userhash', value: new Uint8Array(32) }, 0x00_1e, '00'.repeat(32)],
  [{ type: 'reservation-token', value: fromHex('0102030405060708') }, 0x00_22, '0102030405060708'],
  [{ type: 'padding', value: fromHex('000000') }, 0x00_26, '000000'],
  [{ type: 'response-port', value: 0x80_55 }, 0x00_27, '80550000'],
  [{ type: 'additional-address-family', value: ADDRESS_FAMILY_CODES.IPv4 }, 0x80_00, '01000000'],
  [
    { type: 'address-error-code', value: { family: 2, code: 440, reason: 'no' } },
    0x80_01,
    '020004286e6f',
  ],
  [
    {
      type: 'password-algorithms',
      value: [
        { algorithm: 2, parameters: NONE },
        { algorithm: 9, parameters: fromHex('aa') },
        { algorithm: 1, parameters: NONE },
      ],
    },
    0x80_02,
    '00020000 00090001aa000000 00010000',
  ],
  [{ type: 'alternate-domain', value: 'example.org' }, 0x80_03, '6578616d706c652e6f7267'],
  [{ type: 'icmp', value: { type: 3, code: 4, data: 1400 } }, 0x80_04, '0000060400000578'],
  [{ type: 'alternate-server', value: ALICE }, 0x80_23, '00018055c0000201'],
  [{ type: 'response-origin', value: ALICE }, 0x80_2b, '00018055c0000201'],
  [{ type: 'other-address', value: ALICE }, 0x80_2c, '00018055c0000201'],
]

const MALFORMED: [string, number, string][] = [
  ['CHANGE-REQUEST of three bytes', 0x00_03, '000004'],
  ['CHANNEL-NUMBER of two bytes', 0x00_0c, '4001'],
  ['LIFETIME of two bytes', 0x00_0d, '0258'],
  ['XOR-PEER-ADDRESS of an unknown family', 0x00_12, '0003a147e112a643'],
  ['XOR-PEER-ADDRESS longer than an address', 0x00_12, `0002${'00'.repeat(20)}`],
  ['REQUESTED-ADDRESS-FAMILY of one byte', 0x00_17, '01'],
  ['EVEN-PORT of four bytes', 0x00_18, '80000000'],
  ['REQUESTED-TRANSPORT of one byte', 0x00_19, '11'],
  ['DONT-FRAGMENT with a value', 0x00_1a, '00'],
  ['PASSWORD-ALGORITHM cut off', 0x00_1d, '0002'],
  ['PASSWORD-ALGORITHM that is empty', 0x00_1d, ''],
  ['PASSWORD-ALGORITHM that is two', 0x00_1d, '0001000000020000'],
  ['PASSWORD-ALGORITHM with parameters past its end', 0x00_1d, '00020001'],
  ['USERHASH of 20 bytes', 0x00_1e, '00'.repeat(20)],
  ['RESERVATION-TOKEN of four bytes', 0x00_22, '00000000'],
  ['RESPONSE-PORT of one byte', 0x00_27, '80'],
  ['RESPONSE-PORT of three bytes', 0x00_27, '800000'],
  ['ADDITIONAL-ADDRESS-FAMILY of two bytes', 0x80_00, '0100'],
  ['ADDRESS-ERROR-CODE of code 200', 0x80_01, '01000200'],
  ['PASSWORD-ALGORITHMS, seventeen', 0x80_02, '00010000'.repeat(17)],
  ['ALTERNATE-DOMAIN of 256 bytes', 0x80_03, '61'.repeat(256)],
  ['ICMP of four bytes', 0x80_04, '00000604'],
  ['RESPONSE-ORIGIN of an unknown family', 0x80_2b, '00038055c0000201'],
]

describe('attributes of TURN, behaviour discovery and credentials', () => {
  it.each(WIRE)('T22 %o is written and read as its RFC draws it', (attribute, code, hex) => {
    const raw = encodeAttribute(attribute, TRANSACTION_ID)
    expect([raw.code, raw.value]).toEqual([code, fromHex(hex)])
    expect(attributeCode(attribute.type)).toBe(code)
    expect(decodeAttribute({ code, value: fromHex(hex) }, TRANSACTION_ID)).toEqual(attribute)
  })

  it.each(MALFORMED)('T8 refuses %s', (_what, code, hex) => {
    expect(decodeMessage(frame(0x00_01, [[code, fromHex(hex)]]))).toEqual({
      type: 'refused',
      reason: 'malformed-attribute',
    })
  })

  it.each([
    [0x00_0c, '4001ffff', 0x40_01],
    [0x00_17, '01ffffff', 1],
    [0x00_18, 'ff', true],
    [0x00_27, '1234', 0x12_34],
    [0x80_04, 'ffff060400000578', { type: 3, code: 4, data: 1400 }],
  ])('T22 reserved bits and padding of %i are not read', (code, hex, value) => {
    expect(decodeAttribute({ code, value: fromHex(hex) }, TRANSACTION_ID)).toMatchObject({ value })
  })

  it.each<StunAttribute>([
    { type: 'channel-number', value: 0x1_00_00 },
    { type: 'requested-transport', value: 256 },
    { type: 'userhash', value: new Uint8Array(31) },
    { type: 'reservation-token', value: new Uint8Array(9) },
    { type: 'icmp', value: { type: 128, code: 0, data: 0 } },
    { type: 'icmp', value: { type: 3, code: 512, data: 0 } },
    { type: 'icmp', value: { type: 3, code: 4, data: -1 } },
    { type: 'address-error-code', value: { family: 256, code: 440, reason: '' } },
    { type: 'password-algorithm', value: { algorithm: -1, parameters: NONE } },
    {
      type: 'password-algorithms',
      value: Array.from({ length: 17 }, () => ({ algorithm: 1, parameters: NONE })),
    },
  ])('T14 throws for %o', (attribute) => {
    expect(() => encodeAttribute(attribute, TRANSACTION_ID)).toThrow('@knothole/traversal')
  })
})

describe('helpers', () => {
  const message = {
    class: 'request',
    method: 8,
    transactionId: TRANSACTION_ID,
    attributes: [
      { type: 'xor-peer-address', value: ALICE },
      { type: 'unknown', code: 0x7f_01, value: NONE },
      { type: 'xor-peer-address', value: BOB },
      { type: 'unknown', code: 0x80_ff, value: NONE },
      { type: 'unknown', code: 0x7f_01, value: NONE },
      { type: 'padding', value: NONE },
    ],
  } as const

  it('T22 gives every value of an attribute that may repeat', () => {
    expect(attributeValues(message, 'xor-peer-address')).toEqual([ALICE, BOB])
    expect(attributeValues(message, 'data')).toEqual([])
  })

  it('T17 names the required types that are not understood, each once', () => {
    expect(unknownRequired(message)).toEqual([0x7f_01])
    expect(unknownRequired(message, ['padding'])).toEqual([0x7f_01, 0x00_26])
    expect(encodeMessage(message).length).toBeGreaterThan(20)
  })
})
