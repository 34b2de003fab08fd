// Transfers of bytes as a program holds them: sends from any source as fast as it is taken, hands out
// what comes as an iterable. Keeps no more of either than the session allows.
import type { Bytes, PeerId } from '@knothole/wire'
import type { BulkInput, BulkOutput } from '../core/index.ts'
import { EngineError } from './engine-error.ts'

/** Bytes that somebody sends us, in order; they are held back until they are taken. */
export interface IncomingBytes extends AsyncIterable<Bytes> {
  readonly from: PeerId
  /** What its sender calls it. */
  readonly label: string
  /** Asks the sender to stop; what is on its way is thrown away. */
  refuse(): void
}

/** What to send: bytes, or a source that is read as fast as the other side takes. */
export type ByteSource = Bytes | AsyncIterable<Bytes>

interface Outgoing {
  readonly source: AsyncIterator<Bytes>
  readonly resolve: (isWhole: boolean) => void
  readonly reject: (cause: unknown) => void
}

export class RoomBytes {
  readonly #input: (input: BulkInput) => void
  readonly #onIncoming: (incoming: IncomingBytes) => boolean
  readonly #outgoing = new Map<number, Outgoing>()
  readonly #incoming = new Map<number, Incoming>()
  #count = 0

  /** @param onIncoming told of what comes; answers whether anyone wants it */
  constructor(input: (input: BulkInput) => void, onIncoming: (incoming: IncomingBytes) => boolean) {
    this.#input = input
    this.#onIncoming = onIncoming
  }

  /** Resolves when it is over, with whether the other side took all of it. */
  send(to: PeerId, source: ByteSource, label: string): Promise<boolean> {
    const transfer = ++this.#count
    const iterator = (source instanceof Uint8Array ? once(source) : source)[Symbol.asyncIterator]()
    return new Promise((resolve, reject) => {
      this.#outgoing.set(transfer, { source: iterator, resolve, reject })
      this.#input({ type: 'send-bytes', transfer, to, label })
    })
  }

  handle(out: BulkOutput): void {
    switch (out.type) {
      case 'bytes-wanted':
        void this.#give(out.transfer)
        return
      case 'bytes-sent':
        this.#sent(out.transfer, out.isWhole)
        return
      case 'bytes-coming':
        this.#coming(out)
        return
      case 'bytes-came':
        this.#incoming.get(out.incoming)?.came(out.bytes)
        return
      case 'bytes-over':
        this.#incoming.get(out.incoming)?.over(out.isWhole)
        this.#incoming.delete(out.incoming)
    }
  }

  /** The room is closed: nothing more is sent, and nothing more comes. */
  close(): void {
    for (const transfer of this.#outgoing.keys()) this.#sent(transfer, false)
    for (const incoming of this.#incoming.values()) incoming.over(false)
    this.#incoming.clear()
  }

  async #give(transfer: number): Promise<void> {
    const outgoing = this.#outgoing.get(transfer)
    if (outgoing === undefined) return
    try {
      const { done, value } = await outgoing.source.next()
      if (done === true) this.#input({ type: 'bytes-ended', transfer, isWhole: true })
      else this.#input({ type: 'bytes-given', transfer, bytes: value })
    } catch (cause) {
      outgoing.reject(cause)
      this.#input({ type: 'bytes-ended', transfer, isWhole: false })
    }
  }

  #sent(transfer: number, isWhole: boolean): void {
    const outgoing = this.#outgoing.get(transfer)
    this.#outgoing.delete(transfer)
    if (!isWhole) void outgoing?.source.return?.()
    outgoing?.resolve(isWhole)
  }

  #coming({ incoming: number, from, label }: BulkOutput & { type: 'bytes-coming' }): void {
    const incoming = new Incoming({
      from,
      label,
      onTaken: (bytes) => this.#input({ type: 'bytes-taken', incoming: number, bytes }),
      onRefused: () => {
        this.#incoming.delete(number)
        this.#input({ type: 'refuse-bytes', incoming: number })
      },
    })
    this.#incoming.set(number, incoming)
    if (!this.#onIncoming(incoming)) incoming.refuse()
  }
}

interface IncomingOptions {
  readonly from: PeerId
  readonly label: string
  readonly onTaken: (bytes: number) => void
  readonly onRefused: () => void
}

class Incoming implements IncomingBytes {
  readonly from: PeerId
  readonly label: string
  readonly #options: IncomingOptions
  readonly #chunks: Bytes[] = []
  #end: 'whole' | 'cut' | undefined
  #wake: (() => void) | undefined

  constructor(options: IncomingOptions) {
    this.#options = options
    this.from = options.from
    this.label = options.label
  }

  came(bytes: Bytes): void {
    this.#chunks.push(bytes)
    this.#wake?.()
  }

  over(isWhole: boolean): void {
    this.#end ??= isWhole ? 'whole' : 'cut'
    this.#wake?.()
  }

  refuse(): void {
    if (this.#end !== undefined) return
    this.#end = 'cut'
    const waiting = this.#chunks.splice(0).reduce((sum, { length }) => sum + length, 0)
    this.#options.onTaken(waiting)
    this.#options.onRefused()
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Bytes, void, void> {
    try {
      for (;;) {
        const chunk = this.#chunks.shift()
        if (chunk !== undefined) {
          this.#options.onTaken(chunk.length)
          yield chunk
        } else if (this.#end === 'whole') return
        else if (this.#end === 'cut')
          throw new EngineError('bytes-cut-short', 'The transfer ended before it was whole.')
        else await new Promise<void>((resolve) => (this.#wake = resolve))
      }
    } finally {
      // Whoever stops listening does not want the rest.
      this.refuse()
    }
  }
}

async function* once(bytes: Bytes): AsyncGenerator<Bytes, void, void> {
  yield bytes
}
