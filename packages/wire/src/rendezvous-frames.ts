// Frames between a peer and the rendezvous, one CBOR map per WebSocket message. The rendezvous sees
// these and nothing inside `card`, `sealed` or `offer`, which only holders of the link can open.
import * as v from 'valibot'
import type { Bytes } from './bytes.ts'
import { decodeCbor, encodeCbor } from './cbor.ts'
import type { Decoded } from './cbor.ts'
import type { PeerId } from './ids.ts'
import {
  MAX_CARDS_PER_FRAME,
  MAX_CARD_BYTES,
  MAX_CLIENT_FRAME_BYTES,
  MAX_ICE_TEXT_LENGTH,
  MAX_ICE_URLS,
  MAX_MESSAGE_LENGTH,
  MAX_RELAY_BYTES,
  MAX_ROOM_PEERS,
  MAX_SERVER_FRAME_BYTES,
  MAX_SIGNAL_BYTES,
} from './limits.ts'
import { bytes, bytesUpTo, count, observed, peerId, textUpTo } from './schemas.ts'

/** Where a peer's packets come from, as the rendezvous saw it. */
export interface Observed {
  readonly address: string
  readonly port: number
}

/** A row of the participant table, as members see it. */
export interface Participant {
  readonly peer: PeerId
  readonly card: Bytes
  /** Absent where the peer hides it. */
  readonly observed?: Observed | undefined
}

/** The first frame of a peer, which answers the challenge. */
export interface JoinFrame {
  readonly type: 'join'
  readonly version: number
  /** Public key of this page's session, Ed25519; its hash is the peer id. */
  readonly session: Bytes
  /** Sealed card. */
  readonly card: Bytes
  /** Sealed first offer for whichever member the rendezvous picks; saves a round trip. */
  readonly offer?: Bytes | undefined
  /** Members are not to be told where this peer's packets come from. */
  readonly hidden?: boolean | undefined
  /** Signature of the join transcript by the admission key: proof of holding the link. */
  readonly admission: Bytes
  /** Signature of the join transcript by the session key: nobody else can take this peer's place. */
  readonly proof: Bytes
}

/** What a peer sends. */
export type ClientFrame =
  | JoinFrame
  | { readonly type: 'signal'; readonly to: PeerId; readonly sealed: Bytes }
  | { readonly type: 'card'; readonly card: Bytes }
  | { readonly type: 'ping' }
  | { readonly type: 'leave' }
  /** Asks for credentials of the relays anew, before the last ones expire. */
  | { readonly type: 'ice-servers' }
  /** Bytes for another peer, opaque to the rendezvous: the way when no other path is left. */
  | { readonly type: 'relay'; readonly to: PeerId; readonly body: Bytes }
  /** Asks what the NAT lets in at a place our STUN service has just told this peer. */
  | ({ readonly type: 'probe' } & Observed)

/** Why the rendezvous refused something. */
export type RefusalCode = (typeof REFUSAL_CODES)[number]

export const REFUSAL_CODES = [
  'bad-frame',
  'too-large',
  'unsupported-version',
  'join-timeout',
  'room-not-found',
  'not-admitted',
  'room-full',
  'rate-limited',
  'unknown-peer',
  'replaced',
  'going-away',
] as const

/** TURN servers, and a credential of the TURN REST form that they all take. */
export interface IceServers {
  /** `turn:` and `turns:` URLs (RFC 7065), preferred first. */
  readonly urls: readonly string[]
  readonly username: string
  readonly credential: string
  /** When the credential ends, in ms since 1970. */
  readonly expiresAtMs: number
}

/** Whether a packet out of the blue came through: `untested` when the server cannot send such a one. */
export type ProbeVerdict = (typeof PROBE_VERDICTS)[number]

export const PROBE_VERDICTS = ['answered', 'silent', 'untested'] as const

/** What a newcomer is told once admitted. */
export interface WelcomeFrame {
  readonly type: 'welcome'
  readonly peer: PeerId
  readonly observed: Observed
  readonly participants: readonly Participant[]
  /** Others who are in: their cards follow, in frames of `people`. */
  readonly later?: readonly PeerId[] | undefined
  /** The member who was handed the ready-made offer. */
  readonly offeredTo?: PeerId | undefined
  /** When the room ends unless it is used, in ms since 1970. */
  readonly expiresAtMs: number
  /** Most peers this room takes. */
  readonly capacity: number
  /** Absent where no relay is offered. */
  readonly iceServers?: IceServers | undefined
}

/** What the filtering probe of a place gave (RFC 5780, section 4.4). */
export interface ProbedFrame extends Observed {
  readonly type: 'probed'
  /** From an address of the server that the peer has not sent to. */
  readonly otherAddress: ProbeVerdict
  /** From the address the peer has sent to, and a port it has not. */
  readonly otherPort: ProbeVerdict
}

