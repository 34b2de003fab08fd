// STUN attribute values that have parts, or reserved bits to skip: those of RFC 8656 (TURN) section
// 18, RFC 5780 (behaviour discovery) section 7 and the password algorithms of RFC 8489 section 14.
// Bits the RFCs reserve are written as zero and not read. What a value means is not decided here.
import { invariant } from '../invariant.ts'
import type { AttributeCodec, StunErrorCode } from './stun-attribute-values.ts'
import { decodeErrorCode, encodeErrorCode, filled, viewOf } from './stun-attribute-values.ts'

/** What CHANGE-REQUEST asks of the answer's source (RFC 5780 section 7.2). */
export interface StunChangeRequest {
  readonly changesIp: boolean
  readonly changesPort: boolean
}

/** One of PASSWORD-ALGORITHMS; see `PASSWORD_ALGORITHMS` for the two with a meaning. */
export interface StunPasswordAlgorithm {
  readonly algorithm: number
  /** Empty for both algorithms that exist. */
  readonly parameters: Uint8Array
}

/** Why one of two address families was not allocated (RFC 8656 section 18.12). */
export interface StunAddressError extends StunErrorCode {
  /** See `ADDRESS_FAMILY_CODES`. */
  readonly family: number
}

/** An ICMP error that hit a relayed packet (RFC 8656 section 18.13). */
export interface StunIcmp {
  /** 7 bits: errors of ICMPv4 and ICMPv6 are all below 128. */
  readonly type: number
  /** 9 bits. */
  readonly code: number
  /** The next hop's MTU where the error tells of one, else 0. */
  readonly data: number
}

/** What a message may list of them: two exist, the registry has room, a datagram for thousands. */
export const MAX_PASSWORD_ALGORITHMS = 16

const ALGORITHM_HEADER_BYTES = 4
const CHANGE_IP = 0b100
const CHANGE_PORT = 0b010
const NEXT_PORT = 0b1000_0000

/** Any bytes within the given lengths. */
export function bytesCodec(
  code: number,
  minBytes: number,
  maxBytes: number = minBytes,
): AttributeCodec<Uint8Array> {
  const fits = ({ length }: Uint8Array): boolean => length >= minBytes && length <= maxBytes
  return {
    code,
    encode(bytes) {
      invariant(fits(bytes), `the value has ${minBytes} to ${maxBytes} bytes`)
      return bytes
    },
    decode: (bytes) => (fits(bytes) ? bytes : null),
  }
}

/** 16 bits, then 16 reserved ones. */
export function uint16Codec(code: number): AttributeCodec<number> {
  return {
    code,
    encode(value) {
      invariant((value & 0xff_ff) === value, 'the value fits 16 bits')
      return filled(4, (view) => view.setUint16(0, value))
    },
    decode: (bytes) => (bytes.length === 4 ? viewOf(bytes).getUint16(0) : null),
  }
}

/** RESPONSE-PORT: 16 bits of padding follow the port, which not everybody counts as its value. */
export function responsePortCodec(code: number): AttributeCodec<number> {
  return {
    ...uint16Codec(code),
    decode: (bytes) =>
      bytes.length === 2 || bytes.length === 4 ? viewOf(bytes).getUint16(0) : null,
  }
}

/** 8 bits, then 24 reserved ones. */
export function uint8Codec(code: number): AttributeCodec<number> {
  return {
    code,
    encode(value) {
      invariant((value & 0xff) === value, 'the value fits 8 bits')
      return filled(4, (view) => view.setUint8(0, value))
    },
    decode: (bytes) => (bytes.length === 4 ? viewOf(bytes).getUint8(0) : null),
  }
}

/** EVEN-PORT: one byte, its first bit says whether the next port is to be kept. */
export function evenPortCodec(code: number): AttributeCodec<boolean> {
  return {
    code,
    encode: (reservesNext) => filled(1, (view) => view.setUint8(0, reservesNext ? NEXT_PORT : 0)),
    decode: (bytes) => (bytes.length === 1 ? viewOf(bytes).getUint8(0) >= NEXT_PORT : null),
  }
}

