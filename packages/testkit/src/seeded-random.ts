// Randomness that one seed decides: the same seed gives the same run. sfc32 (Chris Doty-Humphrey's
// PractRand) seeded by four FNV-1a hashes of the seed's text. Not for keys.
import type { Bytes } from '@knothole/wire'

const FNV_PRIME = 0x01000193
const FNV_BASIS = 0x811c9dc5

/** Outputs thrown away after seeding, until similar seeds no longer look alike. */
const WARM_UP = 15

export class SeededRandom {
  readonly seed: string
  #a: number
  #b: number
  #c: number
  #counter: number

  constructor(seed: string | number) {
    this.seed = String(seed)
    this.#a = hash(`a ${this.seed}`)
    this.#b = hash(`b ${this.seed}`)
    this.#c = hash(`c ${this.seed}`)
    this.#counter = hash(`d ${this.seed}`)
    for (let i = 0; i < WARM_UP; i++) this.#next32()
  }

  /** A number in [0, 1). Bound, so that it can be handed over as a port. */
  readonly next = (): number => this.#next32() / 2 ** 32

  /** Bytes, as the engine's port wants them. Bound. */
  readonly bytes = (length: number): Bytes => {
    const bytes = new Uint8Array(length)
    for (let i = 0; i < length; i++) bytes[i] = this.#next32() >>> 24
    return bytes
  }

  /** A whole number from 0 to `bound - 1`. */
  below(bound: number): number {
    return Math.floor(this.next() * bound)
  }

  /** A number from `low` up to `high`. */
  between(low: number, high: number): number {
    return low + this.next() * (high - low)
  }

  /** True in a share of all cases. */
  chance(share: number): boolean {
    return this.next() < share
  }

  /** One of a list. @throws RangeError when it is empty */
  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)]
    if (item === undefined) throw new RangeError('nothing to pick from')
    return item
  }

  /** The list in another order (Fisher and Yates). */
  shuffle<Item>(items: readonly Item[]): Item[] {
    const left = [...items]
    const shuffled: Item[] = []
    while (left.length > 0) shuffled.push(...left.splice(this.below(left.length), 1))
    return shuffled
  }

  /** An independent stream: drawing more from one does not disturb the other. */
  fork(label: string): SeededRandom {
    return new SeededRandom(`${this.seed}/${label}`)
  }

  #next32(): number {
    const result = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0
    return result >>> 0
  }
}

function hash(text: string): number {
  let value = FNV_BASIS
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), FNV_PRIME)
  return value >>> 0
}
