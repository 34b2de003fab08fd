/** What a contender of the `link` bench is inside a page: a way for bytes between two pages. */

/** A way to the other page. */
export interface Pipe {
  /** Settles when bytes can go. */
  readonly open: Promise<void>
  /** Takes a signal of the other side. */
  hear(signal: string): void
  /** Sends a message, or a piece of a transfer; answers whether there was room. */
  send(lane: Lane, bytes: Uint8Array<ArrayBuffer>): boolean
  /** Settles when there may be room again. */
  room(): Promise<void>
}

/** Messages of a conversation, or a transfer beside it. */
export type Lane = 'talk' | 'bulk'

/** What a pipe is made with. */
export interface PipeOptions {
  readonly isOfferer: boolean
  /** Carries a signal to the other side. */
  readonly tell: (signal: string) => void
  readonly onBytes: (lane: Lane, bytes: Uint8Array) => void
}

export type OpenPipe = (options: PipeOptions) => Pipe

/** Round trips are timed in chains: the clock of a page is coarser than a round trip on loopback. */
export interface Trips {
  readonly chains: number
  readonly length: number
}

/** What a page answers to the bench. */
export interface LinkPage {
  start(contender: string, isOfferer: boolean): void
  hear(signal: string): void
  opened(): Promise<void>
  /** Sends so many messages as fast as they are taken; when the first was sent, in ms since 1970. */
  sendMessages(count: number, sizeBytes: number): Promise<number>
  /** Sends a transfer; when it began. */
  sendBulk(sizeBytes: number): Promise<number>
  /** When the last of so many messages, or bytes of a transfer, arrived. */
  arrived(lane: Lane, count: number): Promise<number>
  /** From now on every message is sent back. */
  echo(): void
  /** Round trips of messages, one after the other; of each chain of so many, how long one took, in ms. */
  roundTrips(trips: Trips, sizeBytes: number): Promise<number[]>
}

declare global {
  var linkBench: LinkPage
  /** Put into the page by the bench. */
  var tellOther: (signal: string) => Promise<void>
}
