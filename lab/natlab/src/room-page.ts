// One person in a room: a page of Knothole (or of the stock driver, which keeps the same contract),
// driven through the DOM only. Each person gets a fresh browser context.

import type { Browser, BrowserContext, Page } from 'playwright-core'

import { WEB_ORIGIN } from './addresses.ts'
import { LabError } from './lab-error.ts'
import {
  WATCH_NAMES,
  watchMessages,
  watchRoom,
  type MemberView,
  type RoomReport,
  type ShownMessage,
} from './room-watch.ts'

const WORDS_SHOWN_CHARS = 240

const EMPTY_VIEW: RoomView = {
  atMs: 0,
  navigationMs: 0,
  link: undefined,
  rendezvous: undefined,
  members: [],
  messages: [],
  words: '',
}

/** What a page shows at one moment, and the messages it has shown so far. */
export interface RoomView extends Omit<RoomReport, 'fresh'> {
  readonly messages: readonly string[]
}

/** A message, and when the page first showed it. */
export interface MessageMoment {
  readonly text: string
  readonly atMs: number
}

/** A path, and when the page began to show it. */
export interface PathMoment {
  readonly path: string
  readonly atMs: number
}

/** A page and what it shows. */
export class RoomPage {
  readonly name: string
  readonly page: Page
  /** Errors the page threw or logged. */
  readonly errors: string[] = []
  readonly #context: BrowserContext
  readonly #watchers = new Set<() => void>()
  readonly #messages: string[] = []
  readonly #shown: MessageMoment[] = []
  readonly #known = new Set<string>()
  #view: RoomView = EMPTY_VIEW
  #gaveUpMs: number | undefined
  readonly #paths: PathMoment[] = []
  #typing: Promise<void> = Promise.resolve()

  private constructor(parts: { name: string; page: Page; context: BrowserContext }) {
    this.name = parts.name
    this.page = parts.page
    this.#context = parts.context
  }

  /** Opens an empty page in a fresh context. */
  static async open(browser: Browser, name: string): Promise<RoomPage> {
    return RoomPage.openIn(await browser.newContext(), name)
  }

