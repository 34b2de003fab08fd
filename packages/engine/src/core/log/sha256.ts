// SHA-256 (FIPS 180-4) at once: entries are hashed by the hundred thousand, and a promise for each would
// cost more than the hash.
import { sha256 as noble } from '@noble/hashes/sha2.js'
import type { Bytes } from '@knothole/wire'

export type Sha256 = (bytes: Uint8Array) => Bytes

export const sha256: Sha256 = (bytes) => noble(bytes)
