// The seam to transfers of bytes, whose code is loaded with the detours: what goes in and comes out, and
// the place that keeps what is wanted of them until then.
import type { Bytes, PeerId } from '@knothole/wire'
import type { PeopleTable, PersonRow } from '../people/people-table.ts'
import type { TransferOutput } from './transfers.ts'

/** What a program wants of transfers. `transfer` is its own number, `incoming` one it was told. */
export type BulkInput =
  | {
      readonly type: 'send-bytes'
      readonly transfer: number
      readonly to: PeerId
      readonly label: string
    }
  | { readonly type: 'bytes-given'; readonly transfer: number; readonly bytes: Bytes }
  | { readonly type: 'bytes-ended'; readonly transfer: number; readonly isWhole: boolean }
  | { readonly type: 'bytes-taken'; readonly incoming: number; readonly bytes: number }
  | { readonly type: 'refuse-bytes'; readonly incoming: number }

export type BulkOutput =
  | Exclude<TransferOutput, { type: 'malformed' | 'bytes-coming' }>
  | {
      readonly type: 'bytes-coming'
      readonly incoming: number
      readonly from: PeerId
      readonly label: string
    }

export interface BulkHost {
  readonly people: PeopleTable
  output(out: BulkOutput): void
  /** Somebody sent what is no frame of a transfer. */
  malformed(peer: PeerId): void
}

/** All transfers of a session. */
export interface Bulk {
  handle(input: BulkInput, nowMs: number): void
  /** The bulk lane of somebody's link moved. */
  flow(row: PersonRow, nowMs: number): void
  /** People may be gone, and their transfers with them. */
  sweep(): void
}

export type OpenBulk = (host: BulkHost) => Bulk

/** Holds what is wanted of transfers until their code is there. */
export class BulkSeat implements Bulk {
  readonly #host: BulkHost
  readonly #want: () => void
  #bulk: Bulk | undefined
  #waiting: BulkInput[] = []

  constructor(host: BulkHost, want: () => void) {
    this.#host = host
    this.#want = want
  }

  /** The code is here: what waited is done, and what others sent meanwhile is taken. */
  open(open: OpenBulk, nowMs: number): void {
    this.#bulk = open(this.#host)
    for (const input of this.#waiting.splice(0)) this.#bulk.handle(input, nowMs)
    for (const row of this.#host.people.rows()) this.#bulk.flow(row, nowMs)
  }

  handle(input: BulkInput, nowMs: number): void {
    if (this.#bulk === undefined) this.#waiting.push(input)
    this.#bulk?.handle(input, nowMs)
    if (this.#bulk === undefined) this.#want()
  }

  flow(row: PersonRow, nowMs: number): void {
    this.#bulk?.flow(row, nowMs)
    if (this.#bulk === undefined) this.#want()
  }

  sweep(): void {
    this.#bulk?.sweep()
  }
}
