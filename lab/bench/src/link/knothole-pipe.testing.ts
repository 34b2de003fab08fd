// A link of Knothole's engine: one exactly-once stream above its carriers, with its two lanes.
import { LoneLink } from '@knothole/engine/link'
import type { Lane, OpenPipe, Pipe, PipeOptions } from './pipe.ts'

export const openKnotholePipe: OpenPipe = (options) => new KnotholePipe(options)

class KnotholePipe implements Pipe {
  readonly open: Promise<void>
  readonly #link: LoneLink
  #waiting: (() => void)[] = []

  constructor({ isOfferer, tell, onBytes }: PipeOptions) {
    this.#link = new LoneLink({
      polite: !isOfferer,
      stunUrls: [],
      onSignal: (signal) => tell(JSON.stringify(signal)),
      onFrame: (frame) => onBytes('talk', frame),
      onBulk: (frame) => onBytes('bulk', frame),
      onChange: () => {
        for (const wake of this.#waiting.splice(0)) wake()
      },
    })
    this.open = this.#connected()
  }

  hear(signal: string): void {
    this.#link.signal(JSON.parse(signal))
  }

  send(lane: Lane, bytes: Uint8Array<ArrayBuffer>): boolean {
    return lane === 'talk' ? this.#link.send(bytes) : this.#link.sendBulk(bytes)
  }

  room(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
    })
  }

  async #connected(): Promise<void> {
    while (this.#link.status.state !== 'connected') await this.room()
  }
}
