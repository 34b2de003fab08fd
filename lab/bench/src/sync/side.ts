/** One of the two that bring their conversations together in the `sync` bench. */
export interface Side {
  /** Writes these messages, each by itself; before the clock starts. */
  fill(texts: readonly string[]): Promise<void> | void
  /** The other side is there. */
  start(): void
  /** Bytes of the other side, whole and in order. */
  receive(bytes: Uint8Array<ArrayBuffer>): void
  /** Messages it has. */
  count(): number
}

export type OpenSide = (send: (bytes: Uint8Array) => void) => Side

/** The same texts for everybody: lines of chat of 20 to 100 characters. */
export function textsOf(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `${at} ${'knock '.repeat(3 + (at % 14))}`)
}

/** What a page answers to the bench; times in ms since 1970. */
export interface SyncPage {
  hear(signal: string): void
  fill(count: number): Promise<void>
  /** The way to the other page is open. */
  opened(): Promise<void>
  /** Begins, and says when. */
  start(): number
  /** When it had so many messages. */
  has(count: number): Promise<number>
}

declare global {
  var syncBench: SyncPage
  var openSyncBench: (isOfferer: boolean) => void
}
