// Where a room's log is kept on a device. The port knows runs of entries and small notes by number and
// name; what is in them is the log's affair. It refuses to judge: signatures and chains are checked by
// whoever loads. `describeLogStore` of the testkit holds every implementation to it.
import type { Bytes, FeedId, FeedName, PackedEntry } from '@knothole/wire'

/** An entry as it is kept; without a body once that was let go, or before it has come. */
export type StoredEntry = PackedEntry

/** The signature that vouches for an entry and all before it. */
export interface StoredProof {
  readonly sequence: number
  readonly proof: Bytes
}

/** A run of one feed's entries without a hole: `from`, `from + 1`, … with the proofs among them. */
export interface StoredBlock {
  readonly feed: FeedId
  readonly name: FeedName
  readonly from: number
  readonly entries: readonly StoredEntry[]
  readonly proofs: readonly StoredProof[]
}

/** Entries `from` to `upTo`, both included. */
export interface StoredRange {
  readonly feed: FeedId
  readonly from: number
  readonly upTo: number
}

/** A small thing kept by name: receipts, bases, evidence. Of two with one key the greater `order` is kept. */
export interface StoredNote {
  readonly key: string
  readonly order: number
  readonly value: Bytes
}

/**
 * What is kept of a room. Blocks stand by feed and number, entries may be shared with nobody. Where
 * something is damaged, or was written by two pages, a feed can have holes between its blocks: what
 * follows a hole is no less good, and counts again once the hole is filled.
 */
export interface StoredLog {
  readonly blocks: readonly StoredBlock[]
  readonly notes: readonly StoredNote[]
  /** What was there and cannot be read: to be asked of others again. */
  readonly damaged: readonly StoredRange[]
  /** Something was lost since it was written, be it in `damaged` or nobody knows what. */
  readonly isDamaged: boolean
}

/** One change. */
export type StoreWrite =
  /** Of entries that are kept already, the kept ones stay. */
  | ({ readonly type: 'append' } & StoredBlock)
  /** Sets bodies of entries that are kept; `undefined` lets them go for good. */
  | {
      readonly type: 'bodies'
      readonly feed: FeedId
      readonly bodies: readonly (readonly [sequence: number, body: Bytes | undefined])[]
    }
  /** Lets entries go for good, headers and proofs included; `upTo` may be Infinity. */
  | ({ readonly type: 'remove' } & StoredRange)
  | ({ readonly type: 'note' } & StoredNote)

/**
 * The log of one room on this device. Several pages of one browser, or several processes, may have it
 * open and write at once. Calls may overlap; they take effect in the order they were made.
 */
export interface LogStore {
  /** Everything kept. @throws StoreError */
  load(): Promise<StoredLog>
  /** Makes changes in their order, all or none of them; durable when it resolves. @throws StoreError */
  write(writes: readonly StoreWrite[]): Promise<void>
  /** Lets everything go and closes, for every page that has it open. @throws StoreError */
  erase(): Promise<void>
  /** Resolves when what was under way is done. Later calls are refused as `closed`. */
  close(): Promise<void>
}

/**
 * Why a store cannot be opened, read or written:
 * - `unavailable`: the runtime allows none here (a private window, a read-only folder);
 * - `full`: no room on the device, or none left of what the browser allows;
 * - `blocked`: a page of an older release keeps it and does not let go;
 * - `newer`: it belongs to a newer release, which alone may touch it;
 * - `damaged`: it cannot be read at all, as far as the runtime knows;
 * - `closed`: it was closed here, or erased or taken away elsewhere.
 */
export type StoreTrouble = 'unavailable' | 'full' | 'blocked' | 'newer' | 'damaged' | 'closed'

/** Nothing of the refused call was done. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreTrouble

  constructor(code: StoreTrouble, message: string, options?: { readonly cause: unknown }) {
    super(message, options)
    this.code = code
  }
}
