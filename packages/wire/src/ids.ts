// Identifiers, branded so that one cannot be passed for another. All travel as base64url text.
import { decodeBase64url, encodeBase64url } from './bytes.ts'

declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }

/** A room at a rendezvous: 128 random bits made by the server. */
export type RoomId = Branded<'RoomId'>

/** One running client in one room, for as long as its page lives: the hash of its session key. */
export type PeerId = Branded<'PeerId'>

/** An identity: the hash of its public key. The rendezvous never sees it. */
export type MemberId = Branded<'MemberId'>

/** Bytes in every identifier: 128 bits, beyond guessing and beyond accidental collision. */
export const ID_BYTES = 16

/** Characters of an identifier's text. */
export const ID_LENGTH = 22

/** Whether a text is the base64url form of an identifier. */
export function isId(text: string): boolean {
  return text.length === ID_LENGTH && decodeBase64url(text) !== undefined
}

/** The room id in a text, if it is one. */
export function parseRoomId(text: string): RoomId | undefined {
  return isId(text) ? (text as RoomId) : undefined
}

/** The peer id in a text, if it is one. */
export function parsePeerId(text: string): PeerId | undefined {
  return isId(text) ? (text as PeerId) : undefined
}

/** A room id from the server's random bytes. @throws RangeError when they are not 16. */
export function roomIdOf(random: Uint8Array): RoomId {
  if (random.length !== ID_BYTES)
    throw new RangeError(`a room id is ${ID_BYTES} bytes, not ${random.length}`)
  return encodeBase64url(random) as RoomId
}

/** The peer id of a session key's SHA-256 hash. */
export function peerIdOf(sessionKeyHash: Uint8Array): PeerId {
  return encodeBase64url(sessionKeyHash.subarray(0, ID_BYTES)) as PeerId
}

/** The member id of an identity key's SHA-256 hash. */
export function memberIdOf(identityKeyHash: Uint8Array): MemberId {
  return encodeBase64url(identityKeyHash.subarray(0, ID_BYTES)) as MemberId
}
