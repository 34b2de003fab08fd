// Understands what somebody says while the code of the log is not there yet: texts of their own, which come
// on their own link. That link vouches for who says them, so they can be shown at once; what the log makes
// of them, signatures and order included, follows and takes their place. Keeps nothing.
import { entryIdOf, glanceAtChunk, glanceAtText } from '@knothole/wire'
import type { Bytes, MemberId } from '@knothole/wire'
import type { Message } from '../../core/index.ts'
import type { RandomBytes, Subtle } from '../../ports/index.ts'
import { BodySeals } from '../seals/body-seals.ts'
import type { RoomKeys } from '../seals/room-keys.ts'
import { memberOf } from '../seals/signing-key.ts'

/** A frame of the log, and whose link it came on. */
export interface Overheard {
  readonly member: MemberId
  readonly name: string
  readonly data: Bytes
}

export interface EarOptions {
  readonly subtle: Subtle
  readonly randomBytes: RandomBytes
  readonly keys: Pick<RoomKeys, 'content'>
}

export class EarlyEar {
  readonly #subtle: Subtle
  readonly #seals: BodySeals

  constructor({ subtle, randomBytes, keys }: EarOptions) {
    this.#subtle = subtle
    this.#seals = new BodySeals({ subtle, randomBytes }, keys.content)
  }

  /** The texts in a frame; none in one that holds something else, or somebody else's words. */
  async hear({ member, name, data }: Overheard): Promise<Message[]> {
    const chunk = glanceAtChunk(data)
    if (chunk === undefined) return []
    const [author, opened] = await Promise.all([
      memberOf(this.#subtle, chunk.author),
      this.#seals.open(chunk.entries.map(({ feed, body: sealed }) => ({ feed, sealed }))),
    ])
    if (author !== member) return []
    return chunk.entries.flatMap(({ feed, sequence, atMs }, at) => {
      const text = glanceAtText(opened[at] ?? new Uint8Array())
      if (text === undefined) return []
      const id = entryIdOf(feed, sequence)
      return [{ id, author: member, name, text, atMs, mine: false, reactions: [] }]
    })
  }
}
