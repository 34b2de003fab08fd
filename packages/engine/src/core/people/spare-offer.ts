// The connection whose offer goes out with the join, before it is known who will get it. It saves a
// round trip in a room of two.
import type { RtcEvent } from '../../ports/index.ts'

export class SpareOffer {
  readonly connection: number
  #described = false
  #sent = false
  #candidates: RtcEvent[] = []

  constructor(connection: number) {
    this.connection = connection
  }

  /** Whether the offer is made and can be sent. */
  get ready(): boolean {
    return this.#described
  }

  /** Whether it went out. */
  get sent(): boolean {
    return this.#sent
  }

  /** Candidates gathered since the offer went out; those before are in it. */
  get candidates(): readonly RtcEvent[] {
    return this.#candidates
  }

  handle(event: RtcEvent): void {
    if (event.type === 'local-offer') this.#described = true
    if (event.type === 'candidate' && this.#sent) this.#candidates.push(event)
  }

  /** The offer goes out now. */
  send(): void {
    this.#sent = true
  }
}
