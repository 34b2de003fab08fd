// What the talk wants done, and what comes of it. Types only.
import type { Bytes, FeedId, PeerId } from '@knothole/wire'
import type { StoredNote } from '../../ports/index.ts'
import type { ReplicaEffect, ReplicaResult } from '../sync/replica-io.ts'
import type { Keep, Message, TalkStorage } from './message.ts'

/** A body as it travels: sealed for the room, as one of this feed's. */
export interface SealedBody {
  readonly feed: FeedId
  /** Undefined where it was let go meanwhile. */
  readonly sealed: Bytes | undefined
}

/** What the talk wants done. Each `number` is answered, whatever comes of it. */
export type TalkEffect =
  /** Seal these as bodies of our feed. */
  | { readonly type: 'seal-bodies'; readonly number: number; readonly plain: readonly Bytes[] }
  | {
      readonly type: 'open-bodies'
      readonly number: number
      readonly bodies: readonly SealedBody[]
    }
  | ReplicaEffect
  /** Keep what is said for so long from now on, and remember that by this note. */
  | { readonly type: 'keep'; readonly keep: Keep; readonly note: StoredNote }
  /** To another window of this browser. */
  | { readonly type: 'to-tab'; readonly tab: PeerId; readonly data: Bytes }
  /** A message is new, or another than before. */
  | { readonly type: 'message'; readonly message: Message }
  /** Our goodbye is with somebody, or nobody is there, or there is none to say. */
  | { readonly type: 'left-told' }
  /** The order, the gaps or what is agreed changed. */
  | { readonly type: 'talk-changed' }

export type TalkResult =
  | { readonly type: 'bodies-sealed'; readonly number: number; readonly sealed: readonly Bytes[] }
  | {
      readonly type: 'bodies-opened'
      readonly number: number
      /** In their order; undefined for what does not open. */
      readonly plain: readonly (Bytes | undefined)[]
    }
  /** Another window of this browser is there, or went. */
  | { readonly type: 'tab-up' | 'tab-down'; readonly tab: PeerId }
  | { readonly type: 'tab-frame'; readonly tab: PeerId; readonly data: Bytes }
  /** How what is said is kept on this device has changed. */
  | { readonly type: 'storage'; readonly storage: TalkStorage }
  | ReplicaResult