/** CHANGE-REQUEST: two flags at the end of 32 bits. */
export function changeRequestCodec(code: number): AttributeCodec<StunChangeRequest> {
  return {
    code,
    encode: ({ changesIp, changesPort }) =>
      filled(4, (view) =>
        view.setUint32(0, (changesIp ? CHANGE_IP : 0) | (changesPort ? CHANGE_PORT : 0)),
      ),
    decode(bytes) {
      if (bytes.length !== 4) return null
      const flags = viewOf(bytes).getUint32(0)
      return { changesIp: (flags & CHANGE_IP) !== 0, changesPort: (flags & CHANGE_PORT) !== 0 }
    },
  }
}

/**
 * ```
 * |  Family       |  Reserved             |Class|     Number      |
 * |      Reason Phrase (UTF-8)                                   ..
 * ```
 */
export function addressErrorCodec(code: number): AttributeCodec<StunAddressError> {
  return {
    code,
    encode({ family, ...error }) {
      invariant((family & 0xff) === family, 'an address family fits 8 bits')
      const bytes = encodeErrorCode(error)
      bytes[0] = family
      return bytes
    },
    decode(bytes) {
      const error = decodeErrorCode(bytes)
      return error === null ? null : { family: bytes[0] ?? 0, ...error }
    },
  }
}

/**
 * ```
 * |  Reserved                     |  ICMP Type  |  ICMP Code      |
 * |                          Error Data                           |
 * ```
 */
export function icmpCodec(code: number): AttributeCodec<StunIcmp> {
  return {
    code,
    encode({ type, code: icmpCode, data }) {
      invariant((type & 0x7f) === type && (icmpCode & 0x1_ff) === icmpCode, 'ICMP has 7 + 9 bits')
      invariant(data >>> 0 === data, 'the data of an ICMP error fit 32 bits')
      return filled(8, (view) => {
        view.setUint16(2, (type << 9) | icmpCode)
        view.setUint32(4, data)
      })
    },
    decode(bytes) {
      if (bytes.length !== 8) return null
      const view = viewOf(bytes)
      const both = view.getUint16(2)
      return { type: both >> 9, code: both & 0x1_ff, data: view.getUint32(4) }
    },
  }
}

/**
 * ```
 * |          Algorithm           |  Algorithm Parameters Length   |
 * |                    Algorithm Parameters (variable)           ..
 * ```
 */
export function passwordAlgorithmCodec(code: number): AttributeCodec<StunPasswordAlgorithm> {
  return {
    code,
    encode: (algorithm) => encodeAlgorithms([algorithm]),
    decode(bytes) {
      const algorithms = decodeAlgorithms(bytes)
      return algorithms?.length === 1 ? (algorithms[0] ?? null) : null
    },
  }
}

/** Several of these, each padded to 4 bytes. */
export function passwordAlgorithmsCodec(
  code: number,
): AttributeCodec<readonly StunPasswordAlgorithm[]> {
  return { code, encode: encodeAlgorithms, decode: decodeAlgorithms }
}

function encodeAlgorithms(algorithms: readonly StunPasswordAlgorithm[]): Uint8Array {
  invariant(algorithms.length <= MAX_PASSWORD_ALGORITHMS, 'there are not so many algorithms')
  const sizes = algorithms.map(
    ({ parameters }) => ALGORITHM_HEADER_BYTES + padded(parameters.length),
  )
  const total = sizes.reduce((sum, size) => sum + size, 0)
  return filled(total, (view, bytes) => {
    let offset = 0
    for (const { algorithm, parameters } of algorithms) {
      invariant((algorithm & 0xff_ff) === algorithm, 'a password algorithm fits 16 bits')
      view.setUint16(offset, algorithm)
      view.setUint16(offset + 2, parameters.length)
      bytes.set(parameters, offset + ALGORITHM_HEADER_BYTES)
      offset += ALGORITHM_HEADER_BYTES + padded(parameters.length)
    }
  })
}

function decodeAlgorithms(bytes: Uint8Array): readonly StunPasswordAlgorithm[] | null {
  const algorithms: StunPasswordAlgorithm[] = []
  const view = viewOf(bytes)
  let offset = 0
  while (offset < bytes.length) {
    const start = offset + ALGORITHM_HEADER_BYTES
    if (start > bytes.length || algorithms.length === MAX_PASSWORD_ALGORITHMS) return null
    const end = start + view.getUint16(offset + 2)
    if (end > bytes.length) return null
    algorithms.push({
      algorithm: view.getUint16(offset),
      parameters: bytes.subarray(start, end),
    })
    // The last one's padding may be the attribute's own.
    offset = padded(end)
  }
  return algorithms
}

function padded(length: number): number {
  return (length + 3) & ~3
}
