// The page of the `link` bench: opens a contender's pipe and does the same with each of them.
import { openKnotholePipe } from './knothole-pipe.testing.ts'
import type { Lane, LinkPage, OpenPipe, Pipe, Trips } from './pipe.ts'
import { openRawPipe } from './raw-pipe.testing.ts'

const contenders: Readonly<Record<string, OpenPipe>> = {
  raw: openRawPipe,
  knothole: openKnotholePipe,
}

/** Bytes of a piece of a transfer: what a data channel carries best. */
const PIECE_BYTES = 15 * 1024

const nowMs = (): number => performance.timeOrigin + performance.now()

class Page implements LinkPage {
  #pipe: Pipe | undefined
  readonly #early: string[] = []
  readonly #came = { talk: 0, bulk: 0 }
  #watch = (): void => undefined
  #isEcho = false

  start(contender: string, isOfferer: boolean): void {
    const openPipe = contenders[contender]
    if (openPipe === undefined) throw new Error(`no contender ${contender}`)
    this.#pipe = openPipe({
      isOfferer,
      tell: (signal) => void tellOther(signal),
      onBytes: (lane, bytes) => this.#take(lane, bytes),
    })
    for (const signal of this.#early.splice(0)) this.#pipe.hear(signal)
  }

  hear(signal: string): void {
    if (this.#pipe === undefined) this.#early.push(signal)
    else this.#pipe.hear(signal)
  }

  async opened(): Promise<void> {
    await this.#opened.open
  }

  async sendMessages(count: number, sizeBytes: number): Promise<number> {
    const startMs = nowMs()
    for (let sent = 0; sent < count; sent += 1) await this.#send('talk', new Uint8Array(sizeBytes))
    return startMs
  }

  async sendBulk(sizeBytes: number): Promise<number> {
    const startMs = nowMs()
    for (let left = sizeBytes; left > 0; left -= PIECE_BYTES)
      await this.#send('bulk', new Uint8Array(Math.min(left, PIECE_BYTES)))
    return startMs
  }

  async arrived(lane: Lane, count: number): Promise<number> {
    while (this.#came[lane] < count) await this.#next()
    this.#came[lane] = 0
    return nowMs()
  }

  echo(): void {
    this.#isEcho = true
  }

  async roundTrips({ chains, length }: Trips, sizeBytes: number): Promise<number[]> {
    const times: number[] = []
    while (times.length < chains) {
      const startMs = performance.now()
      for (let trip = 0; trip < length; trip += 1) {
        await this.#send('talk', new Uint8Array(sizeBytes))
        await this.#next()
      }
      times.push((performance.now() - startMs) / length)
    }
    return times
  }

  get #opened(): Pipe {
    if (this.#pipe === undefined) throw new Error('not started')
    return this.#pipe
  }

  async #send(lane: Lane, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    while (!this.#opened.send(lane, bytes)) await this.#opened.room()
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#watch = resolve
    })
  }

  #take(lane: Lane, bytes: Uint8Array): void {
    this.#came[lane] += lane === 'talk' ? 1 : bytes.length
    if (this.#isEcho) this.#opened.send('talk', new Uint8Array(bytes))
    this.#watch()
  }
}

globalThis.linkBench = new Page()
