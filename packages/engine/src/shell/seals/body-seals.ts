// Seals bodies for the room and opens them: AES-256-GCM with random nonces under the content key, the feed
// authenticated beside the body, so that it opens as one of that feed's only.
import { SEAL_NONCE_BYTES, bodySealBytes } from '@knothole/wire'
import type { Bytes, FeedId } from '@knothole/wire'
import type { SealedBody } from '../../core/index.ts'
import type { Key, RandomBytes, Subtle } from '../../ports/index.ts'

export class BodySeals {
  readonly #subtle: Subtle
  readonly #randomBytes: RandomBytes
  readonly #key: Key

  constructor(crypto: { subtle: Subtle; randomBytes: RandomBytes }, contentKey: Key) {
    this.#subtle = crypto.subtle
    this.#randomBytes = crypto.randomBytes
    this.#key = contentKey
  }

  /** Nonce, then ciphertext and tag, of each. */
  seal(feed: FeedId, plain: readonly Bytes[]): Promise<Bytes[]> {
    const additionalData = bodySealBytes(feed)
    return Promise.all(
      plain.map(async (body) => {
        const iv = this.#randomBytes(SEAL_NONCE_BYTES)
        const algorithm = { name: 'AES-GCM', iv, additionalData }
        const ciphertext = await this.#subtle.encrypt(algorithm, this.#key, body)
        const sealed = new Uint8Array(SEAL_NONCE_BYTES + ciphertext.byteLength)
        sealed.set(iv)
        sealed.set(new Uint8Array(ciphertext), SEAL_NONCE_BYTES)
        return sealed
      }),
    )
  }

  /** Each body; undefined for one that does not open. */
  open(bodies: readonly SealedBody[]): Promise<(Bytes | undefined)[]> {
    const beside = new Map<FeedId, Bytes>()
    return Promise.all(
      bodies.map(async ({ feed, sealed }) => {
        if (sealed === undefined) return undefined
        const additionalData = beside.get(feed) ?? bodySealBytes(feed)
        beside.set(feed, additionalData)
        const iv = sealed.subarray(0, SEAL_NONCE_BYTES)
        try {
          const algorithm = { name: 'AES-GCM', iv, additionalData }
          const body = sealed.subarray(SEAL_NONCE_BYTES)
          return new Uint8Array(await this.#subtle.decrypt(algorithm, this.#key, body))
        } catch {
          // reason: Web Cryptography reports a forged ciphertext by throwing.
          return undefined
        }
      }),
    )
  }
}
