// The conversation as a program sees it: messages, what became of them, and what is missing. Types only:
// who imports this loads nothing.
import type { EntryBody, MemberId } from '@knothole/wire'

/** How long a room keeps what was said, as its members agreed: the newest word on it in order counts. */
export type Keep = Extract<EntryBody, { readonly type: 'policy' }>['keep']

/**
 * What became of a message of ours. `waiting`: nobody else has it. `carried`: some have it, and pass it on
 * to others who are here and lack it. `delivered`: everyone who is here has it; those who are not will get
 * it from whoever has it. `read`: somebody said so. `of` counts everyone it is for, absent members too.
 */
export type Delivery =
  | { readonly type: 'waiting' }
  | { readonly type: 'carried'; readonly by: readonly string[]; readonly of: number }
  | {
      readonly type: 'delivered'
      readonly to: number
      readonly of: number
      readonly names: readonly string[]
    }
  | { readonly type: 'read'; readonly by: readonly string[]; readonly of: number }

/** What became of a message of ours with one person. */
export interface DeliveryTo {
  readonly member: MemberId
  readonly name: string
  readonly state: 'waiting' | 'delivered' | 'read'
}

/** What is told in the conversation beside texts. */
export type TalkEvent =
  | { readonly type: 'keep'; readonly keep: Keep }
  | { readonly type: 'named'; readonly name: string }
  | { readonly type: 'left' }

/**
 * What is wrong with an entry. `forked`: its author's feed has two histories and ends here. `from-future`:
 * its time is far ahead of ours. `newer-kind`: a newer version of Knothole wrote it. `damaged`: it does not
 * open, or is not there.
 */
export type TalkProblem = 'forked' | 'from-future' | 'newer-kind' | 'damaged'

export interface Reaction {
  readonly emoji: string
  readonly authors: readonly MemberId[]
}

/** One thing in the conversation. Never changed: a new object takes its place. */
export interface Message {
  readonly id: string
  readonly author: MemberId
  /** The author's newest name. */
  readonly name: string
  /** Empty where it was deleted, and of events and problems. */
  readonly text: string
  /** By the author's clock, in ms since 1970. */
  readonly atMs: number
  readonly mine: boolean
  /** The id of the message that this one answers. */
  readonly replyTo?: string | undefined
  readonly edited?: boolean | undefined
  readonly deleted?: boolean | undefined
  readonly reactions: readonly Reaction[]
  /** Of messages of ours. */
  readonly delivery?: Delivery | undefined
  /** It is no text, but this. */
  readonly event?: TalkEvent | undefined
  /** It is no text, because of this. */
  readonly problem?: TalkProblem | undefined
}

/** What we know to be missing. */
export interface TalkGap {
  readonly count: number
  /** The names of those who are asked for it. */
  readonly from: string
  /** The message before which it belongs; undefined at the end. */
  readonly beforeId?: string | undefined
}

/**
 * How what is said is kept on this device. `durable`: on disk. `memory`: as the room agreed, or until the
 * disk has answered. The others are troubles, in which the room works in memory: no room on the disk; the
 * browser forbids it; a newer version of ours has written it; what is there cannot be read.
 */
export type TalkStorage = 'durable' | 'memory' | 'full' | 'blocked' | 'newer' | 'damaged'

/** The conversation in its order, which is the same for everyone: the newest part, as far as it is open. */
export interface TalkView {
  readonly length: number
  at(index: number): Message | undefined
  /** Where a message is; -1 when it is not open. */
  indexOf(id: string): number
  /** Whether there are older ones that are not open. */
  readonly hasEarlier: boolean
  /** Opens more of them; resolves when they are there. */
  earlier(): Promise<void>
  readonly gaps: readonly TalkGap[]
  readonly keep: Keep
  readonly storage: TalkStorage
}

/** What a program may say beside a text. */
export interface SayOptions {
  /** The id of a message. */
  readonly replyTo?: string | undefined
}
