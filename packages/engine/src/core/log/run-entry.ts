// Entries that came in a run, which keep nothing of their own: what is to know of them stands in the columns of
// the run and in its bytes. Histories have them by the hundred thousand, and most are never looked at.
import { namesOthers, wholeOf } from '@knothole/wire'
import type { Bytes, RunEntries, RunHeaders, Stretch } from '@knothole/wire'
import { Entry } from './entry.ts'
import type { FeedView } from './entry.ts'

/** What the entries of a run share. */
export interface RunBlock {
  readonly feed: FeedView
  readonly from: number
  readonly headers: RunHeaders
  readonly entries: RunEntries
}

export class RunEntry extends Entry {
  readonly #block: RunBlock
  readonly #at: number
  /** Another body than that of the run, or none any more. */
  #other: Stretch | 'none' | undefined

  constructor(block: RunBlock, at: number) {
    super()
    this.#block = block
    this.#at = at
  }

  get feed(): FeedView {
    return this.#block.feed
  }

  get sequence(): number {
    return this.#block.from + this.#at
  }

  get atMs(): number {
    return this.#block.entries.atMs[this.#at] ?? 0
  }

  get tick(): number {
    return this.#block.entries.ticks[this.#at] ?? 0
  }

  get headerStretch(): Stretch {
    const { bytes, bounds } = this.#block.headers
    return { bytes, from: bounds[this.#at] ?? 0, to: bounds[this.#at + 1] ?? 0 }
  }

  get bodyStretch(): Stretch | undefined {
    if (this.#other !== undefined) return this.#other === 'none' ? undefined : this.#other
    const { pack, bodyFrom, bodyTo } = this.#block.entries
    return { bytes: pack, from: bodyFrom[this.#at] ?? 0, to: bodyTo[this.#at] ?? 0 }
  }

  get headerBytes(): number {
    const { bounds } = this.#block.headers
    return (bounds[this.#at + 1] ?? 0) - (bounds[this.#at] ?? 0)
  }

  get bodyBytes(): number {
    if (this.#other !== undefined) return this.#other === 'none' ? 0 : lengthOf(this.#other)
    const { bodyFrom, bodyTo } = this.#block.entries
    return (bodyTo[this.#at] ?? 0) - (bodyFrom[this.#at] ?? 0)
  }

  get namesOthers(): boolean {
    const { bytes, bounds } = this.#block.headers
    return namesOthers(bytes, bounds[this.#at] ?? 0, this.sequence)
  }

  setBody(body: Bytes | undefined): void {
    this.#other = body === undefined ? 'none' : wholeOf(body)
  }
}

const lengthOf = ({ from, to }: Stretch): number => to - from
