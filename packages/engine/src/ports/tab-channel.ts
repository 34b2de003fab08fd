import type { Bytes } from '@knothole/wire'

/** What one window of a browser tells the others that have the same room open. */
export interface TabMessage {
  readonly from: string
  /** Whom it is for; absent where it is for all. */
  readonly to?: string | undefined
  /** `here`: I came, or answer one who came. `gone`: I go. */
  readonly type: 'here' | 'gone' | 'log'
  readonly data?: Bytes | undefined
}

/** Windows of one browser in one room; each hears what the others post, in order, and not itself. */
export interface TabChannel {
  post(message: TabMessage): void
  close(): void
}

/** Opens the channel of a name. */
export type OpenTabChannel = (name: string, onMessage: (message: unknown) => void) => TabChannel
