// Finds out by STUN whether the network is back (SPEC.md E436): a new throw-away connection asks at once
// and twice more within its second, which an older one would not, and no request of the browser's to the
// rendezvous that still waits stands before it. Says nothing of the rendezvous itself.
import { Gatherer } from './gathering.ts'
import { stunServersOf } from './stun-servers.ts'
import type { StunServer } from './stun-servers.ts'

/** A connection asks at 0, 0.25 and 0.75 s (libwebrtc), and then too seldom. */
const ASKS_FOR_MS = 1_000

export class StunKnocks {
  readonly #servers: readonly StunServer[]
  readonly #onAnswer: () => void
  #asking: { readonly gatherer: Gatherer; readonly sinceMs: number } | undefined

  /** @param onAnswer a server has answered; said once for each connection that asked */
  constructor(stunUrls: readonly string[], onAnswer: () => void) {
    const known = stunServersOf(stunUrls)
    this.#servers = known.filter(({ isIpv6 }) => !isIpv6).slice(0, 1)
    this.#onAnswer = onAnswer
  }

  /** Asks, unless a question is on its way; called as often as wanted. */
  ask(): void {
    const sinceMs = performance.now()
    const before = this.#asking
    if (this.#servers.length === 0) return
    if (before !== undefined && sinceMs - before.sinceMs < ASKS_FOR_MS) return
    before?.gatherer.close()
    const gatherer = new Gatherer(0, this.#servers, { onFirst: () => this.#onAnswer() })
    this.#asking = { gatherer, sinceMs }
    void this.#closeWhenDone(gatherer)
  }

  /** Asks no more. */
  close(): void {
    this.#asking?.gatherer.close()
    this.#asking = undefined
  }

  async #closeWhenDone(gatherer: Gatherer): Promise<void> {
    await gatherer.done
    if (this.#asking?.gatherer === gatherer) this.close()
  }
}
