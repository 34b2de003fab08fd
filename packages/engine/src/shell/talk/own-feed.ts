// The feed that this page writes: named by our identity and a nonce of this page's own, so that no other
// page of ours, and no copy of this one, ever writes into it.
import { FEED_NONCE_BYTES, feedIdOf, feedNameBytes } from '@knothole/wire'
import type { Bytes } from '@knothole/wire'
import type { OwnFeed } from '../../core/index.ts'
import type { RandomBytes, Subtle } from '../../ports/index.ts'

export async function newOwnFeed(
  crypto: { readonly subtle: Subtle; readonly randomBytes: RandomBytes },
  logId: Bytes,
  author: Bytes,
): Promise<OwnFeed> {
  const name = { author, nonce: crypto.randomBytes(FEED_NONCE_BYTES) }
  const hash = await crypto.subtle.digest('SHA-256', feedNameBytes(logId, name))
  return { id: feedIdOf(new Uint8Array(hash)), name }
}
