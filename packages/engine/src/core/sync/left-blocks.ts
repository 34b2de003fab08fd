// What the store kept and the log could not join: it follows a hole, or is of another branch. Once the hole
// is filled it is checked like anything that comes from others.
import type { Chunk, FeedId } from '@knothole/wire'
import type { StoredBlock } from '../../ports/index.ts'

export class LeftBlocks {
  readonly #blocks = new Map<FeedId, StoredBlock[]>()

  add(blocks: readonly StoredBlock[]): void {
    for (const block of blocks) {
      const known = this.#blocks.get(block.feed) ?? []
      this.#blocks.set(block.feed, known)
      known.push(block)
    }
  }

  /** What continues a feed that has so many entries, up to a proof; what it had already is let go. */
  next(feed: FeedId, count: number): Chunk | undefined {
    const blocks = this.#blocks.get(feed)
    if (blocks === undefined) return undefined
    const left = blocks.filter(({ from, entries }) => from + entries.length - 1 > count)
    if (left.length > 0) this.#blocks.set(feed, left)
    else this.#blocks.delete(feed)
    for (const { name, from, entries, proofs } of left) {
      const proof = proofs.find(({ sequence }) => sequence > count)
      if (from > count + 1 || proof === undefined) continue
      const some = entries.slice(count + 1 - from, proof.sequence + 1 - from)
      return { name, from: count + 1, entries: some, proof: proof.proof }
    }
    return undefined
  }

  /** They are not what they were: others have better ones. */
  drop(feed: FeedId): void {
    this.#blocks.delete(feed)
  }
}
