// Our own entries from the moment they are said until they are in the log: in the order of their numbers,
// some of them sealed and signed together. Seals and signs nothing itself.
import { encodeEntryBody } from '@knothole/wire'
import type { Bytes, EntryBody } from '@knothole/wire'

/** Something of ours to say. */
export interface Said {
  readonly sequence: number
  readonly body: EntryBody
  readonly atMs: number
}

/** Entries sealed together, and the number of the first. */
export interface SaidTogether {
  readonly number: number
  readonly sequence: number
  readonly plain: readonly Bytes[]
}

/** Bodies sealed and signed together: they fit one chunk with room for their headers. */
const MAX_TOGETHER = 64
const MAX_TOGETHER_BYTES = 24 * 1024

export class Composer {
  /** By number; those before `#next` are under way. */
  readonly #said = new Map<number, Said>()
  #next = 1
  #underWay: SaidTogether | undefined
  #batches = 0

  /** Whether anything was said in this page. */
  get hasSpoken(): boolean {
    return this.#next > 1 || this.#said.size > 0
  }

  add(said: Said): void {
    this.#said.set(said.sequence, said)
  }

  /** What is said and not in the log yet, in its order. */
  waiting(): Said[] {
    return [...this.#said.values()].toSorted((a, b) => a.sequence - b.sequence)
  }

  get(sequence: number): Said | undefined {
    return this.#said.get(sequence)
  }

  /** What to seal next, unless something is under way. `newestMs` is the newest time in the log. */
  take(newestMs: number): SaidTogether | undefined {
    if (this.#underWay !== undefined) return undefined
    const plain: Bytes[] = []
    let bytes = 0
    for (let said = this.#said.get(this.#next); said !== undefined;) {
      const encoded = encodeEntryBody(withClock(said, newestMs))
      bytes += encoded.length
      const isFull = plain.length >= MAX_TOGETHER || bytes > MAX_TOGETHER_BYTES
      if (plain.length > 0 && isFull) break
      plain.push(encoded)
      said = this.#said.get(this.#next + plain.length)
    }
    if (plain.length === 0) return undefined
    this.#underWay = { number: ++this.#batches, sequence: this.#next, plain }
    this.#next += plain.length
    return this.#underWay
  }

  /** What was sealed under this number. */
  underWay(number: number): SaidTogether | undefined {
    return this.#underWay?.number === number ? this.#underWay : undefined
  }

  /** All of it is in the log: the next may follow. */
  written(): void {
    this.#underWay = undefined
  }

  /** An entry of ours is in the log; answers what it says, if it was said in this page. */
  admitted(sequence: number): Said | undefined {
    const said = this.#said.get(sequence)
    this.#said.delete(sequence)
    return said
  }
}

/** An entry's time must be later than what it follows; where that is not our clock's, the body tells ours. */
function withClock({ body, atMs }: Said, newestMs: number): EntryBody {
  return newestMs > atMs ? { ...body, clockMs: Math.floor(atMs) } : body
}
