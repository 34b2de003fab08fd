// Seals for what lies on the disk, under keys that the room secret gives: who has the files but not the
// link reads nothing in them, and a row that is damaged or was put elsewhere does not open. SPEC.md E365.
import type { Bytes } from '@knothole/wire'
import { encodeBase64url } from '@knothole/wire'
import type { Key, RandomBytes, Subtle } from '../../ports/index.ts'

const NONCE_BYTES = 12
const KEY_BITS = 256

/** Of the 32 bytes of an HMAC: collisions of a few thousand names are out of the question. */
const BLIND_BYTES = 16

interface Keys {
  readonly seal: Key
  readonly blind: Key
}

export class RestSeals {
  readonly #subtle: Subtle
  readonly #randomBytes: RandomBytes
  readonly #keys: Keys

  private constructor(subtle: Subtle, randomBytes: RandomBytes, keys: Keys) {
    this.#subtle = subtle
    this.#randomBytes = randomBytes
    this.#keys = keys
  }

  static async of(
    secret: Bytes,
    { subtle, randomBytes }: { readonly subtle: Subtle; readonly randomBytes: RandomBytes },
  ): Promise<RestSeals> {
    const root = await subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits'])
    const derive = async (label: string): Promise<Bytes> => {
      const algorithm = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: text(label) }
      return new Uint8Array(await subtle.deriveBits(algorithm, root, KEY_BITS))
    }
    const hmac = { name: 'HMAC', hash: 'SHA-256' }
    const [seal, blind] = await Promise.all([
      derive('knothole rest').then((key) =>
        subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt', 'decrypt']),
      ),
      derive('knothole rest names').then((key) =>
        subtle.importKey('raw', key, hmac, false, ['sign']),
      ),
    ])
    return new RestSeals(subtle, randomBytes, { seal, blind })
  }

  /** The nonce and the sealed bytes; they open at this place only. */
  async seal(place: string, plain: Bytes): Promise<Bytes> {
    const iv = this.#randomBytes(NONCE_BYTES)
    const algorithm = { name: 'AES-GCM', iv, additionalData: text(place) }
    const body = new Uint8Array(await this.#subtle.encrypt(algorithm, this.#keys.seal, plain))
    const sealed = new Uint8Array(NONCE_BYTES + body.length)
    sealed.set(iv)
    sealed.set(body, NONCE_BYTES)
    return sealed
  }

  /** What was sealed at this place; undefined when it was not, or is damaged. */
  async open(place: string, sealed: Bytes): Promise<Bytes | undefined> {
    const iv = sealed.subarray(0, NONCE_BYTES)
    const algorithm = { name: 'AES-GCM', iv, additionalData: text(place) }
    const body = sealed.subarray(NONCE_BYTES)
    return this.#subtle.decrypt(algorithm, this.#keys.seal, body).then(
      (plain) => new Uint8Array(plain),
      () => undefined,
    )
  }

  /** A name that says nothing of the one it stands for, and is the same each time. */
  async blind(name: string): Promise<string> {
    const mac = await this.#subtle.sign('HMAC', this.#keys.blind, text(name))
    return encodeBase64url(new Uint8Array(mac, 0, BLIND_BYTES))
  }
}

/** The bytes of a text in ASCII, as places and labels are. */
function text(ascii: string): Bytes {
  return Uint8Array.from(ascii, (char) => char.charCodeAt(0))
}
