// The identity of this browser: an Ed25519 key pair in IndexedDB, whose private half no script can read.
import { get, update } from 'idb-keyval'
import { generateKeyPair } from '../shell/seals/signing-key.ts'
import type { KeyPair, Subtle } from '../ports/index.ts'

const IDENTITY = 'knothole-identity'

/** The stored identity, made at first use. Where nothing can be stored (private mode), one for this page. */
export async function loadIdentity(subtle: Subtle): Promise<KeyPair> {
  try {
    const stored = await get<KeyPair>(IDENTITY)
    if (stored !== undefined) return stored
    const made = await generateKeyPair(subtle)
    // Joining need not wait for the disk. Where two tabs get here at once, the first to write stays;
    // the other uses its own key until it is loaded again.
    update<KeyPair>(IDENTITY, (old) => old ?? made).catch(() => undefined)
    return made
  } catch {
    // reason: IndexedDB is forbidden or full; a session without a lasting identity still talks.
    return generateKeyPair(subtle)
  }
}
