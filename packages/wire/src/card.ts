// The card: what a peer says of itself, sealed for the room and signed by its identity.
import * as v from 'valibot'
import type { Bytes } from './bytes.ts'
import { decodeCbor, encodeCbor } from './cbor.ts'
import type { Decoded } from './cbor.ts'
import { MAX_CARD_BYTES, MAX_NAME_LENGTH, MAX_NAT_LENGTH } from './limits.ts'
import { bytes, textUpTo } from './schemas.ts'

/** Bytes of an X25519 public key (RFC 7748). */
export const RELAY_KEY_BYTES = 32

/** Unknown fields are ignored, so that a newer peer may say more. */
export interface Card {
  readonly name: string
  readonly device: 'desktop' | 'phone' | 'node'
  /** X25519 public key of this page, from which the keys of relayed frames come (engine, E110). */
  readonly relayKey?: Bytes | undefined
  /** Whether this peer passes sealed frames on for two others. */
  readonly relays?: boolean | undefined
  /** What is known of its NAT, in the text form of @knothole/traversal. */
  readonly nat?: string | undefined
  /** Whether this peer hides its address, so that no direct path to it can be. */
  readonly hidden?: boolean | undefined
}

const card = v.object({
  name: textUpTo(MAX_NAME_LENGTH),
  device: v.picklist(['desktop', 'phone', 'node']),
  relayKey: v.optional(bytes(RELAY_KEY_BYTES)),
  relays: v.optional(v.boolean()),
  hidden: v.optional(v.boolean()),
  nat: v.optional(textUpTo(MAX_NAT_LENGTH)),
})

export function encodeCard(value: Card): Bytes {
  return encodeCbor(value)
}

export function decodeCard(data: Uint8Array): Decoded<Card> {
  return decodeCbor(data, card, MAX_CARD_BYTES)
}
