// How the plain values of STUN attributes look on the wire: addresses, texts, numbers, errors (RFC
// 8489 section 14, RFC 8445 section 16.1). Values with parts are in stun-attribute-structures.ts.
// Each codec reads exactly its own value: null means the bytes are not one. Lengths are checked in
// both directions; padding and headers are stun-message.ts' business.
import type { TransportAddress } from '../address.ts'
import { createTransportAddress, ipOf } from '../address.ts'
import { invariant } from '../invariant.ts'
import { readUint16, writeUint16 } from '../nat/network-order.ts'
import { decodeUtf8, encodeUtf8 } from '../utf8.ts'

/** Reads and writes the value of one attribute; the transaction id takes part in XOR. */
export interface AttributeCodec<Value> {
  readonly code: number
  encode(value: Value, transactionId: Uint8Array): Uint8Array
  decode(bytes: Uint8Array, transactionId: Uint8Array): Value | null
}

/** The value of ERROR-CODE: 300 to 699 and a reason for people, which may be empty. */
export interface StunErrorCode {
  readonly code: number
  readonly reason: string
}

/** What each side may write and read of a text (RFC 8489 sections 14.8 to 14.14): 127 characters. */
export const MAX_TEXT_BYTES_WRITTEN = 509
export const MAX_TEXT_BYTES_READ = 763
/** USERNAME is shorter than 509 bytes (RFC 8489 section 14.3). */
export const MAX_USERNAME_BYTES = 508
/** UNKNOWN-ATTRIBUTES lists no more than a message can hold (`MAX_ATTRIBUTES`). */
export const MAX_UNKNOWN_ATTRIBUTES = 64

const MAGIC_COOKIE = 0x21_12_a4_42
const FAMILY_IPV4 = 0x01
const FAMILY_IPV6 = 0x02
const ADDRESS_HEADER_BYTES = 4
const LONGEST_ADDRESS_BYTES = 20
const ERROR_HEADER_BYTES = 4

/**
 * ```
 *  0                   1                   2                   3
 * |0 0 0 0 0 0 0 0|    Family     |             Port              |
 * |              Address, 4 bytes (family 1) or 16 (family 2)     |
 * ```
 */
export function addressCodec(code: number): AttributeCodec<TransportAddress> {
  return { code, encode: encodeAddress, decode: decodeAddress }
}

/** The same, with port and address XORed with the magic cookie and the transaction id. */
export function xorAddressCodec(code: number): AttributeCodec<TransportAddress> {
  return {
    code,
    encode: (address, transactionId) => xorInPlace(encodeAddress(address), transactionId),
    decode: (bytes, transactionId) =>
      bytes.length > LONGEST_ADDRESS_BYTES
        ? null
        : decodeAddress(xorInPlace(bytes.slice(), transactionId)),
  }
}

/** UTF-8 text of at most the given bytes. */
export function textCodec(
  code: number,
  maxWritten: number = MAX_TEXT_BYTES_WRITTEN,
  maxRead: number = MAX_TEXT_BYTES_READ,
): AttributeCodec<string> {
  return {
    code,
    encode: (text) => encodeText(text, maxWritten),
    decode: (bytes) => (bytes.length > maxRead ? null : decodeUtf8(bytes)),
  }
}

/**
 * ```
 * |           Reserved, should be 0         |Class|     Number    |
 * |      Reason Phrase (UTF-8)                                   ..
 * ```
 */
export function errorCodec(code: number): AttributeCodec<StunErrorCode> {
  return { code, encode: encodeErrorCode, decode: decodeErrorCode }
}

/** A list of attribute types, two bytes each. */
export function codeListCodec(code: number): AttributeCodec<readonly number[]> {
  return { code, encode: encodeCodes, decode: decodeCodes }
}

/** An unsigned 32-bit number. */
export function uint32Codec(code: number): AttributeCodec<number> {
  return {
    code,
    encode(value) {
      invariant(value >>> 0 === value, 'the value fits 32 bits')
      return filled(4, (view) => view.setUint32(0, value))
    },
    decode: (bytes) => (bytes.length === 4 ? viewOf(bytes).getUint32(0) : null),
  }
}

/** An unsigned 64-bit number. */
export function uint64Codec(code: number): AttributeCodec<bigint> {
  return {
    code,
    encode(value) {
      invariant(BigInt.asUintN(64, value) === value, 'the value fits 64 bits')
      return filled(8, (view) => view.setBigUint64(0, value))
    },
    decode: (bytes) => (bytes.length === 8 ? viewOf(bytes).getBigUint64(0) : null),
  }
}

