// The table of STUN attributes we understand: all of RFC 8489 section 18.3, RFC 8656 section 18 and
// RFC 5780 section 7 (CACHE-TIMEOUT has a number there and no meaning), ICE's of RFC 8445. To teach the codec another one, name its value in `StunAttributeValues` and add its line to
// `CODECS`. The integrity attributes and FINGERPRINT are not here: they cover the bytes before them,
// so stun-message.ts writes and checks them.
import type { TransportAddress } from '../address.ts'
import { invariant } from '../invariant.ts'
import type {
  StunAddressError,
  StunChangeRequest,
  StunIcmp,
  StunPasswordAlgorithm,
} from './stun-attribute-structures.ts'
import {
  addressErrorCodec,
  bytesCodec,
  changeRequestCodec,
  evenPortCodec,
  icmpCodec,
  passwordAlgorithmCodec,
  passwordAlgorithmsCodec,
  responsePortCodec,
  uint16Codec,
  uint8Codec,
} from './stun-attribute-structures.ts'
import type { AttributeCodec, StunErrorCode } from './stun-attribute-values.ts'
import {
  MAX_USERNAME_BYTES,
  addressCodec,
  codeListCodec,
  errorCodec,
  flagCodec,
  textCodec,
  uint32Codec,
  uint64Codec,
  xorAddressCodec,
} from './stun-attribute-values.ts'
import { INTEGRITY_CODES } from './stun-integrity.ts'

/** The attributes we understand, with the type of their values. Byte values are views: copy to keep. */
export interface StunAttributeValues {
  'mapped-address': TransportAddress
  'change-request': StunChangeRequest
  username: string
  'error-code': StunErrorCode
  'unknown-attributes': readonly number[]
  /** Any number here; the server says which it serves. */
  'channel-number': number
  /** Seconds. */
  lifetime: number
  'xor-peer-address': TransportAddress
  data: Uint8Array
  realm: string
  nonce: string
  'xor-relayed-address': TransportAddress
  /** A code, see `ADDRESS_FAMILY_CODES`: one that does not exist wants an answer of its own. */
  'requested-address-family': number
  /** Whether the port after it is to be reserved. */
  'even-port': boolean
  /** An IP protocol number, see `TRANSPORT_PROTOCOLS`. */
  'requested-transport': number
  'dont-fragment': true
  'password-algorithm': StunPasswordAlgorithm
  /** 32 bytes. */
  userhash: Uint8Array
  'xor-mapped-address': TransportAddress
  /** 8 bytes. */
  'reservation-token': Uint8Array
  priority: number
  'use-candidate': true
  padding: Uint8Array
  'response-port': number
  'additional-address-family': number
  'address-error-code': StunAddressError
  'password-algorithms': readonly StunPasswordAlgorithm[]
  'alternate-domain': string
  icmp: StunIcmp
  software: string
  'alternate-server': TransportAddress
  'ice-controlled': bigint
  'ice-controlling': bigint
  'response-origin': TransportAddress
  'other-address': TransportAddress
}

export type StunAttributeType = keyof StunAttributeValues

type KnownAttributes = {
  readonly [Type in StunAttributeType]: {
    readonly type: Type
    readonly value: StunAttributeValues[Type]
  }
}

export type KnownStunAttribute = KnownAttributes[StunAttributeType]

/** An attribute we do not understand, as it came; `value` is without padding. */
export interface UnknownStunAttribute {
  readonly type: 'unknown'
  readonly code: number
  readonly value: Uint8Array
}

export type StunAttribute = KnownStunAttribute | UnknownStunAttribute

/** An attribute ready for the wire: its 16-bit type and its value without padding. */
export interface RawAttribute {
  readonly code: number
  readonly value: Uint8Array
}

export const FINGERPRINT_CODE = 0x80_28
/** The family numbers in addresses and in REQUESTED-ADDRESS-FAMILY (RFC 8489 section 14.1). */
export const ADDRESS_FAMILY_CODES = { IPv4: 0x01, IPv6: 0x02 } as const
/** The IP protocol numbers that REQUESTED-TRANSPORT may hold; RFC 8656 relays UDP alone. */
export const TRANSPORT_PROTOCOLS = { tcp: 6, udp: 17 } as const
/** A domain name has at most 255 bytes (RFC 8489 section 14.16). */
const MAX_DOMAIN_BYTES = 255
/** What an attribute's 16-bit length can say. */
const MAX_VALUE_BYTES = 65_535

/** From here on an attribute may be ignored by who does not know it (RFC 8489 section 14). */
const FIRST_COMPREHENSION_OPTIONAL = 0x80_00

