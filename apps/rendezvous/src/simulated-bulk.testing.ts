// Transfers of bytes of a simulated peer: gives numbered bytes and checks those that come.
import type { BulkInput, BulkOutput } from '@knothole/engine'
import type { Bytes, PeerId } from '@knothole/wire'

/** Bytes given at once to a transfer. */
const GIVE_BYTES = 100_000

/** What came of a transfer. */
export interface SimulatedTransfer {
  readonly label: string
  bytes: number
  isInOrder: boolean
  isWhole: boolean
}

export class SimulatedBulk {
  /** Transfers that came, in their order. */
  readonly transfers: SimulatedTransfer[] = []
  /** Transfers of ours that were taken whole, and those that were not. */
  readonly sent: { whole: number; cut: number } = { whole: 0, cut: 0 }
  readonly #input: (input: BulkInput) => void
  readonly #sources = new Map<number, { readonly size: number; given: number }>()
  readonly #sinks = new Map<number, SimulatedTransfer>()

  /** @param input tells the session, a little later */
  constructor(input: (input: BulkInput) => void) {
    this.#input = input
  }

  send(to: PeerId, size: number, label: string): void {
    const transfer = this.#sources.size + 1
    this.#sources.set(transfer, { size, given: 0 })
    this.#input({ type: 'send-bytes', transfer, to, label })
  }

  handle(out: BulkOutput): void {
    switch (out.type) {
      case 'bytes-wanted':
        this.#give(out.transfer)
        return
      case 'bytes-sent':
        this.sent[out.isWhole ? 'whole' : 'cut'] += 1
        return
      case 'bytes-coming': {
        const transfer = { label: out.label, bytes: 0, isInOrder: true, isWhole: false }
        this.transfers.push(transfer)
        this.#sinks.set(out.incoming, transfer)
        return
      }
      case 'bytes-came':
        this.#take(out.incoming, out.bytes)
        return
      case 'bytes-over': {
        const sink = this.#sinks.get(out.incoming)
        if (sink !== undefined) sink.isWhole = out.isWhole
      }
    }
  }

  #give(transfer: number): void {
    const source = this.#sources.get(transfer)
    if (source === undefined) return
    const length = Math.min(GIVE_BYTES, source.size - source.given)
    const bytes = Uint8Array.from({ length }, (_, at) => byteAt(source.given + at))
    source.given += length
    if (length === 0) this.#input({ type: 'bytes-ended', transfer, isWhole: true })
    else this.#input({ type: 'bytes-given', transfer, bytes })
  }

  #take(incoming: number, bytes: Bytes): void {
    const sink = this.#sinks.get(incoming)
    if (sink === undefined) return
    const from = sink.bytes
    sink.isInOrder &&= bytes.every((byte, at) => byte === byteAt(from + at))
    sink.bytes += bytes.length
    this.#input({ type: 'bytes-taken', incoming, bytes: bytes.length })
  }
}

/** A byte of a transfer: no two stretches are alike for long. */
function byteAt(at: number): number {
  return (at * 31 + (at >> 8) * 17 + (at >> 16)) & 255
}
