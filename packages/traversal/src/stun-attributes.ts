// The table of STUN attributes we understand (RFC 8489 section 18.3; ICE's from RFC 8445 section
// 16.1). To teach the codec another one, name its value in `StunAttributeValues` and add its line to
// `CODECS`. The integrity attributes and FINGERPRINT are not here: they cover the bytes before them,
// so stun-message.ts writes and checks them.
import type { TransportAddress } from './address.ts'
import { invariant } from './invariant.ts'
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

/** The attributes we understand, with the type of their values. */
export interface StunAttributeValues {
  'mapped-address': TransportAddress
  username: string
  'error-code': StunErrorCode
  'unknown-attributes': readonly number[]
  realm: string
  nonce: string
  'xor-mapped-address': TransportAddress
  priority: number
  'use-candidate': true
  software: string
  'ice-controlled': bigint
  'ice-controlling': bigint
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
/** From here on an attribute may be ignored by who does not know it (RFC 8489 section 14). */
const FIRST_COMPREHENSION_OPTIONAL = 0x80_00

const CODECS: { readonly [Type in StunAttributeType]: AttributeCodec<StunAttributeValues[Type]> } =
  {
    'mapped-address': addressCodec(0x00_01),
    username: textCodec(0x00_06, MAX_USERNAME_BYTES, MAX_USERNAME_BYTES),
    'error-code': errorCodec(0x00_09),
    'unknown-attributes': codeListCodec(0x00_0a),
    realm: textCodec(0x00_14),
    nonce: textCodec(0x00_15),
    'xor-mapped-address': xorAddressCodec(0x00_20),
    priority: uint32Codec(0x00_24),
    'use-candidate': flagCodec(0x00_25),
    software: textCodec(0x80_22),
    'ice-controlled': uint64Codec(0x80_29),
    'ice-controlling': uint64Codec(0x80_2a),
  }

const TYPES_BY_CODE: ReadonlyMap<number, StunAttributeType> = new Map(
  (Object.keys(CODECS) as StunAttributeType[]).map((type) => [CODECS[type].code, type]),
)

const SEALS: ReadonlySet<number> = new Set([
  INTEGRITY_CODES.sha1,
  INTEGRITY_CODES.sha256,
  FINGERPRINT_CODE,
])

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
