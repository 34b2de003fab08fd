// All transfers of bytes of a session: finds those of each peer, and tells the program in its terms.
import type { Bytes, PeerId } from '@knothole/wire'
import type { PeopleTable, PersonRow } from './people-table.ts'
import { Transfers } from './transfers.ts'
import type { TransferOutput } from './transfers.ts'

/** Transfers that come and are remembered for what is still to be taken of them. */
const MAX_SENDERS = 256

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

export class BulkDesk {
  readonly #people: PeopleTable
  readonly #output: (out: BulkOutput) => void
  readonly #onMalformed: (peer: PeerId) => void
  readonly #transfers = new Map<PeerId, Transfers>()
  /** Whose a transfer is: ours by our numbers, those that come by theirs. */
  readonly #receivers = new Map<number, PeerId>()
  readonly #senders = new Map<number, PeerId>()
  #incoming = 0

  constructor(
    people: PeopleTable,
    output: (out: BulkOutput) => void,
    onMalformed: (peer: PeerId) => void,
  ) {
    this.#people = people
    this.#output = output
    this.#onMalformed = onMalformed
  }

  handle(input: BulkInput, nowMs: number): void {
    switch (input.type) {
      case 'send-bytes':
        this.#send(input, nowMs)
        return
      case 'bytes-given':
        this.#of(this.#receivers.get(input.transfer))?.give(input.transfer, input.bytes, nowMs)
        break
      case 'bytes-ended':
        this.#of(this.#receivers.get(input.transfer))?.end(input.transfer, input.isWhole, nowMs)
        break
      case 'bytes-taken':
        this.#of(this.#senders.get(input.incoming))?.taken(input.bytes, nowMs)
        break
      case 'refuse-bytes':
        this.#of(this.#senders.get(input.incoming))?.refuse(input.incoming, nowMs)
    }
    this.#settle(nowMs)
  }

  /** The bulk lane of somebody's link moved. */
  flow(row: PersonRow, nowMs: number): void {
    this.#with(row).flow(nowMs)
    this.#settle(nowMs)
  }

  /** People may be gone, and their transfers with them. */
  sweep(): void {
    for (const [peer, transfers] of this.#transfers) {
      if (this.#people.get(peer) !== undefined) continue
      transfers.close()
      this.#drain(peer, transfers)
      this.#transfers.delete(peer)
    }
  }

  #send({ transfer, to, label }: BulkInput & { type: 'send-bytes' }, nowMs: number): void {
    const row = this.#people.get(to)
    if (row === undefined) {
      this.#output({ type: 'bytes-sent', transfer, isWhole: false })
      return
    }
    this.#receivers.set(transfer, to)
    this.#with(row).send({ transfer, label }, nowMs)
    this.#settle(nowMs)
  }

  #with(row: PersonRow): Transfers {
    const known = this.#transfers.get(row.peer)
    if (known !== undefined) return known
    const transfers = new Transfers(row.link.stream, () => {
      this.#senders.set(++this.#incoming, row.peer)
      return this.#incoming
    })
    this.#transfers.set(row.peer, transfers)
    return transfers
  }

  #of(peer: PeerId | undefined): Transfers | undefined {
    return peer === undefined ? undefined : this.#transfers.get(peer)
  }

  #settle(nowMs: number): void {
    for (const [peer, transfers] of this.#transfers) {
      this.#people.get(peer)?.link.settle(nowMs)
      this.#drain(peer, transfers)
    }
  }

  #drain(peer: PeerId, transfers: Transfers): void {
    for (let out = transfers.poll(); out !== undefined; out = transfers.poll()) {
      if (out.type === 'malformed') this.#onMalformed(peer)
      else if (out.type === 'bytes-coming') this.#output({ ...out, from: peer })
      else this.#output(out)
      if (out.type === 'bytes-sent') this.#receivers.delete(out.transfer)
    }
    this.#forgetOld()
  }

  /** What was handed on may be taken after its end; numbers much older than that are forgotten. */
  #forgetOld(): void {
    for (const incoming of this.#senders.keys()) {
      if (this.#senders.size <= MAX_SENDERS) return
      this.#senders.delete(incoming)
    }
  }
}
