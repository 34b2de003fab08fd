// The core's cryptography by node:crypto.
import { createHash, createHmac, createPublicKey, randomBytes, verify } from 'node:crypto'
import type { CryptoPort } from '../core/index.ts'

/** What stands before the 32 key bytes in a SubjectPublicKeyInfo of Ed25519 (RFC 8410, section 4). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')

export const nodeCrypto: CryptoPort = {
  sha256: (data) => createHash('sha256').update(data).digest(),
  hmacSha1: (key, data) => createHmac('sha1', key).update(data).digest(),
  hmacSha256: (key, data) => createHmac('sha256', key).update(data).digest(),
  verify({ key, data, signature }) {
    try {
      const spki = Buffer.concat([SPKI_PREFIX, key])
      const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' })
      return verify(null, data, publicKey, signature)
    } catch {
      // OpenSSL throws at bytes that are no key; to us that is a signature that does not hold.
      return false
    }
  },
  randomBytes: (length) => new Uint8Array(randomBytes(length)),
}