  /** Takes the page that a context has, or opens one. */
  static async openIn(context: BrowserContext, name: string): Promise<RoomPage> {
    const page = context.pages()[0] ?? (await context.newPage())
    const room = new RoomPage({ name, page, context })
    page.on('pageerror', (error) => room.errors.push(String(error)))
    await page.exposeBinding(WATCH_NAMES.binding, (_source, text: string) => room.#see(text))
    await page.addInitScript(watchMessages, WATCH_NAMES)
    await page.addInitScript(watchRoom, WATCH_NAMES)
    return room
  }

  get view(): RoomView {
    return this.#view
  }

  /** The messages the page has shown, in the order in which it showed them first. */
  get shown(): readonly MessageMoment[] {
    return this.#shown
  }

  /** The paths to the first other person the page has shown, in order; empty text: none yet. */
  get paths(): readonly PathMoment[] {
    return this.#paths
  }

  /** When the page first said that it cannot reach somebody. */
  get gaveUpMs(): number | undefined {
    return this.#gaveUpMs
  }

  /** Opens the home page, makes a room and returns its link. */
  async createRoom(timeoutMs: number, origin: string = WEB_ORIGIN): Promise<string> {
    await this.page.goto(`${origin}/`, { timeout: timeoutMs })
    await this.page.locator('button[data-action="create-room"]').click({ timeout: timeoutMs })
    const view = await this.until(({ link }) => link !== undefined && link !== '', timeoutMs)
    if (view?.link === undefined) {
      throw new LabError('page-failed', `${this.name} got no room link. ${this.explain()}`)
    }
    return view.link
  }

  /** Opens a room's link. */
  async join(link: string, timeoutMs: number): Promise<void> {
    await this.page.goto(link, { timeout: timeoutMs, waitUntil: 'commit' })
  }

  /** Types a message and presses Enter. */
  say(text: string): Promise<void> {
    return this.#inTurn(async () => {
      const composer = this.page.locator('textarea[data-composer]')
      await composer.fill(text)
      await composer.press('Enter')
    })
  }

  /**
   * The same by synthetic events inside the page, in a few milliseconds: what is timed should be the
   * product, not the robot that moves the mouse.
   */
  sayAtOnce(text: string): Promise<void> {
    return this.#inTurn(() => this.page.evaluate(typeIntoComposer, text))
  }

  /** The first view that the predicate accepts; undefined when none comes in time. */
  until(accept: (view: RoomView) => boolean, timeoutMs: number): Promise<RoomView | undefined> {
    return new Promise((resolve) => {
      const finish = (view: RoomView | undefined): void => {
        clearTimeout(timer)
        this.#watchers.delete(look)
        resolve(view)
      }
      const look = (): void => {
        if (accept(this.#view)) finish(this.#view)
      }
      const timer = setTimeout(() => finish(undefined), timeoutMs)
      this.#watchers.add(look)
      look()
    })
  }

  /** What the page shows and complained about, for a person to read. */
  explain(): string {
    const { members, rendezvous, words } = this.#view
    const states = members.map(({ state, path }) => `${state} ${path}`.trim()).join(', ')
    const said = words.replaceAll(/\s+/g, ' ').slice(0, WORDS_SHOWN_CHARS)
    const errors = this.errors.map((error) => `; ${error}`).join('')
    return `${this.name}: members [${states}], rendezvous ${rendezvous}, "${said}"${errors}`
  }

  async close(): Promise<void> {
    await this.#context.close()
  }

  /** There is one composer: two who type at once would garble each other's words. */
  #inTurn(type: () => Promise<void>): Promise<void> {
    const typed = this.#typing.then(type)
    // Who waits for their own words hears of a failure; the next one types all the same.
    this.#typing = typed.catch(() => undefined)
    return typed
  }

  #see(text: string): void {
    const { fresh, ...report } = JSON.parse(text) as RoomReport
    this.#show(fresh, report.atMs)
    const view = { ...report, messages: this.#messages }
    this.#view = view
    const path = linkedMembers(view)[0]?.path ?? ''
    if (path !== (this.#paths.at(-1)?.path ?? '')) this.#paths.push({ path, atMs: view.atMs })
    if (view.members.some(({ state }) => state === 'unreachable')) this.#gaveUpMs ??= view.atMs
    for (const look of this.#watchers) look()
  }

  /** A page that was loaded again shows again what it has. */
  #show(fresh: readonly ShownMessage[], atMs: number): void {
    for (const { id, text } of fresh) {
      if (this.#known.has(id)) continue
      this.#known.add(id)
      this.#messages.push(text)
      this.#shown.push({ text, atMs })
    }
  }
}

/** Runs inside the page. */
async function typeIntoComposer(text: string): Promise<void> {
  const composer = document.querySelector<HTMLTextAreaElement>('textarea[data-composer]')
  if (composer === null) throw new Error('the page has no composer')
  composer.value = text
  composer.dispatchEvent(new Event('input', { bubbles: true }))
  // A framework may take the text into its state only in the next task.
  await new Promise((resolve) => {
    setTimeout(resolve, 0)
  })
  const enter = { key: 'Enter', code: 'Enter', bubbles: true, cancelable: true }
  composer.dispatchEvent(new KeyboardEvent('keydown', enter))
  composer.dispatchEvent(new KeyboardEvent('keyup', enter))
}

/** The members a page is linked to; its own entry has no path. */
export function linkedMembers(view: RoomView): MemberView[] {
  return view.members.filter(({ state, path }) => state === 'connected' && path !== '')
}

/** Whether the page shows a message with this text. */
export function showsMessage(view: RoomView, text: string): boolean {
  return view.messages.some((message) => message.includes(text))
}
