// Tells whether a carrier that brings small packets loses large ones, as a path with a small MTU does that
// sends no word of it (RFC 8899, section 1): asks with large pings and small ones in turn. It is asked only
// when there is reason to doubt.
export type Width = 'unknown' | 'wide' | 'narrow'

/** Between two questions, large or small. */
const GAP_MS = 100

/**
 * Large ones that went unanswered while the small ones right before and after each were answered, after which
 * it is said: at 10 % loss 1 in 10,000.
 */
const OUTDONE = 4

/** Pairs at most before the carrier counts as merely silent, which others find out. */
const MAX_PAIRS = 20

/** How often a path that lost large packets is asked again. */
const AGAIN_MS = 15_000

/** What a large ping is filled with: browsers send up to some 1,170 bytes of a message in one packet. */
export const WIDE_PAD_BYTES: number = 1_120

export class WidthProbe {
  #width: Width
  /** The questions of this round. */
  #asked: { number: number; isLarge: boolean; isAnswered: boolean }[] = []
  #questions = 0
  #nextAtMs: number | undefined

  /** @param width what is known already; what is narrow is asked again at once */
  constructor(width: Width, nowMs: number) {
    this.#width = width
    if (width === 'narrow') this.#nextAtMs = nowMs
  }

  get width(): Width {
    return this.#width
  }

  /** There is reason to ask; what is narrow is asked again by itself. */
  doubt(nowMs: number): void {
    if (this.#questions > 0 || this.#width === 'narrow') return
    this.#width = 'unknown'
    this.#nextAtMs = nowMs
  }

  /** What to ask now, if anything. */
  due(nowMs: number): 'large' | 'small' | undefined {
    if (this.#nextAtMs === undefined || nowMs < this.#nextAtMs) return undefined
    if (this.#questions === 0) this.#asked = []
    this.#questions += 1
    this.#nextAtMs = nowMs + GAP_MS
    if (this.#questions > 2 * MAX_PAIRS) {
      this.#end(nowMs)
      return undefined
    }
    return this.#questions % 2 === 1 ? 'large' : 'small'
  }

  /** A question went out under this number. */
  sent(number: number, size: 'large' | 'small'): void {
    this.#asked.push({ number, isLarge: size === 'large', isAnswered: false })
  }

  /** The answer to a ping came. */
  answered(number: number, nowMs: number): void {
    const question = this.#asked.find((asked) => asked.number === number)
    if (this.#questions === 0 || question === undefined) return
    question.isAnswered = true
    if (question.isLarge) this.#width = 'wide'
    else if (this.#outdone >= OUTDONE) this.#width = 'narrow'
    else return
    this.#end(nowMs)
  }

  /** Large ones between two small ones that were answered: in the dark, nothing is. */
  get #outdone(): number {
    const isAnswered = (at: number): boolean => this.#asked[at]?.isAnswered === true
    return this.#asked.filter(
      (asked, at) => asked.isLarge && isAnswered(at - 1) && isAnswered(at + 1),
    ).length
  }

  deadlineMs(): number | undefined {
    return this.#nextAtMs
  }

  #end(nowMs: number): void {
    this.#questions = 0
    this.#nextAtMs = this.#width === 'narrow' ? nowMs + AGAIN_MS : undefined
  }
}