const CODECS: { readonly [Type in StunAttributeType]: AttributeCodec<StunAttributeValues[Type]> } =
  {
    'mapped-address': addressCodec(0x00_01),
    'change-request': changeRequestCodec(0x00_03),
    username: textCodec(0x00_06, MAX_USERNAME_BYTES, MAX_USERNAME_BYTES),
    'error-code': errorCodec(0x00_09),
    'unknown-attributes': codeListCodec(0x00_0a),
    'channel-number': uint16Codec(0x00_0c),
    lifetime: uint32Codec(0x00_0d),
    'xor-peer-address': xorAddressCodec(0x00_12),
    data: bytesCodec(0x00_13, 0, MAX_VALUE_BYTES),
    realm: textCodec(0x00_14),
    nonce: textCodec(0x00_15),
    'xor-relayed-address': xorAddressCodec(0x00_16),
    'requested-address-family': uint8Codec(0x00_17),
    'even-port': evenPortCodec(0x00_18),
    'requested-transport': uint8Codec(0x00_19),
    'dont-fragment': flagCodec(0x00_1a),
    'password-algorithm': passwordAlgorithmCodec(0x00_1d),
    userhash: bytesCodec(0x00_1e, 32),
    'xor-mapped-address': xorAddressCodec(0x00_20),
    'reservation-token': bytesCodec(0x00_22, 8),
    priority: uint32Codec(0x00_24),
    'use-candidate': flagCodec(0x00_25),
    padding: bytesCodec(0x00_26, 0, MAX_VALUE_BYTES),
    'response-port': responsePortCodec(0x00_27),
    'additional-address-family': uint8Codec(0x80_00),
    'address-error-code': addressErrorCodec(0x80_01),
    'password-algorithms': passwordAlgorithmsCodec(0x80_02),
    'alternate-domain': textCodec(0x80_03, MAX_DOMAIN_BYTES, MAX_DOMAIN_BYTES),
    icmp: icmpCodec(0x80_04),
    software: textCodec(0x80_22),
    'alternate-server': addressCodec(0x80_23),
    'ice-controlled': uint64Codec(0x80_29),
    'ice-controlling': uint64Codec(0x80_2a),
    'response-origin': addressCodec(0x80_2b),
    'other-address': addressCodec(0x80_2c),
  }

const TYPES_BY_CODE: ReadonlyMap<number, StunAttributeType> = new Map(
  (Object.keys(CODECS) as StunAttributeType[]).map((type) => [CODECS[type].code, type]),
)

const SEALS: ReadonlySet<number> = new Set([
  INTEGRITY_CODES.sha1,
  INTEGRITY_CODES.sha256,
  FINGERPRINT_CODE,
])

/** The number of an attribute, as UNKNOWN-ATTRIBUTES lists it. */
export function attributeCode(type: StunAttributeType): number {
  return CODECS[type].code
}

/** Whether an attribute of this type must be understood to answer the message that holds it. */
export function isComprehensionRequired(code: number): boolean {
  return code < FIRST_COMPREHENSION_OPTIONAL
}

/** The attribute in wire form. */
export function encodeAttribute(attribute: StunAttribute, transactionId: Uint8Array): RawAttribute {
  if (attribute.type !== 'unknown') return encodeKnown(attribute, transactionId)
  invariant(!SEALS.has(attribute.code), 'integrity and fingerprint are asked for by a seal')
  return { code: attribute.code, value: attribute.value }
}

/** Reads an attribute; one that is not in the table stays raw, null means a malformed value. */
export function decodeAttribute(
  raw: RawAttribute,
  transactionId: Uint8Array,
): StunAttribute | null {
  const type = TYPES_BY_CODE.get(raw.code)
  if (type === undefined) return { type: 'unknown', code: raw.code, value: raw.value }
  return decodeKnown(type, raw.value, transactionId)
}

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- reason: it ties codec to value
function encodeKnown<Type extends StunAttributeType>(
  { type, value }: KnownAttributes[Type],
  transactionId: Uint8Array,
): RawAttribute {
  const codec = CODECS[type]
  return { code: codec.code, value: codec.encode(value, transactionId) }
}

function decodeKnown<Type extends StunAttributeType>(
  type: Type,
  bytes: Uint8Array,
  transactionId: Uint8Array,
): KnownAttributes[Type] | null {
  const value = CODECS[type].decode(bytes, transactionId)
  // The compiler does not follow that a codec of `Type` yields the value of `Type`.
  return value === null ? null : ({ type, value } as KnownAttributes[Type])
}
