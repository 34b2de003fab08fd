// Our own entries on their way into the log: what waits is drafted together, its newest is signed, and then
// all of it counts. In the order in which it was written, one draft at a time. Signs nothing itself.
import type { Bytes } from '@knothole/wire'
import type { Draft } from '../log/index.ts'
import { MAX_WRITES } from './limits.ts'

interface Waiting {
  readonly body: Bytes
  /** Of what was handed over together, the token stands with the last. */
  readonly token: number | undefined
}

export class WriteDesk {
  #waiting: Waiting[] = []
  #draft: { readonly id: number; readonly draft: Draft } | undefined

  /** Bodies that are not in the log yet. */
  get size(): number {
    return this.#waiting.length
  }

  /** Whether they were taken: a page does not write thousands of entries ahead. */
  add(token: number, bodies: readonly Bytes[]): boolean {
    if (this.#waiting.length + bodies.length > MAX_WRITES) return false
    bodies.forEach((body, at) => {
      this.#waiting.push({ body, token: at === bodies.length - 1 ? token : undefined })
    })
    return true
  }

  /** What is to be drafted next, if no draft is under way. */
  next(): readonly Bytes[] {
    if (this.#draft !== undefined) return []
    return this.#waiting.map(({ body }) => body)
  }

  /** A draft of the first of them waits for its signature. */
  drafted(id: number, draft: Draft): void {
    this.#draft = { id, draft }
  }

  /** The signature came: the draft, and the tokens of what is in it whole. */
  signed(id: number): { readonly draft: Draft; readonly tokens: readonly number[] } | undefined {
    if (this.#draft?.id !== id) return undefined
    const { draft } = this.#draft
    this.#draft = undefined
    const taken = this.#waiting.splice(0, draft.entries.length)
    return { draft, tokens: taken.flatMap(({ token }) => token ?? []) }
  }
}
