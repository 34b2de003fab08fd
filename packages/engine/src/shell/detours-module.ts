// The code of the detours as the shell loads it. Types only: who imports this loads nothing.
import type { PeerId } from '@knothole/wire'
import type { BulkInput, OpenBulk } from '../core/bulk/bulk.ts'
import type { ClimbCommand, ClimbEvent } from '../core/detours/climb.ts'
import type { OpenDetours } from '../core/detours/detours.ts'
import type { OpenMesh } from '../core/mesh/seat.ts'
import type { OpenRtc, Subtle } from '../ports/index.ts'
import type { RelaySealer, RelaySealerOptions } from './seals/relay-sealer.ts'
import type { IncomingBytes, RoomBytes } from './room-bytes.ts'

/** What the detours of a runtime tell. */
export interface DetoursHooks {
  /** Word of an attempt of a link's ladder. */
  readonly onClimb: (peer: PeerId, event: ClimbEvent) => void
  /** Our NAT report, for the card. */
  readonly onReport: (nat: string) => void
  /** A server has answered a `knock`: the network is back. */
  readonly onAnswer: () => void
  /** A connection that an attempt opened goes on under this number. */
  readonly onAdopt: (connection: number, open: OpenRtc) => void
}

export interface DetoursModule {
  readonly openDetours: OpenDetours
  /** Transfers of bytes, in the session and for the program. */
  readonly openBulk: OpenBulk
  /** The mesh of a large room. */
  readonly openMesh: OpenMesh
  readonly openBytes: (
    input: (input: BulkInput) => void,
    onIncoming: (incoming: IncomingBytes) => boolean,
  ) => RoomBytes
  readonly openRelaySealer: (subtle: Subtle, options: RelaySealerOptions) => RelaySealer
  /** Has an attempt of a link's ladder made. Absent where the runtime cannot. */
  readonly climb?: ((peer: PeerId, command: ClimbCommand) => void) | undefined
  /** Finds out, by another way than requests to the rendezvous, whether the network is back. */
  readonly knock?: (() => void) | undefined
  /** Ends what runs. */
  readonly close?: (() => void) | undefined
}

/** Loads the code and sets it to work. */
export type LoadDetours = (hooks: DetoursHooks) => Promise<DetoursModule>
