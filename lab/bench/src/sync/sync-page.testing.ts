// A page of the `sync` bench: one side of a contender, over its way to the other page.
import { openSide } from 'bench-side'
import { openWay } from 'bench-way'
import { textsOf } from './side.ts'
import type { Side, SyncPage } from './side.ts'
import type { Way } from './way.ts'

class Page implements SyncPage {
  readonly #side: Side
  readonly #way: Way

  constructor(isOfferer: boolean) {
    this.#side = openSide((bytes) => this.#way.send(bytes))
    this.#way = openWay({
      isOfferer,
      tell: (signal) => void tellOther(signal),
      onMessage: (message) => this.#side.receive(message),
    })
  }

  hear(signal: string): void {
    this.#way.hear(signal)
  }

  async fill(count: number): Promise<void> {
    await this.#side.fill(textsOf(count))
  }

  async opened(): Promise<void> {
    await this.#way.open
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
}

globalThis.openSyncBench = (isOfferer) => {
  globalThis.syncBench = new Page(isOfferer)
}
