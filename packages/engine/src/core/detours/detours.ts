// The seam to everything that is needed only when a link is not up at once: other connections, relays,
// the traversal ladder. What is behind it is loaded when it is wanted first; this file has types only.
import type { Diagnosis } from '@knothole/traversal/ladder'
import type {
  Bytes,
  Card,
  ClientFrame,
  IceServers,
  PeerId,
  RelayTalk,
  ServerFrame,
  Signal,
  TalkFrame,
} from '@knothole/wire'
import type { RtcEvent } from '../../ports/index.ts'
import type { Carrier } from '../link/carrier.ts'
import type { ClimbCommand, ClimbEvent } from './climb.ts'
import type { IceOptions, IceOutput } from '../link/ice-carrier.ts'
import type { FaultCode, Hindrance, LinkState, LinkStatus, Path } from '../room-state.ts'

/** By whom a relayed packet travels: the rendezvous, or a member. */
export type RelayVia = PeerId | 'rendezvous'

/** For whom a packet is sealed between two peers: a relay, or whoever carries signals. */
export type SealedVia = RelayVia | 'carried'

/** What is said to a member beside the conversation. */
export type MemberTalk = RelayTalk | Extract<TalkFrame, { type: 'between' }>

/** How a link is doing, as far as its detours need to know. */
export interface LinkSituation {
  /** Since when no carrier works; undefined while one does. */
  readonly downSinceMs: number | undefined
  /** The path in use. */
  readonly path: Path | undefined
  /** How the standing connection is doing. */
  readonly standing: LinkState
}

export type LinkDetourInput =
  /** A signal of a connection other than the standing one, or a note. */
  | { readonly type: 'signal'; readonly signal: Signal }
  /** Word of a connection that the detours opened. */
  | { readonly type: 'rtc'; readonly connection: number; readonly event: RtcEvent }
  /** Word of an attempt of the ladder. */
  | { readonly type: 'climb'; readonly event: ClimbEvent }
  /** The rendezvous no longer has the peer: it relays nothing to it. */
  | { readonly type: 'absent' }
  /** This computer's network changed, or signalling came back. */
  | { readonly type: 'network-changed' }

export type LinkDetourOutput =
  | Extract<IceOutput, { type: 'signal' | 'rtc-open' | 'rtc' | 'rtc-close' | 'packet' }>
  /** Seal a packet for the peer and hand it to a relay. */
  | { readonly type: 'seal-relayed'; readonly via: RelayVia; readonly plain: Bytes }
  /** Have an attempt made. */
  | { readonly type: 'climb'; readonly command: ClimbCommand }
  /** Hold the stream back for a while. */
  | { readonly type: 'hold'; readonly untilMs: number }
  /** Something about the carriers changed. */
  | { readonly type: 'changed' }

/** The detours of one link. */
export interface LinkDetours {
  readonly carriers: readonly Carrier[]
  /** Why the path is not direct; undefined when it is, or nobody knows. */
  readonly hindrance: Hindrance | undefined
  /** The same with its cause and what would help; undefined where the runtime cannot climb. */
  readonly diagnosis: Diagnosis | undefined
  owns(connection: number): boolean
  /** The link is doing differently. */
  update(situation: LinkSituation, nowMs: number): void
  handle(input: LinkDetourInput, nowMs: number): void
  tick(nowMs: number): void
  deadlineMs(): number | undefined
  poll(): LinkDetourOutput | undefined
  /** Closes what is open, for good. */
  close(nowMs: number): void
}

/** What a member's link can do for others, and what its card says. */
export interface Member {
  readonly peer: PeerId
  readonly card: Card
  readonly link: LinkStatus
  /** Whether the rendezvous has them in the room. */
  readonly present: boolean
}

