// The identity of this browser: an Ed25519 key pair in IndexedDB, whose private half no script can read.
import { get, update } from 'idb-keyval'
import { generateKeyPair } from '../shell/signing-key.ts'
import type { KeyPair, Subtle } from '../ports/index.ts'

const IDENTITY = 'knothole-identity'

/** The stored identity, made at first use. Where nothing can be stored (private mode), one for this page. */
export async function loadIdentity(subtle: Subtle): Promise<KeyPair> {
  try {
    const stored = await get<KeyPair>(IDENTITY)
    if (stored !== undefined) return stored
    const made = await generateKeyPair(subtle)
    // Two tabs may get here at once; the first to write wins, and both use its key.
    let kept = made
    await update<KeyPair>(IDENTITY, (old) => (kept = old ?? made))
    return kept
  } catch {
    // reason: IndexedDB is forbidden or full; a session without a lasting identity still talks.
    return generateKeyPair(subtle)
  }
}
