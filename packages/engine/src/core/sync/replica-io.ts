// What goes into a replica and what comes out of it. Signatures and the store are effects: outputs whose
// results come back as inputs, whenever they are there.
import type { Bytes, FeedCount, FeedId, FeedName, MemberId, PeerId } from '@knothole/wire'
import type { StoreWrite, StoredLog, StoredRange } from '../../ports/index.ts'
import type { Entry, EntryFault, Sha256 } from '../log/index.ts'
import type { Gap } from './gap-report.ts'
import type { NeighbourLoad } from './neighbour.ts'

export interface ReplicaOptions {
  readonly logId: Bytes
  readonly sha256: Sha256
  /** The feed of this page: our identity's public key, and a nonce of this page's own. */
  readonly name: FeedName
  readonly member: MemberId
  /** Numbers in [0, 1): who of several equals is asked. */
  readonly random: () => number
}

export type ReplicaInput =
  /**
   * What the store kept; undefined without one. Until the first of these only our own entries go out and
   * only chunks come in; a store that opens late brings another.
   */
  | { readonly type: 'restored'; readonly stored: StoredLog | undefined }
  | {
      readonly type: 'link-up'
      readonly peer: PeerId
      readonly member: MemberId
      /** Entries of others go to it at once too: it may have no link to their authors. */
      readonly isEager?: boolean | undefined
    }
  | { readonly type: 'link-down'; readonly peer: PeerId }
  /** The data of a talk frame of the type `log`. */
  | { readonly type: 'frame'; readonly peer: PeerId; readonly data: Bytes }
  /** Sealed bodies of ours, numbered from `sequence` on; in the order of their numbers. */
  | {
      readonly type: 'write'
      readonly token: number
      readonly sequence: number
      readonly bodies: readonly Bytes[]
    }
  | { readonly type: 'signed'; readonly id: number; readonly signature: Bytes }
  | { readonly type: 'verified'; readonly id: number; readonly ok: boolean }
  /** A batch is kept; not durably where the store could not: then by this page, as long as it lives. */
  | { readonly type: 'stored'; readonly batch: number; readonly isDurable: boolean }
  /** Lets bodies go: they were deleted. */
  | { readonly type: 'drop'; readonly entries: readonly (readonly [FeedId, number])[] }
  /** Lets entries from before this time go: the room's policy. */
  | { readonly type: 'prune'; readonly beforeMs: number }
  /** How far we read, for our receipts; who does not tell does not say this. */
  | { readonly type: 'read'; readonly upTo: readonly FeedCount[] }

export type ReplicaOutput =
  | {
      readonly type: 'send'
      readonly peer: PeerId
      readonly data: Bytes
      /** It may wait behind everything else. */
      readonly isHistory: boolean
    }
  | { readonly type: 'sign'; readonly id: number; readonly message: Bytes }
  | {
      readonly type: 'verify'
      readonly id: number
      /** The identity's public key. */
      readonly author: Bytes
      readonly message: Bytes
      readonly signature: Bytes
    }
  /** To be kept; the answer is `stored`. One at a time is under way. */
  | { readonly type: 'store'; readonly batch: number; readonly writes: readonly StoreWrite[] }
  /** New in the log, in the order of their feeds; ours too. */
  | { readonly type: 'admitted'; readonly entries: readonly Entry[] }
  /** What the store kept is in the log; these were not in it before. */
  | { readonly type: 'opened'; readonly entries: readonly Entry[] }
  /** What was written with this token is in the log. */
  | { readonly type: 'written'; readonly token: number }
  /** Bodies of these came later. */
  | { readonly type: 'bodies'; readonly entries: readonly Entry[] }
  | { readonly type: 'gaps'; readonly gaps: readonly Gap[] }
  /** Who has, or read, entries of ours has changed. */
  | { readonly type: 'delivery' }
  /** From this number on, a feed counts for nobody; its entries from there are gone from the log. */
  | {
      readonly type: 'cut'
      readonly feed: FeedId
      readonly at: number
      readonly why: CutReason
      readonly removed: readonly Entry[]
    }
  /** The policy let these go. */
  | { readonly type: 'pruned'; readonly ranges: readonly StoredRange[] }
  | { readonly type: 'fault'; readonly peer: PeerId; readonly code: SyncFault }

/** Two branches of one feed, or an entry not later than what it names. */
export type CutReason = 'fork' | 'order-lie'

/** What a peer did that an honest one does not. */
export type SyncFault =
  /** A frame that cannot be read. */
  | 'log-malformed'
  /** More than it may send unannounced. */
  | 'log-flood'
  /** An entry, evidence or receipt that is not what its signature says. */
  | 'log-forged'
  /** It said to have another branch of a feed, and had none. */
  | 'log-lie'
  | EntryFault

/** What the shell does and answers. */
export type ReplicaEffect = Extract<ReplicaOutput, { type: 'sign' | 'verify' | 'store' }>

/** Its answers. */
export type ReplicaResult = Extract<
  ReplicaInput,
  { type: 'signed' | 'verified' | 'stored' | 'restored' }
>

/** How much a replica keeps beside the log. */
export interface Load {
  /** Signatures that are being checked. */
  readonly checks: number
  readonly receipts: number
  readonly missingBodies: number
  readonly asked: number
  readonly unstoredBytes: number
  readonly neighbours: readonly NeighbourLoad[]
}
