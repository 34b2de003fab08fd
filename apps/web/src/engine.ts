// What the page asks of the engine. Declared here, by its user, so that the story book and the tests
// can stand in for it; `@knothole/engine/browser` fulfils it.
import type { Fault, Message, RoomState } from '@knothole/engine'

/** Who is told what, by event. A message may come again with more names in `sentTo`. */
export interface RoomEvents {
  readonly change: (state: RoomState) => void
  readonly message: (message: Message) => void
  readonly fault: (fault: Fault) => void
}

/** A room we are in. */
export interface Room {
  readonly state: RoomState
  on<E extends keyof RoomEvents>(event: E, listener: RoomEvents[E]): () => void
  say(text: string): Message
  setTyping(active: boolean): void
  rename(name: string): void
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
}

/** Ways into a room. */
export interface Engine {
  createRoom(options: JoinOptions & { origin: string }): Promise<Room>
  joinRoom(link: string, options: JoinOptions): Promise<Room>
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
