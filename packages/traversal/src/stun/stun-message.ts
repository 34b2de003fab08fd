// STUN messages as bytes (RFC 8489 sections 5, 6.3 and 14). Hostile bytes get a reason from a closed
// list, never a throw. Refuses RFC 3489 messages (no magic cookie): who answers them answers
// strangers' bytes. Nothing here knows what a method means.
//
// ```
//  0                   1                   2                   3
// |0 0|  Method and class (14)    |     Length after header       |
// |                  Magic cookie 0x2112a442                      |
// |                  Transaction id (96 bits)                     |
// | Type (16)     | Length (16)   | Value, padded to 4 bytes ...  |  repeated
// ```
import { crc32 } from '../crc32.ts'
import { invariant } from '../invariant.ts'
import { readUint16, readUint32, writeUint16, writeUint32 } from '../nat/network-order.ts'
import type {
  RawAttribute,
  StunAttribute,
  StunAttributeType,
  StunAttributeValues,
} from './stun-attributes.ts'
import {
  FINGERPRINT_CODE,
  attributeCode,
  decodeAttribute,
  encodeAttribute,
  isComprehensionRequired,
} from './stun-attributes.ts'
import type {
  IntegrityAlgorithm,
  IntegrityKey,
  IntegrityMark,
  IntegrityMarked,
} from './stun-integrity.ts'
import {
  INTEGRITY_BYTES,
  INTEGRITY_CODES,
  computeIntegrity,
  isIntegrityLength,
} from './stun-integrity.ts'

export type StunClass = 'request' | 'indication' | 'success' | 'error'

/** A STUN message; attributes keep their order and may repeat. */
export interface StunMessage {
  readonly class: StunClass
  /** 12 bits; see `STUN_METHODS`. */
  readonly method: number
  /** 12 bytes. */
  readonly transactionId: Uint8Array
  readonly attributes: readonly StunAttribute[]
}

/** A message as it came. Byte values are views of `bytes`: copy what must outlive them. */
export interface ReceivedStunMessage extends StunMessage, IntegrityMarked {
  /** It had a FINGERPRINT, and that was right: a message with a wrong one is refused. */
  readonly hasFingerprint: boolean
}

/** What to put after the attributes: integrity in this order, then FINGERPRINT. */
export interface StunSeal {
  readonly integrity?: IntegrityKey & { readonly algorithms: readonly IntegrityAlgorithm[] }
  readonly fingerprint?: boolean
}

export type StunRefusal =
  | 'not-stun'
  | 'too-short'
  | 'too-long'
  | 'wrong-length'
  | 'truncated-attribute'
  | 'too-many-attributes'
  | 'malformed-attribute'
  | 'wrong-fingerprint'
  | 'fingerprint-not-last'

export type StunDecodeResult =
  | { readonly type: 'message'; readonly message: ReceivedStunMessage }
  | { readonly type: 'refused'; readonly reason: StunRefusal }

/** The methods of RFC 8489 section 18.2 and RFC 8656 section 17. */
export const STUN_METHODS = {
  binding: 0x0_01,
  allocate: 0x0_03,
  refresh: 0x0_04,
  send: 0x0_06,
  data: 0x0_07,
  createPermission: 0x0_08,
  channelBind: 0x0_09,
} as const
export const TRANSACTION_ID_BYTES = 12
/** The largest payload of a UDP datagram over IPv4: nothing longer can have come whole. */
export const MAX_MESSAGE_BYTES = 65_507
/** The fullest message of any RFC we follow has about 20; a datagram could hold 16,000. */
export const MAX_ATTRIBUTES = 64

const MAGIC_COOKIE = 0x21_12_a4_42
const HEADER_BYTES = 20
const TRANSACTION_ID_OFFSET = 8
const ATTRIBUTE_HEADER_BYTES = 4
const FINGERPRINT_BYTES = 4
/** "STUN" in ASCII, so that a packet with a CRC-32 of another protocol does not match. */
const FINGERPRINT_XOR = 0x53_54_55_4e
const MAX_METHOD = 0xf_ff
const CLASSES = ['request', 'indication', 'success', 'error'] as const

/** The bytes of `message`; throws only for what no caller should ask for. */
export function encodeMessage(message: StunMessage, seal: StunSeal = {}): Uint8Array {
  const { transactionId, attributes } = message
  invariant(transactionId.length === TRANSACTION_ID_BYTES, 'a transaction id has 12 bytes')
  invariant(message.method >= 0 && message.method <= MAX_METHOD, 'a method has 12 bits')
  invariant(attributes.length + sealCount(seal) <= MAX_ATTRIBUTES, 'too many attributes')
  const raws: RawAttribute[] = []
  let size = HEADER_BYTES + sealBytes(seal)
  for (const attribute of attributes) {
    const raw = encodeAttribute(attribute, transactionId)
    size += ATTRIBUTE_HEADER_BYTES + padded(raw.value.length)
    raws.push(raw)
  }
  invariant(size <= MAX_MESSAGE_BYTES, 'the message is too long')
  const bytes = new Uint8Array(size)
  writeHeader(bytes, message)
  let offset = HEADER_BYTES
  for (const raw of raws) offset = writeAttribute(bytes, offset, raw)
  writeSeal(bytes, offset, seal)
  return bytes
}

