// What peers of a partial mesh say to each other: to neighbours, inside the talk frame `mesh`, what goes
// from neighbour to neighbour until everyone has it; to others, inside a signal, whether to link.
import * as v from 'valibot'
import type { Bytes } from './bytes.ts'
import { decodeCbor, encodeCbor } from './cbor.ts'
import type { Decoded } from './cbor.ts'
import type { PeerId } from './ids.ts'
import { MAX_CARD_BYTES, MAX_MESH_BYTES, MAX_MESH_NOTE_BYTES, MAX_SUGGESTIONS } from './limits.ts'
import { bytesUpTo, count, peerId } from './schemas.ts'

/** A frame to a neighbour. `number` rises with each frame of `of`; whoever knows one passes it on once. */
export type MeshFrame =
  /** The peer with the least id that is heard of, so that parts of a mesh notice that they are parted. `links` is the neighbour's own. */
  | {
      readonly type: 'beat'
      readonly root: PeerId
      readonly number: number
      readonly links: number
    }
  /** We give this link up, and stay in the room. */
  | { readonly type: 'part' }
  /** Somebody is there whom the rendezvous may not know of. */
  | { readonly type: 'here'; readonly of: PeerId; readonly number: number }
  | {
      readonly type: 'typing'
      readonly of: PeerId
      readonly number: number
      readonly active: boolean
    }
  | { readonly type: 'bye'; readonly of: PeerId; readonly number: number }
  /** A new card, sealed and signed by its peer. */
  | { readonly type: 'card'; readonly of: PeerId; readonly card: Bytes }

/** What a signal of type `mesh` says. */
export type MeshNote =
  /** Offer me a link. `links` is how many the sender has; with `isUrgent` it needs this one to hold the mesh together. */
  | { readonly type: 'ask'; readonly links: number; readonly isUrgent: boolean }
  /** There is no link between us and will be none now. These may have room. */
  | { readonly type: 'no'; readonly others: readonly PeerId[] }

const meshFrame = v.variant('type', [
  v.object({ type: v.literal('beat'), root: peerId, number: count, links: count }),
  v.object({ type: v.literal('part') }),
  v.object({ type: v.literal('here'), of: peerId, number: count }),
  v.object({ type: v.literal('typing'), of: peerId, number: count, active: v.boolean() }),
  v.object({ type: v.literal('bye'), of: peerId, number: count }),
  v.object({ type: v.literal('card'), of: peerId, card: bytesUpTo(MAX_CARD_BYTES) }),
])

const meshNote = v.variant('type', [
  v.object({ type: v.literal('ask'), links: count, isUrgent: v.boolean() }),
  v.object({
    type: v.literal('no'),
    others: v.pipe(v.array(peerId), v.maxLength(MAX_SUGGESTIONS)),
  }),
])

export function encodeMeshFrame(frame: MeshFrame): Bytes {
  return encodeCbor(frame)
}

export function decodeMeshFrame(data: Uint8Array): Decoded<MeshFrame> {
  return decodeCbor(data, meshFrame, MAX_MESH_BYTES)
}

export function encodeMeshNote(note: MeshNote): Bytes {
  return encodeCbor(note)
}

export function decodeMeshNote(data: Uint8Array): Decoded<MeshNote> {
  return decodeCbor(data, meshNote, MAX_MESH_NOTE_BYTES)
}
