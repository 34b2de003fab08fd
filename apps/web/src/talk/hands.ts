// Mouse, finger and keyboard over the conversation. One set of listeners for the whole log: rows come
// and go with every scroll.
import { useEffect, useMemo } from 'preact/hooks'
import type { Desk, Place } from './desk.ts'
import type { Traveller } from './traveller.ts'

/** How long a finger rests on a message before its menu opens; phones do the same. */
const LONG_PRESS_MS = 450

/** A finger that moved further than this scrolls. */
const STILL_PX = 10

/** Listeners for the log. */
export interface Hands {
  onClick(event: MouseEvent): void
  onDblClick(event: MouseEvent): void
  onContextMenu(event: MouseEvent): void
  onKeyDown(event: KeyboardEvent): void
  onPointerDown(event: PointerEvent): void
  onPointerMove(event: PointerEvent): void
  onPointerUp(): void
  onPointerCancel(): void
}

/** Hands for a log. */
export function useHands(desk: Desk, traveller: Traveller): Hands {
  const hands = useMemo(() => new LogHands(desk, traveller), [desk, traveller])
  useEffect(() => () => hands.listeners.onPointerUp(), [hands])
  return hands.listeners
}

class LogHands {
  readonly listeners: Hands
  readonly #desk: Desk
  readonly #traveller: Traveller
  #press: { timer: ReturnType<typeof setTimeout>; at: Place } | undefined
  #touched = false

  constructor(desk: Desk, traveller: Traveller) {
    this.#desk = desk
    this.#traveller = traveller
    this.listeners = {
      onClick: (event) => this.#click(event),
      onDblClick: (event) => this.#reply(event),
      onContextMenu: (event) => this.#contextMenu(event),
      onKeyDown: (event) => this.#key(event),
      onPointerDown: (event) => this.#down(event),
      onPointerMove: (event) => this.#move(event),
      onPointerUp: () => this.#up(),
      onPointerCancel: () => this.#up(),
    }
  }

  #click(event: MouseEvent): void {
    const clicked = closest(event.target, '[data-do]')
    const id = idOf(event.target)
    if (clicked === undefined || id === undefined) return
    const { do: action = '', to = '', emoji = '' } = clicked.dataset
    const message = this.#desk.message(id)
    const acts: Readonly<Record<string, () => void>> = {
      jump: () => void this.#traveller.toMessage(to),
      menu: () => this.#desk.open('menu', id, placeOf(clicked)),
      emoji: () => this.#desk.open('emoji', id, placeOf(clicked)),
      delivery: () => this.#desk.open('delivery', id),
      reply: () => message && this.#desk.reply(message),
      react: () => message && this.#desk.react(message, emoji),
    }
    acts[action]?.()
  }

  /** A double click beside the words answers; on them it selects a word, as everywhere. */
  #reply(event: MouseEvent): void {
    const message = this.#desk.message(idOf(event.target) ?? '')
    if (message && closest(event.target, '.bubble, button') === undefined) this.#desk.reply(message)
  }

  #contextMenu(event: MouseEvent): void {
    const id = idOf(event.target)
    const isSelecting = getSelection()?.isCollapsed === false
    if (id === undefined || closest(event.target, 'a') !== undefined || isSelecting) return
    event.preventDefault()
    // A finger that rests has opened it already.
    if (!this.#touched) this.#openMenu(id, { x: event.clientX, y: event.clientY })
  }

  #key(event: KeyboardEvent): void {
    const focused = closest(event.target, '.said')
    const row = closest(event.target, '[data-index]')
    const from = focused === undefined ? undefined : Number(row?.dataset['index'])
    if (event.ctrlKey || event.metaKey || event.altKey || closest(event.target, 'button')) return
    const acts: Readonly<Record<string, (() => void) | undefined>> = {
      ArrowUp: () => this.#traveller.step(from, -1),
      ArrowDown: from === undefined ? undefined : () => this.#traveller.step(from, 1),
      Home: () => this.#traveller.leap('first'),
      End: () => this.#traveller.leap('last'),
      Enter: focused && (() => this.#openMenu(focused.dataset['id'], placeOf(focused))),
      Escape: focused && focusComposer,
    }
    const act = acts[event.key]
    if (act === undefined) return
    event.preventDefault()
    act()
  }

  #down(event: PointerEvent): void {
    this.#touched = event.pointerType !== 'mouse'
    const id = idOf(event.target)
    if (!this.#touched || id === undefined || closest(event.target, 'button') !== undefined) return
    const at = { x: event.clientX, y: event.clientY }
    const timer = setTimeout(() => {
      this.#press = undefined
      navigator.vibrate?.(8)
      this.#openMenu(id, at)
      swallowClick()
    }, LONG_PRESS_MS)
    this.#press = { timer, at }
  }

  #move(event: PointerEvent): void {
    if (this.#press === undefined) return
    const { x, y } = this.#press.at
    if (Math.hypot(event.clientX - x, event.clientY - y) > STILL_PX) this.#up()
  }

  #up(): void {
    clearTimeout(this.#press?.timer)
    this.#press = undefined
  }

  #openMenu(id: string | undefined, place: Place): void {
    const message = this.#desk.message(id ?? '')
    if (message === undefined || message.deleted === true) return
    this.#desk.open('menu', message.id, place)
  }
}

function closest(target: EventTarget | null, selector: string): HTMLElement | undefined {
  const found = target instanceof Element ? target.closest(selector) : null
  return found instanceof HTMLElement ? found : undefined
}

function idOf(target: EventTarget | null): string | undefined {
  return closest(target, '[data-id]')?.dataset['id']
}

function placeOf(element: HTMLElement): Place {
  const box = (element.querySelector('.bubble') ?? element).getBoundingClientRect()
  return { x: box.left, y: Math.min(box.bottom, innerHeight - 8) }
}

function focusComposer(): void {
  document.querySelector<HTMLElement>('[data-composer]')?.focus()
}

/** Lifting the finger that opened a menu is no click on what now lies under it. */
function swallowClick(): void {
  addEventListener('click', swallow, { capture: true, once: true })
  const isOver = (): void => removeEventListener('click', swallow, { capture: true })
  addEventListener('pointerdown', isOver, { capture: true, once: true })
}

function swallow(event: Event): void {
  event.preventDefault()
  event.stopPropagation()
}
