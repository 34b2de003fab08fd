// A raw data channel as a way of the `sync` bench. Messages are cut into pieces that every data channel
// carries, which the rivals' own transports do not do, and wait for room.
import { openRawPipe } from '../link/raw-pipe.testing.ts'
import type { Pipe } from '../link/pipe.ts'
import type { OpenWay, Way, WayOptions } from './way.ts'

/** Bytes of a piece beside its first: under the 16 KiB that all browsers carry well. */
const PIECE_BYTES = 15 * 1024 - 1

export const openWay: OpenWay = (options) => new RawWay(options)

class RawWay implements Way {
  readonly open: Promise<void>
  readonly #pipe: Pipe
  readonly #onMessage: WayOptions['onMessage']
  readonly #waiting: Uint8Array<ArrayBuffer>[] = []
  #parts: Uint8Array[] = []
  #isSending = false

  constructor({ onMessage, ...options }: WayOptions) {
    this.#onMessage = onMessage
    this.#pipe = openRawPipe({ ...options, onBytes: (_lane, bytes) => this.#take(bytes) })
    this.open = this.#pipe.open
  }

  hear(signal: string): void {
    this.#pipe.hear(signal)
  }

  /** The first byte of a piece says whether more of the same message follow. */
  send(message: Uint8Array): void {
    for (let at = 0; at === 0 || at < message.length; at += PIECE_BYTES) {
      const part = message.subarray(at, at + PIECE_BYTES)
      const piece = new Uint8Array(1 + part.length)
      piece[0] = at + PIECE_BYTES < message.length ? 1 : 0
      piece.set(part, 1)
      this.#waiting.push(piece)
    }
    void this.#sendOn()
  }

  async #sendOn(): Promise<void> {
    if (this.#isSending) return
    this.#isSending = true
    for (let piece = this.#waiting.shift(); piece !== undefined; piece = this.#waiting.shift())
      while (!this.#pipe.send('bulk', piece)) await this.#pipe.room()
    this.#isSending = false
  }

  #take(piece: Uint8Array): void {
    this.#parts.push(piece.subarray(1))
    if (piece[0] === 1) return
    const parts = this.#parts
    this.#parts = []
    const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
    let at = 0
    for (const part of parts) {
      whole.set(part, at)
      at += part.length
    }
    this.#onMessage(whole)
  }
}
