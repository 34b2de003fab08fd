// Numbered messages, to see whether any is lost, doubled or out of order: each page says its numbers,
// and what the other page shows is read back. Pure except for the typing.

import { setTimeout as pause } from 'node:timers/promises'

import type { RoomPage } from '../room-page.ts'

/** What one page showed of another's numbers. */
export interface NumbersRead {
  readonly said: number
  readonly read: number
  readonly lost: number
  readonly doubled: number
  /** Numbers that stand before a smaller one. */
  readonly misplaced: number
}

/** Says numbers until told to stop. */
export class NumberedTalk {
  readonly #page: RoomPage
  readonly #everyMs: number
  #said = 0
  #stopped = false
  readonly #talking: Promise<void>

  constructor(page: RoomPage, everyMs: number) {
    this.#page = page
    this.#everyMs = everyMs
    this.#talking = this.#talk()
  }

  get said(): number {
    return this.#said
  }

  /** Says no more; resolves when the last number has been typed. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#talking
  }

  /** Waits until a reader shows the last number, and counts. */
  async readBy(reader: RoomPage, timeoutMs: number): Promise<NumbersRead> {
    const { name } = this.#page
    const isComplete = (messages: readonly string[]): boolean =>
      new Set(numbersOf(name, messages)).size === this.#said
    await reader.until(({ messages }) => isComplete(messages), timeoutMs)
    return countNumbers(this.#said, numbersOf(name, reader.view.messages))
  }

  async #talk(): Promise<void> {
    while (!this.#stopped) {
      this.#said += 1
      await this.#page.sayAtOnce(`${this.#page.name} says no. ${this.#said}.`)
      await pause(this.#everyMs)
    }
  }
}

/** The numbers of a speaker in the order they are shown. */
export function numbersOf(name: string, messages: readonly string[]): number[] {
  const pattern = new RegExp(`${name} says no\\. (\\d+)\\.`)
  return messages.flatMap((message) => {
    const number = pattern.exec(message)?.[1]
    return number === undefined ? [] : [Number(number)]
  })
}

/** Counts what is wrong with a list that should be 1, 2, 3 and so on. */
export function countNumbers(said: number, shown: readonly number[]): NumbersRead {
  const distinct = new Set(shown)
  return {
    said,
    read: shown.length,
    lost: said - distinct.size,
    doubled: shown.length - distinct.size,
    misplaced: shown.filter((number, index) => number > (shown[index + 1] ?? number)).length,
  }
}
