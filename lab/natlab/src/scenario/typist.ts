// Types numbered messages into a person's page, in the page, as fast as wanted: the text into the composer,
// then Enter. A number counts as typed when the page has taken it out of the composer. Goes on in another
// page of the same person, after a reload or in a browser that was started again: it writes down each
// number before it types it, so that it types none twice and doubts one at most.

import type { RoomPage } from '../room-page.ts'

/** A number, and when somebody pressed Enter behind it. */
export interface Typed {
  readonly number: number
  readonly atMs: number
}

/** What the page calls: a number is about to be typed, which waits for the answer; one was typed. */
const BINDINGS = { begin: 'natlabBegin', typed: 'natlabTyped' } as const
/** The name of the flag in the page that ends the typing. */
const STOP = 'natlabStopTyping'
const COMPOSER_MS = 20_000

/** Types for one person. */
export class Typist {
  readonly name: string
  readonly typed: Typed[] = []
  /** Numbers that were in a page when it went: whether they were said only the pages can tell. */
  readonly uncertain: Set<number> = new Set()
  /** The last number that a page was allowed to type. */
  #begun = 0
  readonly #everyMs: number
  readonly #filler: string
  readonly #ready = new WeakSet<RoomPage>()
  #page: RoomPage | undefined

  /** @param fillerChars how much more stands behind each number */
  constructor(name: string, everyMs: number, fillerChars = 0) {
    this.name = name
    this.#everyMs = everyMs
    this.#filler = ' and so on'.repeat(fillerChars / 10)
  }

  /** Types into this page from now on, once it has a composer. */
  async start(page: RoomPage): Promise<void> {
    if (!this.#ready.has(page)) {
      this.#ready.add(page)
      await page.page.exposeBinding(BINDINGS.begin, (_source, number: number) => this.begin(number))
      await page.page.exposeBinding(BINDINGS.typed, (_source, typed: Typed) => this.type(typed))
    }
    this.#page = page
    await page.page.locator('textarea[data-composer]').waitFor({ timeout: COMPOSER_MS })
    const times = { first: this.#begun + 1, everyMs: this.#everyMs }
    const words = { name: this.name, filler: this.#filler, ...times, ...BINDINGS, stop: STOP }
    await page.page.evaluate(typeNumbers, words)
  }

  /** A page is about to type this number. What it tells comes in order: the one before was typed. */
  begin(number: number): void {
    this.#begun = Math.max(this.#begun, number)
  }

  /** A page has typed this number. */
  type(typed: Typed): void {
    this.typed.push(typed)
  }

  /** The page is gone, and with it word of the number that it was allowed to type last. */
  lose(): void {
    if (this.#begun > (this.typed.at(-1)?.number ?? 0)) this.uncertain.add(this.#begun)
    this.#page = undefined
  }

  /** Types no more; resolves when the last number is known. */
  async stop(): Promise<void> {
    const page = this.#page
    this.#page = undefined
    await page?.page.evaluate(stopTyping, STOP)
  }
}

/** What a message with a number says. */
export function numberText(name: string, number: number): string {
  return `${name} says no. ${number}.`
}

/** The number in a text, if it is one of this person's. */
export function numberIn(name: string, text: string): number | undefined {
  const number = new RegExp(`${name} says no\\. (\\d+)\\.`).exec(text)?.[1]
  return number === undefined ? undefined : Number(number)
}

/** What to type, and the names of what the page calls. */
interface Typing {
  readonly name: string
  readonly filler: string
  readonly first: number
  readonly everyMs: number
  readonly begin: string
  readonly typed: string
  readonly stop: string
}

/** Runs inside the page. */
function typeNumbers(about: Typing): void {
  const PATIENCE_MS = 2000
  let number = about.first
  let enteredMs: number | undefined
  /** The last number that may be typed; whether leave is being asked, or Enter about to be pressed: once. */
  let allowed = about.first - 1
  let isBusy = false
  const begin = Reflect.get(globalThis, about.begin) as (number: number) => Promise<void>
  const report = Reflect.get(globalThis, about.typed) as (typed: Typed) => Promise<void>
  /** Settles when all that was reported is known. */
  let known = Promise.resolve()
  const clock = performance
  const nowMs = (): number => clock.timeOrigin + clock.now()
  /** Whether the next number may be typed. A busy page may take a while to empty its composer. */
  const isFree = (composer: HTMLTextAreaElement): boolean => {
    if (enteredMs === undefined) return true
    if (composer.value !== '') return nowMs() > enteredMs + PATIENCE_MS
    known = report({ number, atMs: enteredMs })
    enteredMs = undefined
    number += 1
    return true
  }
  const enter = (composer: HTMLTextAreaElement): void => {
    const key = { key: 'Enter', code: 'Enter', bubbles: true, cancelable: true }
    for (const type of ['keydown', 'keyup']) composer.dispatchEvent(new KeyboardEvent(type, key))
    enteredMs = nowMs()
    isBusy = false
  }
  const ask = async (): Promise<void> => {
    isBusy = true
    await begin(number)
    allowed = number
    isBusy = false
    look()
  }
  const look = (): void => {
    const composer = document.querySelector<HTMLTextAreaElement>('textarea[data-composer]')
    if (isBusy || composer === null || !isFree(composer)) return
    const stopped = Reflect.get(globalThis, about.stop) as (() => void) | undefined
    if (stopped !== undefined) {
      clearInterval(timer)
      Reflect.deleteProperty(globalThis, about.stop)
      void known.then(stopped)
      return
    }
    if (allowed < number) {
      void ask()
      return
    }
    composer.value = `${about.name} says no. ${number}.${about.filler}`
    composer.dispatchEvent(new Event('input', { bubbles: true }))
    isBusy = true
    // A framework may take the text into its state only in the next task.
    setTimeout(() => enter(composer), 0)
  }
  const timer = setInterval(look, about.everyMs)
}

/** Runs inside the page. */
function stopTyping(stop: string): Promise<void> {
  return new Promise((resolve) => {
    Reflect.set(globalThis, stop, resolve)
  })
}
