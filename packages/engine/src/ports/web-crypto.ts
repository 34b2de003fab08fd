// The part of the Web Cryptography API the engine uses, so that runtime-independent code can name it.
// `globalThis.crypto.subtle` of every browser and of Node fits.
import type { Bytes } from '@knothole/wire'

/** A CryptoKey: opaque. */
export interface Key {
  readonly type: string
}

export interface KeyPair {
  readonly publicKey: Key
  readonly privateKey: Key
}

type Algorithm = string | { readonly name: string; readonly [parameter: string]: unknown }

export interface Subtle {
  digest(algorithm: string, data: Bytes): Promise<ArrayBuffer>
  importKey(
    format: 'raw' | 'pkcs8',
    data: Bytes,
    algorithm: Algorithm,
    extractable: boolean,
    usages: string[],
  ): Promise<Key>
  exportKey(format: 'raw', key: Key): Promise<ArrayBuffer>
  exportKey(format: 'jwk', key: Key): Promise<{ readonly x?: string }>
  generateKey(
    algorithm: 'Ed25519' | 'X25519',
    extractable: boolean,
    usages: string[],
  ): Promise<KeyPair>
  deriveBits(algorithm: Algorithm, key: Key, length: number): Promise<ArrayBuffer>
  sign(algorithm: string, key: Key, data: Bytes): Promise<ArrayBuffer>
  verify(algorithm: string, key: Key, signature: Bytes, data: Bytes): Promise<boolean>
  encrypt(algorithm: Algorithm, key: Key, data: Bytes): Promise<ArrayBuffer>
  decrypt(algorithm: Algorithm, key: Key, data: Bytes): Promise<ArrayBuffer>
}
