// The card: what a peer says of itself, sealed for the room and signed by its identity.
import * as v from 'valibot'
import type { Bytes } from './bytes.ts'
import { decodeCbor, encodeCbor } from './cbor.ts'
import type { Decoded } from './cbor.ts'
import { MAX_CARD_BYTES, MAX_NAME_LENGTH } from './limits.ts'
import { textUpTo } from './schemas.ts'

/** Unknown fields are ignored, so that a newer peer may say more. */
export interface Card {
  readonly name: string
  readonly device: 'desktop' | 'phone' | 'node'
}

const card = v.object({
  name: textUpTo(MAX_NAME_LENGTH),
  device: v.picklist(['desktop', 'phone', 'node']),
})

export function encodeCard(value: Card): Bytes {
  return encodeCbor(value)
}

export function decodeCard(data: Uint8Array): Decoded<Card> {
  return decodeCbor(data, card, MAX_CARD_BYTES)
}
