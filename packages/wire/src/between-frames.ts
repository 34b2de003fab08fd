// Frames by which members bring others together: whom each is linked with, the cards of those, and
// sealed signals that go from hand to hand. They travel inside the talk frame `between`. Opens no seal.
import * as v from 'valibot'
import type { Bytes } from './bytes.ts'
import { decodeCbor, encodeCbor } from './cbor.ts'
import type { Decoded } from './cbor.ts'
import type { PeerId } from './ids.ts'
import {
  MAX_BETWEEN_BYTES,
  MAX_CARD_BYTES,
  MAX_CARRIED_BYTES,
  MAX_HOPS,
  MAX_TOLD_LINKS,
} from './limits.ts'
import { bytesUpTo, peerId } from './schemas.ts'

export type BetweenFrame =
  /** I am linked with these; takes the place of what I said before. */
  | { readonly type: 'links'; readonly peers: readonly PeerId[] }
  /** Send me this peer's card. */
  | { readonly type: 'want-card'; readonly peer: PeerId }
  /** A card, sealed and signed by its peer. */
  | { readonly type: 'card'; readonly peer: PeerId; readonly card: Bytes }
  /** A signal on its way: sealed between the two it is of. `hops` more hands may pass it on. */
  | {
      readonly type: 'carry'
      readonly from: PeerId
      readonly to: PeerId
      readonly hops: number
      readonly body: Bytes
    }

const betweenFrame = v.variant('type', [
  v.object({
    type: v.literal('links'),
    peers: v.pipe(v.array(peerId), v.maxLength(MAX_TOLD_LINKS)),
  }),
  v.object({ type: v.literal('want-card'), peer: peerId }),
  v.object({ type: v.literal('card'), peer: peerId, card: bytesUpTo(MAX_CARD_BYTES) }),
  v.object({
    type: v.literal('carry'),
    from: peerId,
    to: peerId,
    hops: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_HOPS)),
    body: bytesUpTo(MAX_CARRIED_BYTES),
  }),
])

export function encodeBetweenFrame(frame: BetweenFrame): Bytes {
  return encodeCbor(frame)
}

export function decodeBetweenFrame(data: Uint8Array): Decoded<BetweenFrame> {
  return decodeCbor(data, betweenFrame, MAX_BETWEEN_BYTES)
}