/** The session, as those see it who bring members together. */
export interface BetweenHost {
  /** When the rendezvous was heard last. */
  readonly heardServerMs: number
  /** Asks the rendezvous for a sign of life. */
  probe(nowMs: number): void
  /** Whether we want to meet somebody of whom members tell. */
  meets(peer: PeerId): boolean
  /** A card as its peer sealed it. */
  sealedCard(peer: PeerId): Bytes | undefined
  /** Members brought a card: of somebody new, or a new one. */
  introduce(peer: PeerId, card: Bytes): void
  /** Members say that they are linked with these, and no others. */
  vouch(peers: ReadonlySet<PeerId>, nowMs: number): void
  /** Signals can be carried to a peer: its link is repaired now. */
  reach(peer: PeerId, nowMs: number): void
  /** A signal came by members. */
  deliver(from: PeerId, sealed: Bytes): void
}

/** The session, as its detours see it. */
export interface DetourHost {
  readonly me: PeerId
  readonly card: Card
  /** Numbers in [0, 1). */
  readonly random: () => number
  /** Whether the rendezvous takes frames now. */
  readonly isOnline: boolean
  /** Our address as the rendezvous sees it. */
  readonly publicAddress: string | undefined
  /** TURN servers, while their credential lasts. */
  readonly iceServers: IceServers | undefined
  readonly members: readonly Member[]
  member(peer: PeerId): Member | undefined
  /** Sends to the rendezvous; answers whether it did. */
  serve(frame: ClientFrame): boolean
  /** Sends to a member, over its link; answers whether that took it. */
  tell(peer: PeerId, frame: MemberTalk, nowMs: number): boolean
  /** Puts a packet for another on a member's connection; answers whether it could. */
  pass(peer: PeerId, channel: number, body: Bytes): boolean
  /** Has a packet sealed for a peer; comes back as `sealed`. */
  seal(peer: PeerId, via: SealedVia, plain: Bytes): void
  /** Has a packet of a relay opened; comes back as `opened` or `refused`. */
  open(peer: PeerId, via: SealedVia, sealed: Bytes): void
  readonly between: BetweenHost
  fault(code: FaultCode, peer: PeerId): void
}

/** What the detours of a whole session are told. */
export type DetoursInput =
  | {
      readonly type: 'server'
      readonly frame: Extract<ServerFrame, { type: 'relay' | 'relay-full' | 'probed' }>
    }
  | { readonly type: 'member'; readonly peer: PeerId; readonly frame: RelayTalk }
  /** A packet that a member wants passed on, or passes on to us. */
  | {
      readonly type: 'passing'
      readonly peer: PeerId
      readonly channel: number
      readonly body: Bytes
    }
  | {
      readonly type: 'sealed'
      readonly peer: PeerId
      readonly via: SealedVia
      readonly sealed: Bytes
    }
  | {
      readonly type: 'opened'
      readonly peer: PeerId
      readonly via: SealedVia
      readonly plain: Bytes
    }
  | { readonly type: 'refused'; readonly peer: PeerId }
  | { readonly type: 'network-changed' }
  /** A card says something new, somebody's or ours. */
  | { readonly type: 'cards-changed' }
  /** Somebody is gone; for good when they said so. */
  | { readonly type: 'gone'; readonly peer: PeerId; readonly isParted: boolean }
  /** A frame of a member about bringing others together. */
  | { readonly type: 'between'; readonly peer: PeerId; readonly data: Bytes }
  /** A sealed signal of ours. `isServed`: the rendezvous took it, for somebody it has. */
  | {
      readonly type: 'signal'
      readonly to: PeerId
      readonly sealed: Bytes
      readonly isServed: boolean
    }
  /** Our card, sealed anew. */
  | { readonly type: 'own-card'; readonly card: Bytes }
  /** A link came or went, or the rendezvous. */
  | { readonly type: 'links-changed' }

/** The detours of a session: relays know of all links. */
export interface Detours {
  openLink(peer: PeerId, options: IceOptions, nowMs: number): LinkDetours
  handle(input: DetoursInput, nowMs: number): void
  /** Whether a linked member says that it is linked with a peer. */
  reaches(peer: PeerId): boolean
  tick(nowMs: number): void
  deadlineMs(): number | undefined
}

/** Makes the detours of a session, once their code is there. */
export type OpenDetours = (host: DetourHost, nowMs: number) => Detours
