// The cryptography and randomness the core needs, all synchronous, as node:crypto has them.
import type { Bytes } from '@knothole/wire'

export interface CryptoPort {
  sha256(data: Uint8Array): Uint8Array
  /** HMAC-SHA-1 (RFC 2104), which the credentials of relays are made with. */
  hmacSha1(this: void, key: Uint8Array, data: Uint8Array): Uint8Array
  /** HMAC-SHA-256 (RFC 2104). */
  hmacSha256(this: void, key: Uint8Array, data: Uint8Array): Uint8Array
  /** Whether an Ed25519 signature (RFC 8032) holds; false, never a throw, for a key that is none. */
  verify(claim: SignatureClaim): boolean
  /** Bytes nobody can guess. */
  randomBytes(length: number): Bytes
}

export interface SignatureClaim {
  readonly key: Uint8Array
  readonly data: Uint8Array
  readonly signature: Uint8Array
}
