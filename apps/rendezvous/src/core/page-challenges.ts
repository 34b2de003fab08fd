// Challenges that travel with the page: whoever opens a link answers one with the first thing it sends.
// They are not kept until they are answered: a challenge says when it was made and proves that we made it.
// Each is taken once.
import { equalInConstantTime } from '@knothole/traversal'
import type { Bytes } from '@knothole/wire'
import { NONCE_BYTES } from '@knothole/wire'
import type { CryptoPort } from './crypto-port.ts'
import { MAX_TAKEN_CHALLENGES, PAGE_CHALLENGE_MS } from './limits.ts'

const KEY_BYTES = 32
const TIME_BYTES = 8

/** Time, and what makes two of one moment differ; the rest is proof. */
const CLAIM_BYTES = 16

type ChallengeCrypto = Pick<CryptoPort, 'hmacSha256' | 'randomBytes'>

export class PageChallenges {
  readonly #crypto: ChallengeCrypto
  readonly #key: Bytes
  /** Those taken and when, oldest first. */
  readonly #taken = new Map<string, number>()

  constructor(crypto: ChallengeCrypto) {
    this.#crypto = crypto
    this.#key = crypto.randomBytes(KEY_BYTES)
  }

  /** A challenge for a page that is served now. */
  issue(nowMs: number): Bytes {
    const nonce = new Uint8Array(NONCE_BYTES)
    nonce.set(this.#crypto.randomBytes(CLAIM_BYTES))
    new DataView(nonce.buffer).setFloat64(0, nowMs)
    nonce.set(this.#proofOf(nonce), CLAIM_BYTES)
    return nonce
  }

  /** Whether a challenge is ours, young and not taken yet; it is taken then. */
  take(nonce: Bytes, nowMs: number): boolean {
    this.#forget(nowMs)
    if (nonce.length !== NONCE_BYTES || this.#taken.size >= MAX_TAKEN_CHALLENGES) return false
    const madeAtMs = new DataView(nonce.slice(0, TIME_BYTES).buffer).getFloat64(0)
    const name = nonce.join()
    const isYoung = nowMs - madeAtMs < PAGE_CHALLENGE_MS
    if (!isYoung || this.#taken.has(name) || !this.#isOurs(nonce)) return false
    this.#taken.set(name, nowMs)
    return true
  }

  #forget(nowMs: number): void {
    for (const [name, takenAtMs] of this.#taken) {
      if (nowMs - takenAtMs < PAGE_CHALLENGE_MS) return
      this.#taken.delete(name)
    }
  }

  #isOurs(nonce: Bytes): boolean {
    return equalInConstantTime(nonce.subarray(CLAIM_BYTES), this.#proofOf(nonce))
  }

  #proofOf(nonce: Bytes): Uint8Array {
    const claim = nonce.subarray(0, CLAIM_BYTES)
    return this.#crypto.hmacSha256(this.#key, claim).subarray(0, NONCE_BYTES - CLAIM_BYTES)
  }
}
