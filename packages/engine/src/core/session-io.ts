// What goes into the session and what comes out of it.
import type {
  Bytes,
  Card,
  ClientFrame,
  FeedId,
  FeedName,
  MemberId,
  PeerId,
  RoomId,
  Signal,
} from '@knothole/wire'
import type { RtcCommand, RtcEvent, RtcOptions } from '../ports/index.ts'
import type { BulkInput, BulkOutput, OpenBulk } from './bulk/bulk.ts'
import type { ClimbCommand, ClimbEvent } from './detours/climb.ts'
import type { DetoursInput, OpenDetours, SealedVia } from './detours/detours.ts'
import type { OpenMesh } from './mesh/seat.ts'
import type { Meeting } from './link/ice-carrier.ts'
import type { SocketInput } from './rendezvous/rendezvous-client.ts'
import type { Fault } from './room-state.ts'
import type { SeatInput } from './people/talk-seat.ts'
import type { TalkEffect } from './talk/talk-io.ts'

export interface SessionOptions {
  readonly room: RoomId
  readonly link: string
  readonly card: Card
  /** We just made the room: nobody can be there to take a ready-made offer. */
  readonly roomIsNew: boolean
  /** At how many rendezvous the room is; one if absent. */
  readonly places?: number | undefined
  /** Numbers in [0, 1), for jitter. */
  readonly random: () => number
}

/** The feed that this page writes. */
export interface OwnFeed {
  readonly id: FeedId
  readonly name: FeedName
}

/** Who we are in this room. */
export interface Me {
  readonly peer: PeerId
  readonly member: MemberId
  readonly feed: OwnFeed
  /** Our half of the keys of relayed packets; none where the platform has no X25519. */
  readonly relayKey?: Bytes | undefined
}

/** What a paper says of somebody, and how to reach them. */
export interface Met extends Meeting {
  readonly peer: PeerId
  readonly member: MemberId
  readonly card: Card
}

/** What the session is told. */
export type SessionInput =
  | SocketInput
  | { readonly type: 'bulk'; readonly input: BulkInput }
  | { readonly type: 'talk'; readonly input: SeatInput }
  | { readonly type: 'typing'; readonly active: boolean }
  | { readonly type: 'rename'; readonly name: string }
  | { readonly type: 'leave' }
  | { readonly type: 'card-sealed'; readonly card: Bytes }
  | { readonly type: 'signal-sealed'; readonly to: PeerId; readonly sealed: Bytes }
  | {
      readonly type: 'card-opened'
      readonly peer: PeerId
      readonly member: MemberId
      readonly card: Card
    }
  | { readonly type: 'card-refused'; readonly peer: PeerId }
  | {
      readonly type: 'signal-opened'
      readonly peer: PeerId
      readonly member: MemberId
      readonly signal: Signal
      /** Members brought it. */
      readonly isCarried?: boolean | undefined
    }
  | { readonly type: 'signal-refused'; readonly peer: PeerId }
  | { readonly type: 'rtc'; readonly connection: number; readonly event: RtcEvent }
  /** Somebody is invited on paper: a connection makes an offer, for nobody yet. */
  | { readonly type: 'paper-wanted' }
  | ({ readonly type: 'met' } & Met)
  /** Our NAT report, for the card. */
  | { readonly type: 'nat-measured'; readonly nat: string }
  /** The network of this computer is another. */
  | { readonly type: 'network-changed' }
  /** The code of the detours is there. */
  | {
      readonly type: 'detours-loaded'
      readonly open: OpenDetours
      readonly openBulk: OpenBulk
      readonly openMesh: OpenMesh
    }
  /** It could not be had. */
  | { readonly type: 'detours-missing' }
  /** What came of sealing and opening for a relay. */
  | { readonly type: 'detours'; readonly input: DetoursInput }
  /** Word of an attempt of a link's ladder. */
  | { readonly type: 'climb'; readonly peer: PeerId; readonly event: ClimbEvent }

/** What the session wants done. Effects named `seal-…` and `open-…` must be done in order. */
export type SessionOutput =
  /** `place` counts the rendezvous of the room; absent, it is the first. */
  | { readonly type: 'open-socket'; readonly socket: number; readonly place?: number | undefined }
  | { readonly type: 'close-socket'; readonly socket: number }
  /** Ask the rendezvous whether it can be reached; `knock-answered` if so. */
  | { readonly type: 'knock'; readonly place?: number | undefined }
  | { readonly type: 'send'; readonly socket: number; readonly frame: ClientFrame }
  /** Seal the card and, from connection `offer`, a first offer to anyone; sign; send the join. */
  | {
      readonly type: 'join'
      readonly socket: number
      readonly nonce: Bytes
      readonly card: Card
      readonly offer: number | undefined
    }
  | { readonly type: 'seal-card'; readonly card: Card }
  | { readonly type: 'seal-signal'; readonly to: PeerId; readonly signal: Signal }
  | { readonly type: 'open-card'; readonly peer: PeerId; readonly sealed: Bytes }
  | {
      readonly type: 'open-signal'
      readonly peer: PeerId
      readonly sealed: Bytes
      readonly toAnyone: boolean
      /** Members brought it, which its `signal-opened` says too. */
      readonly isCarried?: boolean | undefined
    }
  | {
      readonly type: 'rtc-open'
      readonly connection: number
      readonly options: RtcOptions | undefined
    }
  | { readonly type: 'rtc'; readonly connection: number; readonly command: RtcCommand }
  | { readonly type: 'rtc-close'; readonly connection: number }
  /** Load the code of the detours. */
  | { readonly type: 'load-detours' }
  /** Seal a packet with the keys that `key` and ours give, or open one. */
  | {
      readonly type: 'seal-relayed'
      readonly peer: PeerId
      readonly key: Bytes
      readonly via: SealedVia
      readonly plain: Bytes
    }
  | {
      readonly type: 'open-relayed'
      readonly peer: PeerId
      readonly key: Bytes
      readonly via: SealedVia
      readonly sealed: Bytes
    }
  | { readonly type: 'climb'; readonly peer: PeerId; readonly command: ClimbCommand }
  | { readonly type: 'bulk'; readonly out: BulkOutput }
  | { readonly type: 'talk'; readonly out: TalkEffect }
  | { readonly type: 'changed' }
  /** A frame of the log, on the link to this member, while the code of the log is not there. */
  | {
      readonly type: 'overheard'
      readonly member: MemberId
      readonly name: string
      readonly data: Bytes
    }
  | { readonly type: 'fault'; readonly fault: Fault }
