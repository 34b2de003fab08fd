// A conversation in an array, of which only the newest part may be open. Stands in for the engine's.
import type { Keep, Message, TalkGap, TalkStorage, TalkView } from '../engine.ts'

/** Messages opened at a time. */
const PAGE = 200

/** The conversation. */
export class FakeTalk implements TalkView {
  gaps: readonly TalkGap[] = []
  keep: Keep = 'month'
  storage: TalkStorage = 'durable'
  /** Earlier ones that are not open, oldest first. */
  closed: Message[] = []
  #messages: Message[] = []
  #places = new Map<string, number>()
  readonly #onChange: () => void

  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  get length(): number {
    return this.#messages.length
  }

  get hasEarlier(): boolean {
    return this.closed.length > 0
  }

  at(index: number): Message | undefined {
    return this.#messages[index]
  }

  indexOf(id: string): number {
    return this.#places.get(id) ?? -1
  }

  async earlier(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 20))
    this.#messages.unshift(...this.closed.splice(-PAGE))
    this.#index()
    this.#onChange()
  }

  /** Adds a message at its place, or puts it in the place of its older self. */
  put(message: Message): void {
    const known = this.#places.get(message.id)
    if (known !== undefined) {
      this.#messages[known] = message
      return
    }
    const before = this.#messages.findLastIndex(({ atMs }) => atMs <= message.atMs)
    this.#messages.splice(before + 1, 0, message)
    if (before + 2 === this.#messages.length) this.#places.set(message.id, before + 1)
    else this.#index()
  }

  /** Puts many at once; all of them are open. */
  fill(messages: readonly Message[]): void {
    this.#messages = [...messages]
    this.#index()
    this.#onChange()
  }

  #index(): void {
    this.#places = new Map(this.#messages.map(({ id }, index) => [id, index]))
  }
}
