// MESSAGE-INTEGRITY and MESSAGE-INTEGRITY-SHA256 (RFC 8489 sections 14.5 and 14.6). Knows no
// passwords: the caller derives the key and injects synchronous HMACs, so this stays pure. Truncated
// SHA-256 values are read but never hold: no STUN usage we speak defines a truncation.
import { equalInConstantTime } from '../constant-time.ts'
import { invariant } from '../invariant.ts'
import { readUint16, writeUint16 } from '../nat/network-order.ts'

/** HMAC of `data` under `key`; returns 20 bytes for SHA-1 and 32 for SHA-256. */
export type Hmac = (key: Uint8Array, data: Uint8Array) => Uint8Array

/** The port through which the shell lends its cryptography; both calls are synchronous. */
export interface HmacPort {
  readonly sha1: Hmac
  readonly sha256: Hmac
}

export type IntegrityAlgorithm = keyof HmacPort

/** What it takes to make or check an integrity attribute: a key, and the HMACs to use it with. */
export interface IntegrityKey {
  readonly key: Uint8Array
  readonly hmac: HmacPort
}

/** An integrity attribute in a received message, and the offset where its header starts. */
export interface IntegrityMark {
  readonly algorithm: IntegrityAlgorithm
  readonly offset: number
}

/** A received message as far as its integrity is concerned. */
export interface IntegrityMarked {
  readonly bytes: Uint8Array
  readonly integrity: readonly IntegrityMark[]
}

export type IntegrityVerdict = 'absent' | 'valid' | 'invalid'

export const INTEGRITY_CODES = { sha1: 0x00_08, sha256: 0x00_1c } as const
export const INTEGRITY_BYTES = { sha1: 20, sha256: 32 } as const
/** RFC 8489 section 14.6: a SHA-256 value may be cut to 16 bytes or more, a multiple of 4. */
const MIN_SHA256_BYTES = 16

const HEADER_BYTES = 20
const ATTRIBUTE_HEADER_BYTES = 4

/** Whether `message` carries the integrity attribute of `algorithm`, and made with this key. */
export function checkIntegrity(
  message: IntegrityMarked,
  algorithm: IntegrityAlgorithm,
  integrityKey: IntegrityKey,
): IntegrityVerdict {
  const mark = message.integrity.find((candidate) => candidate.algorithm === algorithm)
  if (mark === undefined) return 'absent'
  const { bytes } = message
  const length = readUint16(bytes, mark.offset + 2)
  const start = mark.offset + ATTRIBUTE_HEADER_BYTES
  const expected = computeIntegrity(bytes.subarray(0, mark.offset), algorithm, integrityKey)
  return equalInConstantTime(bytes.subarray(start, start + length), expected) ? 'valid' : 'invalid'
}

/** The value of the integrity attribute that follows `prefix`, the message from its header on. */
export function computeIntegrity(
  prefix: Uint8Array,
  algorithm: IntegrityAlgorithm,
  { key, hmac }: IntegrityKey,
): Uint8Array {
  // The length in the header counts up to the end of the integrity attribute, whatever follows.
  const covered = new Uint8Array(prefix)
  const end = prefix.length + ATTRIBUTE_HEADER_BYTES + INTEGRITY_BYTES[algorithm]
  writeUint16(covered, 2, end - HEADER_BYTES)
  const mac = hmac[algorithm](key, covered)
  invariant(mac.length === INTEGRITY_BYTES[algorithm], `the ${algorithm} HMAC has a wrong length`)
  return mac
}

/** Whether a received integrity attribute of `algorithm` may have `length` bytes. */
export function isIntegrityLength(algorithm: IntegrityAlgorithm, length: number): boolean {
  const longest = INTEGRITY_BYTES[algorithm]
  if (algorithm === 'sha1') return length === longest
  return length >= MIN_SHA256_BYTES && length <= longest && length % 4 === 0
}
