// The conversation as it is read: rows of the fold, and after them what we said and is not in the log yet.
// Makes messages of both when somebody looks, and the same object again until something about it changes.
import type { EntryBody, MemberId } from '@knothole/wire'
import { deliveryOf, deliveriesOf } from './delivery.ts'
import type { Audience, Delivered } from './delivery.ts'
import { reactionsOf } from './fold.ts'
import type { Row, TalkFold } from './fold.ts'
import type {
  Delivery,
  DeliveryTo,
  Keep,
  Message,
  TalkGap,
  TalkProblem,
  TalkStorage,
} from './message.ts'

/** Something we said that is not in the log yet. */
export interface Pending {
  readonly id: string
  readonly body: EntryBody & { readonly type: 'text' }
  readonly atMs: number
}

export interface ReaderHost {
  readonly fold: TalkFold
  readonly me: MemberId
  readonly nameOf: (member: MemberId) => string
  readonly pending: () => readonly Pending[]
  readonly delivered: (id: string) => Delivered
  readonly audience: () => Audience
  /** Whether an entry's time is far ahead of ours. */
  readonly isAhead: (row: Row) => boolean
  readonly hasEarlier: () => boolean
  readonly gaps: () => readonly TalkGap[]
  readonly storage: () => TalkStorage
}

/** Read-only; indices hold until the talk changes. */
export class TalkReader {
  readonly #host: ReaderHost
  readonly #made = new WeakMap<Row | Pending, { message: Message; version: number }>()

  constructor(host: ReaderHost) {
    this.#host = host
  }

  get length(): number {
    return this.#host.fold.length + this.#host.pending().length
  }

  get hasEarlier(): boolean {
    return this.#host.hasEarlier()
  }

  get gaps(): readonly TalkGap[] {
    return this.#host.gaps()
  }

  get storage(): TalkStorage {
    return this.#host.storage()
  }

  get keep(): Keep {
    return this.#host.fold.keep ?? 'forever'
  }

  at(index: number): Message | undefined {
    const { fold } = this.#host
    const row = fold.at(index)
    if (row !== undefined) return this.messageOf(row)
    const pending = this.#host.pending()[index - fold.length]
    return pending === undefined ? undefined : this.#waiting(pending)
  }

  indexOf(id: string): number {
    const index = this.#host.fold.indexOf(id)
    if (index >= 0) return index
    const at = this.#host.pending().findIndex((pending) => pending.id === id)
    return at < 0 ? at : this.#host.fold.length + at
  }

  deliveryOf(id: string): readonly DeliveryTo[] {
    return deliveriesOf(this.#host.delivered(id), this.#host.audience())
  }

  messageOf(row: Row): Message {
    const { me, nameOf } = this.#host
    const name = nameOf(row.author)
    const delivery = row.author === me ? this.#deliveryOf(row) : undefined
    const problem = this.#problemOf(row)
    const made = this.#made.get(row)
    if (made?.version === row.version && isSame(made.message, { name, delivery, problem }))
      return made.message
    const message = {
      ...wordsOf(row),
      name,
      mine: row.author === me,
      reactions: reactionsOf(row),
      delivery,
      problem,
    }
    this.#made.set(row, { message, version: row.version })
    return message
  }

  #deliveryOf(row: Row): Delivery | undefined {
    const isText = row.event === undefined && row.problem === undefined
    if (!isText || row.isDeleted) return undefined
    return deliveryOf(this.#host.delivered(row.id), this.#host.audience())
  }

  #problemOf(row: Row): TalkProblem | undefined {
    return row.problem ?? (this.#host.isAhead(row) ? 'from-future' : undefined)
  }

  #waiting(pending: Pending): Message {
    const { me, nameOf } = this.#host
    const name = nameOf(me)
    const made = this.#made.get(pending)
    if (made?.message.name === name) return made.message
    const { id, body, atMs } = pending
    const message: Message = {
      id,
      author: me,
      name,
      text: body.text,
      atMs,
      mine: true,
      replyTo: body.replyTo,
      reactions: [],
      delivery: { type: 'waiting' },
    }
    this.#made.set(pending, { message, version: 0 })
    return message
  }
}

/** What a row says by itself. */
function wordsOf({
  id,
  author,
  atMs,
  replyTo,
  event,
  said,
  edit,
  isDeleted,
}: Row): Pick<
  Message,
  'id' | 'author' | 'atMs' | 'text' | 'replyTo' | 'event' | 'edited' | 'deleted'
> {
  if (isDeleted) return { id, author, atMs, text: '', deleted: true }
  const text = edit?.text ?? said
  return { id, author, atMs, text, replyTo, event, edited: edit !== undefined }
}

function isSame(message: Message, now: Pick<Message, 'name' | 'delivery' | 'problem'>): boolean {
  if (message.name !== now.name || message.problem !== now.problem) return false
  const [a, b] = [message.delivery, now.delivery]
  return a === b || (a !== undefined && b !== undefined && textOf(a) === textOf(b))
}

function textOf(delivery: Delivery): string {
  return JSON.stringify(delivery)
}