/** What the rendezvous sends. */
export type ServerFrame =
  | { readonly type: 'challenge'; readonly version: number; readonly nonce: Bytes }
  | WelcomeFrame
  /** Cards of those whom a welcome only named. */
  | { readonly type: 'people'; readonly participants: readonly Participant[] }
  | { readonly type: 'joined'; readonly participant: Participant }
  | { readonly type: 'left'; readonly peer: PeerId }
  | { readonly type: 'card'; readonly peer: PeerId; readonly card: Bytes }
  | {
      readonly type: 'signal'
      readonly from: PeerId
      readonly sealed: Bytes
      /** Sealed for whoever got it first, not for one peer by name. */
      readonly toAnyone: boolean
    }
  | { readonly type: 'pong' }
  /** Without `iceServers` where no relay is offered. */
  | { readonly type: 'ice-servers'; readonly iceServers?: IceServers | undefined }
  | { readonly type: 'relay'; readonly from: PeerId; readonly body: Bytes }
  /** A relayed body to `to` was dropped; `waitMs` is how long to hold the next. */
  | { readonly type: 'relay-full'; readonly to: PeerId; readonly waitMs: number }
  | ProbedFrame
  | { readonly type: 'refused'; readonly code: RefusalCode; readonly message: string }

/** Bytes of an Ed25519 public key, of a challenge nonce, and of an Ed25519 signature. */
export const KEY_BYTES = 32
export const NONCE_BYTES = 32
export const SIGNATURE_BYTES = 64

const card = bytesUpTo(MAX_CARD_BYTES)
const sealed = bytesUpTo(MAX_SIGNAL_BYTES)
const participant = v.object({ peer: peerId, card, observed: v.optional(observed) })
const participants = v.pipe(v.array(participant), v.maxLength(MAX_CARDS_PER_FRAME))
const body = bytesUpTo(MAX_RELAY_BYTES)
const iceText = textUpTo(MAX_ICE_TEXT_LENGTH)
const iceServers = v.object({
  urls: v.pipe(v.array(iceText), v.maxLength(MAX_ICE_URLS)),
  username: iceText,
  credential: iceText,
  expiresAtMs: count,
})
const verdict = v.picklist(PROBE_VERDICTS)

const clientFrame = v.variant('type', [
  v.object({
    type: v.literal('join'),
    version: count,
    session: bytes(KEY_BYTES),
    card,
    offer: v.optional(sealed),
    hidden: v.optional(v.boolean()),
    admission: bytes(SIGNATURE_BYTES),
    proof: bytes(SIGNATURE_BYTES),
  }),
  v.object({ type: v.literal('signal'), to: peerId, sealed }),
  v.object({ type: v.literal('card'), card }),
  v.object({ type: v.literal('ping') }),
  v.object({ type: v.literal('leave') }),
  v.object({ type: v.literal('ice-servers') }),
  v.object({ type: v.literal('relay'), to: peerId, body }),
  v.object({ type: v.literal('probe'), ...observed.entries }),
])

const serverFrame = v.variant('type', [
  v.object({ type: v.literal('challenge'), version: count, nonce: bytes(NONCE_BYTES) }),
  v.object({
    type: v.literal('welcome'),
    peer: peerId,
    observed,
    participants,
    later: v.optional(v.pipe(v.array(peerId), v.maxLength(MAX_ROOM_PEERS))),
    offeredTo: v.optional(peerId),
    expiresAtMs: count,
    capacity: count,
    iceServers: v.optional(iceServers),
  }),
  v.object({ type: v.literal('people'), participants }),
  v.object({ type: v.literal('joined'), participant }),
  v.object({ type: v.literal('left'), peer: peerId }),
  v.object({ type: v.literal('card'), peer: peerId, card }),
  v.object({ type: v.literal('signal'), from: peerId, sealed, toAnyone: v.boolean() }),
  v.object({ type: v.literal('pong') }),
  v.object({ type: v.literal('ice-servers'), iceServers: v.optional(iceServers) }),
  v.object({ type: v.literal('relay'), from: peerId, body }),
  v.object({ type: v.literal('relay-full'), to: peerId, waitMs: count }),
  v.object({
    type: v.literal('probed'),
    ...observed.entries,
    otherAddress: verdict,
    otherPort: verdict,
  }),
  v.object({
    type: v.literal('refused'),
    code: v.picklist(REFUSAL_CODES),
    message: textUpTo(MAX_MESSAGE_LENGTH),
  }),
])

export function encodeClientFrame(frame: ClientFrame): Bytes {
  return encodeCbor(frame)
}

export function decodeClientFrame(data: Uint8Array): Decoded<ClientFrame> {
  return decodeCbor(data, clientFrame, MAX_CLIENT_FRAME_BYTES)
}

export function encodeServerFrame(frame: ServerFrame): Bytes {
  return encodeCbor(frame)
}

export function decodeServerFrame(data: Uint8Array): Decoded<ServerFrame> {
  return decodeCbor(data, serverFrame, MAX_SERVER_FRAME_BYTES)
}
