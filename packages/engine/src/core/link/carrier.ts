// A carrier: one way for the packets of a link. Several can be at work for one link; the link chooses
// the one that carries its stream. This file names what all have in common.
import type { Bytes, PeerId } from '@knothole/wire'
import type { ChannelName } from '../../ports/index.ts'
import type { Path } from '../room-state.ts'
import type { CarrierKind } from '../stream/stream.ts'
import type { Width } from './width-probe.ts'

export interface Carrier {
  readonly kind: CarrierKind
  /** Whether packets can be put on it; they may wait there for a repair. */
  readonly open: boolean
  /** Whether packets pass now, as far as is known. */
  readonly usable: boolean
  /** How it goes; undefined while that is not known. */
  readonly path: Path | undefined
  /** Who passes the packets on, where it is not a TURN server. */
  readonly via?: PeerId | 'rendezvous' | undefined
  /** Smoothed round-trip time, in ms. */
  readonly rttMs: number | undefined
  /** Whether the other side said last that it sends the link's packets here. */
  readonly theirs: boolean
  /** Whether it brings large packets too; absent where that is no question. */
  readonly width?: Width | undefined
  /** There is reason to find out. */
  doubt?(nowMs: number): void
  /** Asks how long the path takes there and back; answers the shortest of the last few, in ms. */
  measure?(nowMs: number): number | undefined
  send(channel: ChannelName, packet: Bytes): void
  /** Tells the other side whether we send the link's packets here. */
  use(isUsed: boolean, nowMs: number): void
}

/** Paths from best to worst. */
export const PATH_ORDER: readonly Path[] = [
  'lan',
  'direct',
  'predicted',
  'birthday',
  'member-relay',
  'turn',
  'ws-relay',
]

/** Place of a path in the order; one that is not known yet counts as direct. */
export function rankOf(path: Path | undefined): number {
  return PATH_ORDER.indexOf(path ?? 'direct')
}
