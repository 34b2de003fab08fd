// Where one is in a conversation: near its end or away from it, on the way to a message, at its top and
// in need of earlier ones. Draws nothing.
import type { Virtualizer } from '@tanstack/virtual-core'
import { signal } from '@preact/signals'
import type { Signal } from '@preact/signals'
import type { RefObject } from 'preact'
import { announce } from '../parts/announcer.tsx'
import type { RoomModel } from '../room/model.ts'
import type { Rows } from '../room/rows.ts'
import { LISTED_AT_ONCE, Listed } from './listed.ts'

type Log = Virtualizer<HTMLDivElement, HTMLDivElement>

/** How near the end still counts as at the end, in CSS pixels: about one line. */
const END_PX = 40

/** Beyond this one has left the end, and is offered a way back. */
const AWAY_PX = 400

/** Earlier messages are opened before one gets to where they should be. */
const EARLIER_PX = 2000

/** A message further back than so many openings is not looked for. */
const MAX_OPENINGS = 500

/** Rows listed before a message that one is led to. */
const AROUND_ROWS = 50

/** How long the message one was led to is marked. */
const MARK_MS = 1800

/** Moves through the rows of a room. */
export class Traveller {
  /** Whether earlier messages are being opened. */
  readonly opening: Signal<boolean> = signal(false)
  list: Log | undefined
  /** How many rows are listed. */
  readonly #length = signal(LISTED_AT_ONCE)
  #listed: Listed
  /** The rows as they were listed last. */
  #before: { readonly rows: Rows; readonly first: string | undefined }
  readonly #model: RoomModel
  readonly #log: RefObject<HTMLElement | null>
  readonly #away: Signal<boolean>
  /** The row that takes the focus once it is drawn. */
  #focusAt: number | undefined
  #mark: (() => void) | undefined

  constructor(model: RoomModel, log: RefObject<HTMLElement | null>, away: Signal<boolean>) {
    this.#model = model
    this.#log = log
    this.#away = away
    this.#before = { rows: model.rows.peek(), first: firstId(model) }
    this.#listed = new Listed(this.#before.rows, LISTED_AT_ONCE)
  }

  /** The rows to list; what came at the end since pushes none out at the top. */
  listed(rows: Rows): Listed {
    const before = this.#before
    if (rows !== before.rows) {
      const first = firstId(this.#model)
      const grown = rows.length - before.rows.length
      const length = this.#length.peek()
      if (first === before.first && grown > 0 && length < rows.length)
        this.#length.value = length + grown
      this.#before = { rows, first }
    }
    if (!this.#listed.isOf(rows, this.#length.value))
      this.#listed = new Listed(rows, this.#length.value)
    return this.#listed
  }

  /** The list moved, by hand or by itself. */
  moved(list: Log): void {
    const distance = list.getDistanceFromEnd()
    this.#away.value = distance > AWAY_PX
    this.#model.watching.value = distance < END_PX && document.visibilityState === 'visible'
    if ((list.scrollOffset ?? 0) < EARLIER_PX) void this.#listMore()
  }

  toEnd(): void {
    this.list?.scrollToEnd()
  }

  /** Leads to a message, opening what lies between. */
  async toMessage(id: string): Promise<void> {
    for (let openings = 0; this.#model.rows.peek().indexOf(id) < 0; openings += 1) {
      const { talk } = this.#model.room
      if (!talk.hasEarlier || openings === MAX_OPENINGS) {
        announce('That message is not here')
        return
      }
      await this.#openEarlier()
    }
    const rows = this.#model.rows.peek()
    const needed = rows.length - rows.indexOf(id) + AROUND_ROWS
    if (needed > this.#length.peek()) this.#length.value = needed
    // What was opened is drawn first; only then is its place known.
    requestAnimationFrame(() => this.#lookAt(this.#listed.indexOf(id)))
  }

  /** Moves the focus from a row to the next message in a direction, or to the newest from none. */
  step(from: number | undefined, by: 1 | -1): void {
    const rows = this.#listed
    let index = from === undefined ? rows.length - 1 : from + by
    while (index >= 0 && index < rows.length && rows.at(index)?.type !== 'message')
      index += from === undefined ? -1 : by
    if (index >= 0 && index < rows.length) this.#focus(index)
  }

  /** To the first or last message that is open. */
  leap(to: 'first' | 'last'): void {
    const rows = this.#listed
    if (to === 'last') this.step(undefined, -1)
    else this.step(-1, 1)
    if (to === 'first' && rows.length > 0) this.list?.scrollToOffset(0)
  }

  /** After each drawing: gives the focus to whom it was meant for. */
  drawn(): void {
    if (this.#focusAt === undefined) return
    const said = this.#rowElement(this.#focusAt)
    if (said === undefined) return
    this.#focusAt = undefined
    said.focus({ preventScroll: true })
  }

  /** Keeps in step with the window: hidden, shown, grown, shrunk. */
  watchWindow(): () => void {
    const look = (): void => {
      if (this.list) this.moved(this.list)
    }
    document.addEventListener('visibilitychange', look)
    const frame = requestAnimationFrame(look)
    return () => {
      cancelAnimationFrame(frame)
      this.#mark?.()
      document.removeEventListener('visibilitychange', look)
    }
  }

  /** Lists what is open, and opens more when all of it is listed. */
  async #listMore(): Promise<void> {
    if (!this.#listed.hasMore) await this.#openEarlier()
    if (this.#model.rows.peek().length > this.#length.peek()) this.#length.value += LISTED_AT_ONCE
  }

  async #openEarlier(): Promise<void> {
    const { talk } = this.#model.room
    if (this.opening.peek() || !talk.hasEarlier) return
    this.opening.value = true
    // reason: what cannot be opened now is asked for again as one scrolls on.
    await talk.earlier().catch(() => undefined)
    this.opening.value = false
  }

  #lookAt(index: number): void {
    if (index < 0) return
    this.list?.scrollToIndex(index, { align: 'center' })
    this.#focus(index)
    const id = this.#listed.key(index)
    const timer = setTimeout(() => this.#mark?.(), MARK_MS)
    this.#mark?.()
    const mark = (): void => {
      for (const said of document.querySelectorAll<HTMLElement>('[data-id]'))
        said.toggleAttribute('data-found', said.dataset['id'] === id && this.#mark !== undefined)
    }
    this.#mark = () => {
      clearTimeout(timer)
      this.#mark = undefined
      mark()
    }
    requestAnimationFrame(mark)
  }

  #focus(index: number): void {
    const said = this.#rowElement(index)
    if (said === undefined) {
      this.#focusAt = index
      this.list?.scrollToIndex(index, { align: 'auto' })
      return
    }
    said.focus({ preventScroll: true })
    this.list?.scrollToIndex(index, { align: 'auto' })
  }

  #rowElement(index: number): HTMLElement | undefined {
    const row = this.#log.current?.querySelector(`[data-index="${index}"] .said`)
    return row instanceof HTMLElement ? row : undefined
  }
}

function firstId({ room }: RoomModel): string | undefined {
  return room.talk.at(0)?.id
}
