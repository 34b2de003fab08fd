// A page of the `sync` bench: one side of a contender, over a way for bytes to the other page. Messages of
// any length are cut into pieces that every data channel carries, which the rivals' own transports do not do.
import { openSide } from 'bench-side'
import { openPipe } from 'bench-pipe'
import { textsOf } from './side.ts'
import type { Side, SyncPage } from './side.ts'

/** Bytes of a piece beside its first: under the 16 KiB that all browsers carry well, and one segment of a link. */
const PIECE_BYTES = 15 * 1024 - 1

class Page implements SyncPage {
  readonly #waiting: Uint8Array<ArrayBuffer>[] = []
  #parts: Uint8Array[] = []
  #isSending = false
  readonly #side: Side
  readonly #pipe

  constructor(isOfferer: boolean) {
    this.#side = openSide((bytes) => this.#post(bytes))
    this.#pipe = openPipe({
      isOfferer,
      tell: (signal) => void tellOther(signal),
      onBytes: (_lane, bytes) => this.#take(bytes),
    })
  }

  hear(signal: string): void {
    this.#pipe.hear(signal)
  }

  async fill(count: number): Promise<void> {
    await this.#side.fill(textsOf(count))
  }

  async opened(): Promise<void> {
    await this.#pipe.open
  }

  start(): number {
    this.#side.start()
    return performance.timeOrigin + performance.now()
  }

  async has(count: number): Promise<number> {
    while (this.#side.count() < count)
      await new Promise((resolve) => {
        setTimeout(resolve, 4)
      })
    return performance.timeOrigin + performance.now()
  }

  /** The first byte of a piece says whether more of the same message follow. */
  #post(bytes: Uint8Array): void {
    for (let at = 0; at === 0 || at < bytes.length; at += PIECE_BYTES) {
      const part = bytes.subarray(at, at + PIECE_BYTES)
      const piece = new Uint8Array(1 + part.length)
      piece[0] = at + PIECE_BYTES < bytes.length ? 1 : 0
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
    this.#side.receive(whole)
  }
}

globalThis.openSyncBench = (isOfferer) => {
  globalThis.syncBench = new Page(isOfferer)
}
