// What the page asks of the engine. Declared here, by its user, so that the story book and the tests
// can stand in for it; `@knothole/engine/browser` fulfils it.
import type {
  DeliveryTo,
  Fault,
  Keep,
  Message,
  RoomState,
  SayOptions,
  TalkView,
} from '@knothole/engine'
import type { ImportReport, PaperApi } from '@knothole/engine/browser'

export type { ImportReport, PaperApi, PaperFault } from '@knothole/engine/browser'
export type {
  Delivery,
  DeliveryTo,
  Keep,
  Message,
  TalkEvent,
  TalkGap,
  TalkProblem,
  TalkStorage,
  TalkView,
} from '@knothole/engine'

/** Who is told what, by event. */
export interface RoomEvents {
  readonly change: (state: RoomState) => void
  /** New, or changed in any way. */
  readonly message: (message: Message) => void
  /** Order, length, gaps, policy or storage changed. */
  readonly talk: () => void
  readonly fault: (fault: Fault) => void
}

/** A room we are in. */
export interface Room {
  readonly state: RoomState
  readonly talk: TalkView
  on<E extends keyof RoomEvents>(event: E, listener: RoomEvents[E]): () => void
  say(text: string, options?: SayOptions): Message
  edit(id: string, text: string): void
  remove(id: string): void
  react(id: string, emoji: string, on: boolean): void
  setKeep(keep: Keep): void
  /** Lets the others know that everything up to here was read. */
  markRead(id: string): void
  deliveryOf(id: string): readonly DeliveryTo[]
  exportTalk(format: 'json' | 'html'): Promise<Uint8Array<ArrayBuffer>>
  importTalk(bytes: Uint8Array<ArrayBuffer>): Promise<ImportReport>
  /** Erases what this device keeps of the room. */
  forget(): Promise<void>
  setTyping(active: boolean): void
  rename(name: string): void
  /** Brings people in with no server. */
  readonly paper: PaperApi
  leave(): Promise<void>
  close(): Promise<void>
}

/** Why this browser or this page cannot run the engine. */
export type BrowserFault = 'insecure-page' | 'no-webrtc' | 'no-webcrypto'

/** How to join. */
export interface JoinOptions {
  readonly stunUrls: readonly string[]
  readonly name: string
  /** By relays only, so that the others do not learn our address. */
  readonly hideAddress: boolean
  /** Nothing will be said, so nothing is kept. */
  readonly isSilent?: boolean
}

/** Ways into a room. */
export interface Engine {
  createRoom(options: JoinOptions & { origin: string }): Promise<Room>
  joinRoom(link: string, options: JoinOptions): Promise<Room>
  /** Erases what this browser keeps of a room that is not open. */
  forgetRoom(link: string): Promise<void>
  browserFault(): BrowserFault | undefined
}

/** Every reason the engine gives for not doing what it was asked. */
export const ENGINE_ERROR_CODES = [
  'not-a-link',
  'no-room',
  'no-secret',
  'insecure-page',
  'no-webrtc',
  'no-webcrypto',
  'rendezvous-unreachable',
  'rendezvous-refused',
  'text-empty',
  'text-too-long',
  'name-invalid',
] as const

export type EngineErrorCode = (typeof ENGINE_ERROR_CODES)[number]

/** The engine's reason in an error it threw; any other error is a bug and is thrown on. */
export function engineErrorCode(error: unknown): EngineErrorCode {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const known = ENGINE_ERROR_CODES.find((candidate) => candidate === code)
  if (known === undefined) throw error
  return known
}