/** An attribute that says all by being there. */
export function flagCodec(code: number): AttributeCodec<true> {
  return {
    code,
    encode: () => new Uint8Array(),
    decode: (bytes) => (bytes.length === 0 ? true : null),
  }
}

function encodeAddress(address: TransportAddress): Uint8Array {
  const ip = ipOf(address)
  const bytes = new Uint8Array(ADDRESS_HEADER_BYTES + ip.length)
  bytes[1] = address.family === 'IPv4' ? FAMILY_IPV4 : FAMILY_IPV6
  writeUint16(bytes, 2, address.port)
  bytes.set(ip, ADDRESS_HEADER_BYTES)
  return bytes
}

function decodeAddress(bytes: Uint8Array): TransportAddress | null {
  const family = bytes[1]
  const size = bytes.length - ADDRESS_HEADER_BYTES
  const isWhole = (family === FAMILY_IPV4 && size === 4) || (family === FAMILY_IPV6 && size === 16)
  if (!isWhole) return null
  return createTransportAddress(bytes.subarray(ADDRESS_HEADER_BYTES), readUint16(bytes, 2))
}

// The mask is the magic cookie and then the transaction id; the port takes the cookie's first half.
function xorInPlace(bytes: Uint8Array, transactionId: Uint8Array): Uint8Array {
  if (bytes.length < ADDRESS_HEADER_BYTES) return bytes
  writeUint16(bytes, 2, readUint16(bytes, 2) ^ (MAGIC_COOKIE >>> 16))
  for (let at = ADDRESS_HEADER_BYTES; at < bytes.length; at++) {
    const index = at - ADDRESS_HEADER_BYTES
    const mask = index < 4 ? MAGIC_COOKIE >>> (24 - 8 * index) : (transactionId[index - 4] ?? 0)
    bytes[at] = (bytes[at] ?? 0) ^ mask
  }
  return bytes
}

function encodeText(text: string, maxBytes: number): Uint8Array {
  const bytes = encodeUtf8(text)
  invariant(bytes.length <= maxBytes, `the text has at most ${maxBytes} bytes`)
  return bytes
}

/** ERROR-CODE's layout; ADDRESS-ERROR-CODE puts a family in its first byte. */
export function encodeErrorCode({ code, reason }: StunErrorCode): Uint8Array {
  invariant(Number.isInteger(code) && code >= 300 && code < 700, 'an error code is 300 to 699')
  const text = encodeText(reason, MAX_TEXT_BYTES_WRITTEN)
  return filled(ERROR_HEADER_BYTES + text.length, (view, bytes) => {
    view.setUint8(2, Math.floor(code / 100))
    view.setUint8(3, code % 100)
    bytes.set(text, ERROR_HEADER_BYTES)
  })
}

/** Reads that layout; the reserved bits are not looked at. */
export function decodeErrorCode(bytes: Uint8Array): StunErrorCode | null {
  if (bytes.length < ERROR_HEADER_BYTES) return null
  const view = viewOf(bytes)
  const hundreds = view.getUint8(2) & 0b111
  const number = view.getUint8(3)
  if (hundreds < 3 || hundreds > 6 || number > 99) return null
  const text = bytes.subarray(ERROR_HEADER_BYTES)
  const reason = text.length > MAX_TEXT_BYTES_READ ? null : decodeUtf8(text)
  return reason === null ? null : { code: hundreds * 100 + number, reason }
}

function encodeCodes(codes: readonly number[]): Uint8Array {
  invariant(codes.length <= MAX_UNKNOWN_ATTRIBUTES, 'the list is not longer than a message holds')
  return filled(2 * codes.length, (view) => {
    for (const [index, code] of codes.entries()) view.setUint16(2 * index, code)
  })
}

function decodeCodes(bytes: Uint8Array): readonly number[] | null {
  const count = bytes.length / 2
  if (!Number.isInteger(count) || count > MAX_UNKNOWN_ATTRIBUTES) return null
  const view = viewOf(bytes)
  return Array.from({ length: count }, (_, index) => view.getUint16(2 * index))
}

/** New bytes of a given size, filled by the caller. */
export function filled(
  size: number,
  fill: (view: DataView, bytes: Uint8Array) => void,
): Uint8Array {
  const bytes = new Uint8Array(size)
  fill(viewOf(bytes), bytes)
  return bytes
}

/** The bytes as numbers of the network's order. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