/** Reads exactly one message; a FINGERPRINT is checked here, integrity by `checkIntegrity`. */
export function decodeMessage(datagram: Uint8Array): StunDecodeResult {
  // A subclass (Node's Buffer) may share memory where a Uint8Array copies: see it as what we know.
  const bytes = new Uint8Array(datagram.buffer, datagram.byteOffset, datagram.byteLength)
  const reason = headerFault(bytes)
  if (reason !== null) return { type: 'refused', reason }
  const type = readUint16(bytes, 0)
  const message: Draft = {
    class: classOf(type),
    method: methodOf(type),
    transactionId: bytes.subarray(TRANSACTION_ID_OFFSET, HEADER_BYTES),
    attributes: [],
    bytes,
    integrity: [],
    hasFingerprint: false,
  }
  const fault = readAttributes(message)
  return fault === null ? { type: 'message', message } : { type: 'refused', reason: fault }
}

/** The value of the first attribute of `type`: RFC 8489 section 14 lets us ignore repetitions. */
export function attributeValue<Type extends StunAttributeType>(
  message: StunMessage,
  type: Type,
): StunAttributeValues[Type] | undefined {
  for (const attribute of message.attributes) {
    if (attribute.type === type) return attribute.value as StunAttributeValues[Type]
  }
  return undefined
}

/** The values of all attributes of `type`, for those that an RFC lets repeat (XOR-PEER-ADDRESS). */
export function attributeValues<Type extends StunAttributeType>(
  message: StunMessage,
  type: Type,
): StunAttributeValues[Type][] {
  const found = message.attributes.filter((attribute) => attribute.type === type)
  return found.map(({ value }) => value as StunAttributeValues[Type])
}

/**
 * The types in `message` that must be understood and are not, each once: an answer of 420 lists
 * them (RFC 8489 section 6.3.1). Attributes we read but whose meaning the caller lacks are given in
 * `notUnderstood`.
 */
export function unknownRequired(
  message: StunMessage,
  notUnderstood: readonly StunAttributeType[] = [],
): number[] {
  const codes = new Set<number>()
  for (const attribute of message.attributes) {
    if (attribute.type === 'unknown') {
      if (isComprehensionRequired(attribute.code)) codes.add(attribute.code)
    } else if (notUnderstood.includes(attribute.type)) codes.add(attributeCode(attribute.type))
  }
  return [...codes]
}

/** A message being read. */
interface Draft extends ReceivedStunMessage {
  readonly attributes: StunAttribute[]
  readonly integrity: IntegrityMark[]
  hasFingerprint: boolean
}

function headerFault(bytes: Uint8Array): StunRefusal | null {
  if (bytes.length < HEADER_BYTES) return 'too-short'
  if ((bytes[0] ?? 0) > 0b0011_1111 || readUint32(bytes, 4) !== MAGIC_COOKIE) return 'not-stun'
  if (bytes.length > MAX_MESSAGE_BYTES) return 'too-long'
  const length = readUint16(bytes, 2)
  return length % 4 === 0 && HEADER_BYTES + length === bytes.length ? null : 'wrong-length'
}

function readAttributes(draft: Draft): StunRefusal | null {
  const { bytes } = draft
  let offset = HEADER_BYTES
  for (let count = 0; offset < bytes.length; count++) {
    if (count === MAX_ATTRIBUTES) return 'too-many-attributes'
    if (draft.hasFingerprint) return 'fingerprint-not-last'
    const code = readUint16(bytes, offset)
    const start = offset + ATTRIBUTE_HEADER_BYTES
    const end = start + readUint16(bytes, offset + 2)
    if (end > bytes.length) return 'truncated-attribute'
    const fault = readAttribute(draft, offset, { code, value: bytes.subarray(start, end) })
    if (fault !== null) return fault
    offset = padded(end)
  }
  return null
}

function readAttribute(draft: Draft, offset: number, raw: RawAttribute): StunRefusal | null {
  if (raw.code === FINGERPRINT_CODE) return readFingerprint(draft, offset, raw.value)
  if (raw.code === INTEGRITY_CODES.sha1) return readIntegrity(draft, offset, ['sha1', raw.value])
  if (raw.code === INTEGRITY_CODES.sha256)
    return readIntegrity(draft, offset, ['sha256', raw.value])
  // What follows integrity is not covered by it: anybody may have put it there, so it is ignored.
  if (draft.integrity.length > 0) return null
  const attribute = decodeAttribute(raw, draft.transactionId)
  if (attribute === null) return 'malformed-attribute'
  draft.attributes.push(attribute)
  return null
}

