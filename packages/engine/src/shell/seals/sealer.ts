// Seals payloads for the room and signs them as an identity; opens and verifies those of others.
// AES-256-GCM with random nonces under the introduction key; Ed25519 under the seal, so that only
// members see who signed.
import {
  SEAL_NONCE_BYTES,
  decodeSigned,
  encodeSigned,
  envelopeBytes,
  signedBytes,
} from '@knothole/wire'
import type { Bytes, Envelope, MemberId } from '@knothole/wire'
import type { Key, RandomBytes, Subtle } from '../../ports/index.ts'
import { memberOf } from './signing-key.ts'
import type { SigningKey } from './signing-key.ts'

/** An opened payload and the identity that signed it. */
export interface Opened {
  readonly member: MemberId
  readonly payload: Bytes
}

export class Sealer {
  readonly #subtle: Subtle
  readonly #randomBytes: RandomBytes
  readonly #key: Key

  constructor(crypto: { subtle: Subtle; randomBytes: RandomBytes }, introductionKey: Key) {
    this.#subtle = crypto.subtle
    this.#randomBytes = crypto.randomBytes
    this.#key = introductionKey
  }

  /** Nonce, then ciphertext and tag. */
  async seal(envelope: Envelope, payload: Bytes, identity: SigningKey): Promise<Bytes> {
    const signature = await identity.sign(signedBytes(envelope, payload))
    const signed = encodeSigned({ identity: identity.publicKey, signature, payload })
    const nonce = this.#randomBytes(SEAL_NONCE_BYTES)
    const ciphertext = await this.#subtle.encrypt(algorithm(nonce, envelope), this.#key, signed)
    const sealed = new Uint8Array(SEAL_NONCE_BYTES + ciphertext.byteLength)
    sealed.set(nonce)
    sealed.set(new Uint8Array(ciphertext), SEAL_NONCE_BYTES)
    return sealed
  }

  /** The payload and who signed it; undefined when it was not sealed and signed for this envelope. */
  async open(envelope: Envelope, sealed: Bytes): Promise<Opened | undefined> {
    const signed = decodeSigned(await this.#decrypt(envelope, sealed))
    if (!signed.ok) return undefined
    const { identity, signature, payload } = signed.value
    if (!(await this.#verify(identity, signature, signedBytes(envelope, payload)))) return undefined
    return { member: await memberOf(this.#subtle, identity), payload }
  }

  async #decrypt(envelope: Envelope, sealed: Bytes): Promise<Bytes> {
    const nonce = sealed.slice(0, SEAL_NONCE_BYTES)
    const ciphertext = sealed.slice(SEAL_NONCE_BYTES)
    try {
      return new Uint8Array(
        await this.#subtle.decrypt(algorithm(nonce, envelope), this.#key, ciphertext),
      )
    } catch {
      // reason: Web Cryptography reports a forged ciphertext by throwing; empty bytes decode to nothing.
      return new Uint8Array()
    }
  }

  async #verify(identity: Bytes, signature: Bytes, data: Bytes): Promise<boolean> {
    try {
      const key = await this.#subtle.importKey('raw', identity, 'Ed25519', true, ['verify'])
      return await this.#subtle.verify('Ed25519', key, signature, data)
    } catch {
      // reason: a public key that is not a point of the curve makes importKey throw.
      return false
    }
  }
}

function algorithm(
  nonce: Bytes,
  envelope: Envelope,
): { name: string; iv: Bytes; additionalData: Bytes } {
  return { name: 'AES-GCM', iv: nonce, additionalData: envelopeBytes(envelope) }
}
