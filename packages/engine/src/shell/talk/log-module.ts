// The code of the log as the shell loads it. Types only: who imports this loads nothing.
import type { Bytes, MemberId } from '@knothole/wire'
import type {
  DeliveryTo,
  Message,
  OpenTalk,
  OwnFeed,
  TalkEffect,
  TalkInput,
  TalkView,
} from '../../core/index.ts'
import type { Clock, RandomBytes, Subtle } from '../../ports/index.ts'
import type { RoomKeys } from '../seals/room-keys.ts'
import type { SigningKey } from '../seals/signing-key.ts'

/** What came of an import. */
export interface ImportReport {
  readonly added: number
  readonly known: number
  readonly refused: number
}

export interface RoomLogOptions {
  readonly subtle: Subtle
  readonly randomBytes: RandomBytes
  readonly clock: Clock
  readonly keys: Pick<RoomKeys, 'content' | 'logId'>
  readonly identity: SigningKey
  readonly member: MemberId
  readonly feed: OwnFeed
  readonly input: (input: TalkInput) => void
  readonly onMessage: (message: Message) => void
  readonly onTalk: () => void
}

/** The log of a room as a program holds it: does what the talk wants done. */
export interface RoomLog {
  /** Opens the talk in the session, once. */
  readonly open: OpenTalk
  readonly view: TalkView
  handle(effect: TalkEffect): void
  deliveryOf(id: string): readonly DeliveryTo[]
  exportTalk(format: 'json' | 'html'): Promise<Bytes>
  importTalk(bytes: Bytes): Promise<ImportReport>
  /** Says that we leave, if anybody may miss us; resolves when that is with somebody or nobody is there. */
  leave(): Promise<void>
  /** Erases what this device keeps of the room. */
  forget(): Promise<void>
  /** Resolves when what was under way is done. */
  close(): Promise<void>
}

export type OpenRoomLog = (options: RoomLogOptions) => RoomLog

/** Loads the code. */
export type LoadLog = () => Promise<OpenRoomLog>