function readFingerprint(draft: Draft, offset: number, value: Uint8Array): StunRefusal | null {
  if (value.length !== FINGERPRINT_BYTES) return 'malformed-attribute'
  // The length in the header already counts FINGERPRINT, as section 14.7 wants it: it is last.
  if (readUint32(value, 0) !== fingerprintOf(draft.bytes, offset)) return 'wrong-fingerprint'
  draft.hasFingerprint = true
  return null
}

function readIntegrity(
  draft: Draft,
  offset: number,
  [algorithm, value]: readonly [IntegrityAlgorithm, Uint8Array],
): StunRefusal | null {
  // Only MESSAGE-INTEGRITY-SHA256 may follow another integrity attribute (section 14.5).
  const last = draft.integrity.at(-1)?.algorithm
  if (last === 'sha256' || last === algorithm) return null
  if (!isIntegrityLength(algorithm, value.length)) return 'malformed-attribute'
  draft.integrity.push({ algorithm, offset })
  return null
}

function writeHeader(bytes: Uint8Array, message: StunMessage): void {
  writeUint16(bytes, 0, encodeType(message))
  writeUint16(bytes, 2, bytes.length - HEADER_BYTES)
  writeUint32(bytes, 4, MAGIC_COOKIE)
  bytes.set(message.transactionId, TRANSACTION_ID_OFFSET)
}

function writeAttribute(bytes: Uint8Array, offset: number, { code, value }: RawAttribute): number {
  writeUint16(bytes, offset, code)
  writeUint16(bytes, offset + 2, value.length)
  bytes.set(value, offset + ATTRIBUTE_HEADER_BYTES)
  return padded(offset + ATTRIBUTE_HEADER_BYTES + value.length)
}

function writeSeal(bytes: Uint8Array, start: number, seal: StunSeal): void {
  const { integrity, fingerprint } = seal
  let offset = start
  for (const algorithm of orderedAlgorithms(seal)) {
    invariant(integrity !== undefined, 'an algorithm comes with its key')
    const value = computeIntegrity(bytes.subarray(0, offset), algorithm, integrity)
    offset = writeAttribute(bytes, offset, { code: INTEGRITY_CODES[algorithm], value })
  }
  if (fingerprint !== true) return
  const value = new Uint8Array(FINGERPRINT_BYTES)
  writeUint32(value, 0, fingerprintOf(bytes, offset))
  writeAttribute(bytes, offset, { code: FINGERPRINT_CODE, value })
}

// Whatever the caller's order: after SHA-256, a reader would ignore SHA-1.
const IN_ORDER = ['sha1', 'sha256'] as const
const NO_ALGORITHMS: readonly IntegrityAlgorithm[] = []

function orderedAlgorithms(seal: StunSeal): readonly IntegrityAlgorithm[] {
  const asked = seal.integrity?.algorithms ?? NO_ALGORITHMS
  return asked.length < 2 ? asked : IN_ORDER.filter((algorithm) => asked.includes(algorithm))
}

function sealBytes(seal: StunSeal): number {
  let size = seal.fingerprint === true ? ATTRIBUTE_HEADER_BYTES + FINGERPRINT_BYTES : 0
  for (const algorithm of orderedAlgorithms(seal)) {
    size += ATTRIBUTE_HEADER_BYTES + INTEGRITY_BYTES[algorithm]
  }
  return size
}

function sealCount(seal: StunSeal): number {
  return orderedAlgorithms(seal).length + (seal.fingerprint === true ? 1 : 0)
}

function fingerprintOf(bytes: Uint8Array, end: number): number {
  return (crc32(bytes, end) ^ FINGERPRINT_XOR) >>> 0
}

// The two class bits sit in the middle of the method's: M11..M7 C1 M6..M4 C0 M3..M0.
function encodeType({ class: stunClass, method }: StunMessage): number {
  const bits = CLASSES.indexOf(stunClass)
  const spread = ((method & 0xf_80) << 2) | ((method & 0x70) << 1) | (method & 0x0f)
  return spread | ((bits & 0b10) << 7) | ((bits & 0b01) << 4)
}

function classOf(type: number): StunClass {
  return CLASSES[((type >> 7) & 0b10) | ((type >> 4) & 0b01)] ?? 'request'
}

function methodOf(type: number): number {
  return ((type >> 2) & 0xf_80) | ((type >> 1) & 0x70) | (type & 0x0f)
}

function padded(length: number): number {
  return (length + 3) & ~3
}
