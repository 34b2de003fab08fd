// The key pair from which the keys of relayed packets come: X25519 (RFC 7748), made by each page and
// never kept, so that what was relayed stays sealed whatever leaks later.
import type { Bytes } from '@knothole/wire'
import type { Key, Subtle } from '../../ports/index.ts'

export interface RelayKey {
  readonly publicKey: Bytes
  readonly privateKey: Key
}

/** A new pair; undefined where the platform has no X25519, which then is not relayed. */
export async function generateRelayKey(subtle: Subtle): Promise<RelayKey | undefined> {
  try {
    const { publicKey, privateKey } = await subtle.generateKey('X25519', false, ['deriveBits'])
    return { publicKey: new Uint8Array(await subtle.exportKey('raw', publicKey)), privateKey }
  } catch {
    // reason: an older platform with Ed25519 but without X25519; it talks directly or by TURN.
    return undefined
  }
}
