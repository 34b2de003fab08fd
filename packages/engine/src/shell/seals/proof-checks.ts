// Checks Ed25519 signatures of identities. Keeps the imported keys of those who were checked last: a
// conversation has few authors and many entries.
import { encodeBase64url } from '@knothole/wire'
import type { Bytes } from '@knothole/wire'
import type { Key, Subtle } from '../../ports/index.ts'

/** Imported keys kept: everyone in the largest room, twice. */
const MAX_KEYS = 256

export class ProofChecks {
  readonly #subtle: Subtle
  readonly #keys = new Map<string, Promise<Key>>()

  constructor(subtle: Subtle) {
    this.#subtle = subtle
  }

  async verify(author: Bytes, signature: Bytes, message: Bytes): Promise<boolean> {
    try {
      return await this.#subtle.verify('Ed25519', await this.#keyOf(author), signature, message)
    } catch {
      // reason: a public key that is not a point of the curve makes importKey throw.
      return false
    }
  }

  #keyOf(author: Bytes): Promise<Key> {
    const name = encodeBase64url(author)
    const known = this.#keys.get(name)
    if (known !== undefined) return known
    const key = this.#subtle.importKey('raw', author, 'Ed25519', true, ['verify'])
    this.#keys.set(name, key)
    for (const oldest of this.#keys.keys()) {
      if (this.#keys.size <= MAX_KEYS) break
      this.#keys.delete(oldest)
    }
    return key
  }
}
