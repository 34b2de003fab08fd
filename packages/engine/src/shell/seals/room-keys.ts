// The keys that the room secret gives to everyone who holds the link: HKDF-SHA-256 (RFC 5869) without
// salt, one label a key.
import { decodeBase64url } from '@knothole/wire'
import type { Bytes } from '@knothole/wire'
import type { Key, Subtle } from '../../ports/index.ts'

export interface RoomKeys {
  /** Ed25519; proves to the rendezvous that we hold the link. It knows the public half only. */
  readonly admission: { readonly privateKey: Key; readonly publicKey: Bytes }
  /** AES-256-GCM; seals cards and signals for the room. */
  readonly introduction: Key
  /** AES-256-GCM; seals what is said. */
  readonly content: Key
  /** Names the room's log; in everything that its signatures cover. */
  readonly logId: Bytes
}

/** PKCS #8 of an Ed25519 private key (RFC 8410, section 7) up to the 32 bytes of the key. */
const PKCS8_PREFIX = [
  0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
]

const KEY_BITS = 256

/** What names a log need not be secret, only its own: 128 bits, as of every name here. */
const LOG_ID_BITS = 128

export async function deriveRoomKeys(subtle: Subtle, secret: Bytes): Promise<RoomKeys> {
  const root = await subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits'])
  const derive = async (label: string, bits = KEY_BITS): Promise<Bytes> => {
    const info = Uint8Array.from(label, (char) => char.charCodeAt(0))
    const algorithm = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info }
    return new Uint8Array(await subtle.deriveBits(algorithm, root, bits))
  }
  const sealing = async (label: string, extractable = false): Promise<Key> =>
    subtle.importKey('raw', await derive(label), 'AES-GCM', extractable, ['encrypt', 'decrypt'])
  const [admission, introduction, content, logId] = await Promise.all([
    derive('knothole admission').then((seed) => admissionKey(subtle, seed)),
    sealing('knothole introduction'),
    // A saved conversation carries it.
    sealing('knothole content', true),
    derive('knothole log', LOG_ID_BITS),
  ])
  return { admission, introduction, content, logId }
}

async function admissionKey(subtle: Subtle, seed: Bytes): Promise<RoomKeys['admission']> {
  const pkcs8 = Uint8Array.from([...PKCS8_PREFIX, ...seed])
  const privateKey = await subtle.importKey('pkcs8', pkcs8, 'Ed25519', true, ['sign'])
  // Web Cryptography gives the public half of a private key by its JWK form only.
  const { x } = await subtle.exportKey('jwk', privateKey)
  const publicKey = decodeBase64url(x ?? '')
  if (publicKey === undefined)
    throw new Error('the platform exported an Ed25519 key without its public half')
  return { privateKey, publicKey }
}
