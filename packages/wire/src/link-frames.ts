// Frames between two peers: those of the conversation, which the stream of a link carries, and the
// pulse of each carrier (unordered, no retransmission), which tells whether it is alive.
import * as v from 'valibot'
import type { Bytes } from './bytes.ts'
import { decodeCbor, encodeCbor } from './cbor.ts'
import type { Decoded } from './cbor.ts'
import {
  MAX_BETWEEN_BYTES,
  MAX_LINK_FRAME_BYTES,
  MAX_LOG_FRAME_BYTES,
  MAX_MESH_BYTES,
  MAX_NAME_LENGTH,
  MAX_PULSE_BYTES,
} from './limits.ts'
import type { PeerId } from './ids.ts'
import { bytesUpTo, count, peerId, textUpTo } from './schemas.ts'

/** Frames of the conversation. What is said is in the log. */
export type TalkFrame =
  | { readonly type: 'typing'; readonly active: boolean }
  | { readonly type: 'name'; readonly name: string }
  | { readonly type: 'bye' }
  /** About the log: see log-frames. */
  | { readonly type: 'log'; readonly data: Bytes }
  /** About bringing others together: see between-frames. */
  | { readonly type: 'between'; readonly data: Bytes }
  /** About the mesh of a large room: see mesh-frames. */
  | { readonly type: 'mesh'; readonly data: Bytes }
  | RelayTalk

/** Frames by which members agree that one passes sealed packets on between two others. */
export type RelayTalk =
  /** Pass packets on between us and this peer, if it asks you too. */
  | { readonly type: 'relay-ask'; readonly peer: PeerId }
  /** We do, under this number. `rttMs` is that of our link to the peer, `load` how many such we have. */
  | {
      readonly type: 'relay-ready'
      readonly peer: PeerId
      readonly channel: number
      readonly rttMs: number
      readonly load: number
    }
  /** We do not, or no longer; or we need it no more. */
  | { readonly type: 'relay-end'; readonly peer: PeerId }
  /** A packet for this peer was dropped: hold the next for so long. */
  | { readonly type: 'relay-full'; readonly peer: PeerId; readonly waitMs: number }

/** Frames of a carrier's `pulse`. A pong repeats the ping's number. */
export interface PulseFrame {
  readonly type: 'ping' | 'pong'
  readonly number: number
  /** The sender sends the link's frames on this carrier now. */
  readonly using?: boolean | undefined
  /** Zeros that make a ping large, to see whether the path brings large packets. */
  readonly pad?: Bytes | undefined
}

const talkFrame = v.variant('type', [
  v.object({ type: v.literal('typing'), active: v.boolean() }),
  v.object({ type: v.literal('name'), name: textUpTo(MAX_NAME_LENGTH) }),
  v.object({ type: v.literal('bye') }),
  v.object({ type: v.literal('log'), data: bytesUpTo(MAX_LOG_FRAME_BYTES) }),
  v.object({ type: v.literal('between'), data: bytesUpTo(MAX_BETWEEN_BYTES) }),
  v.object({ type: v.literal('mesh'), data: bytesUpTo(MAX_MESH_BYTES) }),
  v.object({ type: v.literal('relay-ask'), peer: peerId }),
  v.object({
    type: v.literal('relay-ready'),
    peer: peerId,
    channel: count,
    rttMs: count,
    load: count,
  }),
  v.object({ type: v.literal('relay-end'), peer: peerId }),
  v.object({ type: v.literal('relay-full'), peer: peerId, waitMs: count }),
])

const pulseFrame = v.object({
  type: v.picklist(['ping', 'pong']),
  number: count,
  using: v.optional(v.boolean()),
  pad: v.optional(bytesUpTo(MAX_PULSE_BYTES)),
})

export function encodeTalkFrame(frame: TalkFrame): Bytes {
  return encodeCbor(frame)
}

export function decodeTalkFrame(data: Uint8Array): Decoded<TalkFrame> {
  return decodeCbor(data, talkFrame, MAX_LINK_FRAME_BYTES)
}

export function encodePulseFrame(frame: PulseFrame): Bytes {
  return encodeCbor(frame)
}

export function decodePulseFrame(data: Uint8Array): Decoded<PulseFrame> {
  return decodeCbor(data, pulseFrame, MAX_PULSE_BYTES)
}
