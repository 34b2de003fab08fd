// The seam to everything that is needed only when a link is not up at once: other connections, relays,
// the traversal ladder. What is behind it is loaded when it is wanted first; this file has types only.
import type { Bytes, PeerId, Signal } from '@knothole/wire'
import type { RtcEvent } from '../ports/index.ts'
import type { Carrier } from './carrier.ts'
import type { IceOutput } from './ice-carrier.ts'
import type { Hindrance, Path } from './room-state.ts'

/** By whom a relayed packet travels: the rendezvous, or a member. */
export type RelayVia = PeerId | 'rendezvous'

/** How a link is doing, as far as its detours need to know. */
export interface LinkSituation {
  /** Since when no carrier works; undefined while one does. */
  readonly downSinceMs: number | undefined
  /** The path in use. */
  readonly path: Path | undefined
}

export type DetourInput =
  /** A signal of a connection other than the standing one, or a note. */
  | { readonly type: 'signal'; readonly signal: Signal }
  /** Word of a connection that the detours opened. */
  | { readonly type: 'rtc'; readonly connection: number; readonly event: RtcEvent }
  /** A packet that was sealed for us came by a relay. */
  | { readonly type: 'relayed'; readonly via: RelayVia; readonly plain: Bytes }
  /** A relay threw a packet away, or cannot be reached: it wants a pause. */
  | { readonly type: 'relay-full'; readonly via: RelayVia; readonly waitMs: number }
  /** This computer's network changed, or signalling came back. */
  | { readonly type: 'network-changed' }

export type DetourOutput =
  | Extract<IceOutput, { type: 'signal' | 'rtc-open' | 'rtc' | 'rtc-close' | 'packet' }>
  /** Seal a packet for the peer and hand it to a relay. */
  | { readonly type: 'seal-relayed'; readonly via: RelayVia; readonly plain: Bytes }
  /** Hold the stream back for a while. */
  | { readonly type: 'hold'; readonly untilMs: number }
  /** Something about the carriers changed. */
  | { readonly type: 'changed' }

/** The detours of one link. */
export interface LinkDetours {
  readonly carriers: readonly Carrier[]
  /** Why the path is not direct; undefined when it is, or nobody knows. */
  readonly hindrance: Hindrance | undefined
  owns(connection: number): boolean
  /** The link is doing differently. */
  update(situation: LinkSituation, nowMs: number): void
  handle(input: DetourInput, nowMs: number): void
  tick(nowMs: number): void
  deadlineMs(): number | undefined
  poll(): DetourOutput | undefined
  /** Closes what is open, for good. */
  close(): void
}
