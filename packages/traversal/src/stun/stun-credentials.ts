// What both credential mechanisms of STUN need (RFC 8489 section 9): keys from names and passwords,
// and the words of the port through which the shell lends its digests. Holds no secrets.
import type { TransportAddress } from '../address.ts'
import { encodeUtf8 } from '../utf8.ts'
import { invariant } from '../invariant.ts'
import type { StunPasswordAlgorithm } from './stun-attribute-structures.ts'
import type { HmacPort, IntegrityAlgorithm, IntegrityKey } from './stun-integrity.ts'
import type { ReceivedStunMessage } from './stun-message.ts'
import { toOpaqueString } from './stun-opaque-string.ts'

/** Digest of `data`: 16 bytes for MD5, 32 for SHA-256. */
export type Digest = (data: Uint8Array) => Uint8Array

/** The cryptography that credentials need, lent by the shell; every call is synchronous. */
export interface StunCrypto {
  readonly hmac: HmacPort
  readonly md5: Digest
  readonly sha256: Digest
}

/** How a long-term key is made of a password (RFC 8489 section 18.5). */
export type PasswordAlgorithm = 'md5' | 'sha256'

/** Their numbers on the wire. */
export const PASSWORD_ALGORITHMS = { md5: 0x00_01, sha256: 0x00_02 } as const

/** A seal for the answer to an authenticated message, or for a request. */
export type IntegritySeal = IntegrityKey & { readonly algorithms: readonly IntegrityAlgorithm[] }

/** Whom a message came from, as far as its sender must prove it. */
export type CredentialSource = Pick<TransportAddress, 'address' | 'port'>

/** Who the user is whose key is wanted; `realm` and `password` are prepared here. */
export interface LongTermIdentity {
  readonly username: string
  readonly realm: string
  readonly password: string
}

/** The key of the long-term mechanism; null for what no password can be (`toOpaqueString`). */
export function longTermKey(
  { username, realm, password }: LongTermIdentity,
  algorithm: PasswordAlgorithm,
  crypto: Pick<StunCrypto, PasswordAlgorithm>,
): Uint8Array | null {
  const preparedRealm = toOpaqueString(realm)
  const preparedPassword = toOpaqueString(password)
  if (preparedRealm === null || preparedPassword === null) return null
  return crypto[algorithm](encodeUtf8(`${username}:${preparedRealm}:${preparedPassword}`))
}

/** The key of the short-term mechanism; null as above. */
export function shortTermKey(password: string): Uint8Array | null {
  const prepared = toOpaqueString(password)
  return prepared === null ? null : encodeUtf8(prepared)
}

/** USERHASH (RFC 8489 section 14.4): a name that only who knows it recognizes. */
export function userhashOf(
  { username, realm }: Pick<LongTermIdentity, 'username' | 'realm'>,
  { sha256 }: Pick<StunCrypto, 'sha256'>,
): Uint8Array {
  const preparedUsername = toOpaqueString(username)
  const preparedRealm = toOpaqueString(realm)
  invariant(preparedUsername !== null && preparedRealm !== null, 'a userhash is of proper names')
  return sha256(encodeUtf8(`${preparedUsername}:${preparedRealm}`))
}

/** Which of the two algorithms that a number on the wire means. */
export function passwordAlgorithmOf(wire: StunPasswordAlgorithm): PasswordAlgorithm | undefined {
  // Neither has parameters; with some it is something we do not know.
  if (wire.parameters.length > 0) return undefined
  if (wire.algorithm === PASSWORD_ALGORITHMS.sha256) return 'sha256'
  return wire.algorithm === PASSWORD_ALGORITHMS.md5 ? 'md5' : undefined
}

/** An algorithm as it is written. */
export function passwordAlgorithmToWire(algorithm: PasswordAlgorithm): StunPasswordAlgorithm {
  return { algorithm: PASSWORD_ALGORITHMS[algorithm], parameters: new Uint8Array() }
}

/** The better integrity that a message carries: the one to check, and to answer with. */
export function strongestIntegrity(message: ReceivedStunMessage): IntegrityAlgorithm | undefined {
  return message.integrity.at(-1)?.algorithm
}
