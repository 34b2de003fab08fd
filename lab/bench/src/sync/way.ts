import type { PipeOptions } from '../link/pipe.ts'

/** What the `sync` bench carries messages of any length to the other page by, whole and in order. */
export interface Way {
  /** Settles when messages can go. */
  readonly open: Promise<void>
  /** Takes a signal of the other side. */
  hear(signal: string): void
  send(message: Uint8Array): void
}

/** What a way is made with. */
export interface WayOptions extends Omit<PipeOptions, 'onBytes'> {
  readonly onMessage: (message: Uint8Array<ArrayBuffer>) => void
}

export type OpenWay = (options: WayOptions) => Way
