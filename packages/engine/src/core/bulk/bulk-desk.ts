// All transfers of bytes of a session: finds those of each peer, and tells the program in its terms.
import type { PeerId } from '@knothole/wire'
import type { Bulk, BulkHost, BulkInput } from './bulk.ts'
import type { PersonRow } from '../people/people-table.ts'
import { Transfers } from './transfers.ts'

/** Transfers that come and are remembered for what is still to be taken of them. */
const MAX_SENDERS = 256

export class BulkDesk implements Bulk {
  readonly #host: BulkHost
  readonly #transfers = new Map<PeerId, Transfers>()
  /** Whose a transfer is: ours by our numbers, those that come by theirs. */
  readonly #receivers = new Map<number, PeerId>()
  readonly #senders = new Map<number, PeerId>()
  #incoming = 0

  constructor(host: BulkHost) {
    this.#host = host
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

  flow(row: PersonRow, nowMs: number): void {
    this.#with(row).flow(nowMs)
    this.#settle(nowMs)
  }

  sweep(): void {
    for (const [peer, transfers] of this.#transfers) {
      if (this.#host.people.get(peer) !== undefined) continue
      transfers.close()
      this.#drain(peer, transfers)
      this.#transfers.delete(peer)
    }
  }

  #send({ transfer, to, label }: BulkInput & { type: 'send-bytes' }, nowMs: number): void {
    const row = this.#host.people.get(to)
    if (row === undefined) {
      this.#host.output({ type: 'bytes-sent', transfer, isWhole: false })
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
      this.#host.people.get(peer)?.link.flow(nowMs)
      this.#drain(peer, transfers)
    }
  }

  #drain(peer: PeerId, transfers: Transfers): void {
    for (let out = transfers.poll(); out !== undefined; out = transfers.poll()) {
      if (out.type === 'malformed') this.#host.malformed(peer)
      else if (out.type === 'bytes-coming') this.#host.output({ ...out, from: peer })
      else this.#host.output(out)
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
