// What is sealed for the room and signed by an identity: cards and signals. This file knows their
// bytes and what is signed and authenticated; the cryptography itself is the engine's.
import * as v from 'valibot'
import type { Bytes } from './bytes.ts'
import { decodeCbor, encodeCbor } from './cbor.ts'
import type { Decoded } from './cbor.ts'
import type { PeerId, RoomId } from './ids.ts'
import { MAX_SIGNAL_BYTES, PROTOCOL_VERSION } from './limits.ts'
import { KEY_BYTES, SIGNATURE_BYTES } from './rendezvous-frames.ts'
import { bytes, bytesUpTo } from './schemas.ts'

/** What a sealed message is for; part of what is signed, so that one can never pass for another. */
export type Purpose = 'card' | 'signal' | 'paper'

/** The circumstances a sealed message is valid in. `to` is absent for cards and for an offer to anyone. */
export interface Envelope {
  readonly purpose: Purpose
  readonly room: RoomId
  readonly from: PeerId
  readonly to?: PeerId | undefined
}

/** The plaintext under the seal: a payload and the identity that signs it. */
export interface Signed {
  readonly identity: Bytes
  readonly signature: Bytes
  readonly payload: Bytes
}

/** AES-GCM's nonce, first in the sealed bytes. */
export const SEAL_NONCE_BYTES = 12

/** Nonce, AES-GCM tag, identity, signature and framing around a payload; an upper bound. */
export const SEAL_OVERHEAD_BYTES = 192

const signed = v.object({
  identity: bytes(KEY_BYTES),
  signature: bytes(SIGNATURE_BYTES),
  payload: bytesUpTo(MAX_SIGNAL_BYTES),
})

/** The bytes AES-GCM authenticates beside the ciphertext. */
export function envelopeBytes(envelope: Envelope): Bytes {
  const { purpose, room, from, to } = envelope
  return encodeCbor([`knothole ${purpose}`, PROTOCOL_VERSION, room, from, to ?? null])
}

/** The bytes an identity signs: the envelope and the payload. */
export function signedBytes(envelope: Envelope, payload: Uint8Array): Bytes {
  return encodeCbor([envelopeBytes(envelope), payload])
}

export function encodeSigned(value: Signed): Bytes {
  return encodeCbor(value)
}

export function decodeSigned(data: Uint8Array): Decoded<Signed> {
  return decodeCbor(data, signed, MAX_SIGNAL_BYTES)
}

/** One direction of the relayed packets between two peers, by their ids and their relay keys. */
export interface RelayDirection {
  readonly room: RoomId
  readonly from: PeerId
  readonly to: PeerId
  readonly fromKey: Uint8Array
  readonly toKey: Uint8Array
}

/** The bytes from which, with the peers' shared secret, the key of one direction of relayed packets comes. */
export function relayBytes({ room, from, to, fromKey, toKey }: RelayDirection): Bytes {
  return encodeCbor(['knothole relay', PROTOCOL_VERSION, room, from, to, fromKey, toKey])
}

/** The bytes the admission and session keys sign when a peer joins. */
export function joinBytes(join: {
  readonly room: RoomId
  readonly nonce: Uint8Array
  readonly session: Uint8Array
  readonly card: Uint8Array
  readonly offer?: Uint8Array | undefined
}): Bytes {
  const { room, nonce, session, card, offer } = join
  return encodeCbor(['knothole join', PROTOCOL_VERSION, room, nonce, session, card, offer ?? null])
}
