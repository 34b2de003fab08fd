// What a room looks like from outside the engine: its state, its messages and what can go wrong.
// A page draws these and nothing else.
import type { Diagnosis } from '@knothole/traversal/ladder'
import type { IceServers, MemberId, Observed, PeerId, RefusalCode, RoomId } from '@knothole/wire'

/** How a link's bytes travel now. */
export type Path =
  | 'lan'
  | 'direct'
  | 'predicted'
  | 'birthday'
  | 'member-relay'
  | 'turn'
  | 'ws-relay'

/**
 * `connecting`: first attempt under way. `connected`: bytes flow. `reconnecting`: they did, and the
 * path is being repaired. `unreachable`: no path was found in time; attempts go on, more slowly.
 * `through`: none, in a large room: what they say comes by way of others.
 */
export type LinkState = 'connecting' | 'connected' | 'reconnecting' | 'unreachable' | 'through'

/**
 * Why a link is not direct. `trying`: it may still become so. `hiding`: we hide our address.
 * `they-hide`: they hide theirs. `no-path`: no direct path was found; attempts go on.
 */
export type Hindrance = 'trying' | 'hiding' | 'they-hide' | 'no-path'

/** The live connection to one peer. `path` and `rttMs` are known while connected. */
export interface LinkStatus {
  readonly state: LinkState
  readonly path?: Path | undefined
  /** Who passes the packets on, where somebody does and it is not a TURN server; through whom word of them came last. */
  readonly via?: PeerId | 'rendezvous' | undefined
  /** Why the path is not direct; absent where it is. */
  readonly hindrance?: Hindrance | undefined
  /** The same with its cause and what would help, where both sides' networks are known. */
  readonly diagnosis?: Diagnosis | undefined
  /** Smoothed round-trip time over the link, in ms. */
  readonly rttMs?: number | undefined
  readonly bytesSent: number
  readonly bytesReceived: number
  /** When this state began, in ms since 1970 by the local clock. */
  readonly sinceMs: number
}

/** Another running client in the room. Two of them can be one member: the same browser twice. */
export interface Person {
  readonly peer: PeerId
  readonly member: MemberId
  readonly name: string
  readonly device: 'desktop' | 'phone' | 'node'
  /** The same identity as ours, in another window or tab. */
  readonly isMe: boolean
  /** Whether the rendezvous has them in the room now; a link can live without. */
  readonly present: boolean
  readonly typing: boolean
  readonly link: LinkStatus
}

/**
 * `connecting`: first time. `online`: newcomers can find us. `reconnecting`: lost, will retry by
 * itself. `refused`: it said no, for the reason in `refusal`, and it will not be asked again.
 */
export interface RendezvousStatus {
  readonly state: 'connecting' | 'online' | 'reconnecting' | 'refused'
  readonly refusal?: RefusalCode | undefined
  /** When the next attempt is due, in ms since 1970, while reconnecting. */
  readonly retryAtMs?: number | undefined
  /** Our own public address and port as it sees them. */
  readonly observed?: Observed | undefined
}

/** Everything a page shows of a room but its messages. */
export interface RoomState {
  readonly room: RoomId
  /** The whole link, secret included: for sharing, never for a log. */
  readonly link: string
  readonly me: { readonly peer: PeerId; readonly member: MemberId; readonly name: string }
  readonly rendezvous: RendezvousStatus
  readonly people: readonly Person[]
  /** Most people the room takes, and when it ends unless used; known once admitted. */
  readonly capacity?: number | undefined
  readonly expiresAtMs?: number | undefined
  /** Our own NAT report as our card carries it, once it is measured and unless we hide. */
  readonly nat?: string | undefined
  /** TURN servers and the credential we were given for them, where there are any. For no log. */
  readonly relays?: IceServers | undefined
}

/** Why something a peer or the rendezvous sent was refused. */
export type FaultCode =
  | 'card-forged'
  | 'signal-forged'
  | 'signal-replayed'
  | 'signal-unexpected'
  | 'identity-changed'
  | 'frame-malformed'
  | 'frame-flood'
  | 'relay-forged'
  | 'entry-refused'

/** Something refused, in words fit for a person. `peer` when it came in a peer's name. */
export interface Fault {
  readonly code: FaultCode
  readonly peer?: PeerId | undefined
}
