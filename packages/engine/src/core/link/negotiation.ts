// Perfect negotiation (W3C WebRTC 1.0, section 10.7) as a table: which descriptions to make, take or
// ignore when both sides may offer at any time. One table per connection attempt.
import type { Candidate } from '@knothole/wire'
import { MAX_CANDIDATES_PER_SIGNAL } from '@knothole/wire'

export class Negotiation {
  readonly #polite: boolean
  readonly #early: Candidate[] = []
  #making = false
  #outstanding: number | undefined
  #hasRemote = false

  /** @param polite whether our offer yields when both sides offer at once */
  constructor(polite: boolean) {
    this.#polite = polite
  }

  /** Whether a description of the other side was taken. */
  get hasRemote(): boolean {
    return this.#hasRemote
  }

  /** We asked the connection for an offer. */
  making(): void {
    this.#making = true
  }

  /** The connection made the offer, which was sent under this sequence number. */
  offered(sequence: number): void {
    this.#making = false
    this.#outstanding = sequence
  }

  /** Whether to take an offer that came; when not, it lost to ours. */
  takesOffer(): boolean {
    const collides = this.#making || this.#outstanding !== undefined
    if (collides && !this.#polite) return false
    this.#making = false
    this.#outstanding = undefined
    this.#hasRemote = true
    return true
  }

  /** Whether an offer the connection just made is still wanted: not when we yielded meanwhile. */
  get wantsOffer(): boolean {
    return this.#making
  }

  /** Whether to take an answer to our offer `sequence`; an answer to any other is stale. */
  takesAnswer(sequence: number): boolean {
    if (this.#outstanding !== sequence) return false
    this.#outstanding = undefined
    this.#hasRemote = true
    return true
  }

  /** Whether a candidate can be added now; early ones are kept for `earlyCandidates`. */
  takesCandidate(candidate: Candidate): boolean {
    if (this.#hasRemote) return true
    if (this.#early.length < MAX_CANDIDATES_PER_SIGNAL) this.#early.push(candidate)
    return false
  }

  /** The candidates that came before the description they belong to; empties the list. */
  earlyCandidates(): Candidate[] {
    return this.#early.splice(0)
  }
}
