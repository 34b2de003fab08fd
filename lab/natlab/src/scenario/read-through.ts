// Reads a whole conversation as a person would: scrolls to its beginning, then down to its end, and notes
// what is shown on the way. Pages may hold only the part in sight.

import type { RoomPage } from '../room-page.ts'
import type { ShownMessage } from '../room-watch.ts'

/** Every message the page has, in the order in which it shows them. */
export function readThrough(page: RoomPage): Promise<ShownMessage[]> {
  return page.page.evaluate(scrollThrough)
}

/** Runs inside the page. */
async function scrollThrough(): Promise<ShownMessage[]> {
  const SETTLE_MS = 40
  const QUIET_ROUNDS = 8
  const MAX_ROUNDS = 2000
  const root = document
  const canScroll = new Set(['auto', 'scroll'])
  const settle = (): Promise<void> =>
    new Promise((resolve) => {
      setTimeout(resolve, SETTLE_MS)
    })
  const shown = (): HTMLElement[] => [...root.querySelectorAll<HTMLElement>('[data-message]')]
  const scrollerOf = (element: HTMLElement | undefined): HTMLElement | undefined => {
    for (let box = element?.parentElement; box instanceof HTMLElement; box = box.parentElement) {
      const { overflowY } = getComputedStyle(box)
      if (canScroll.has(overflowY) && box.scrollHeight > box.clientHeight + 1) return box
    }
    return undefined
  }
  const read = new Map<string, ShownMessage>()
  const note = (): void => {
    for (const element of shown()) {
      const id = element.dataset['message'] ?? ''
      if (!read.has(id)) read.set(id, { id, text: element.textContent ?? '' })
    }
  }
  const box = scrollerOf(shown()[0])
  if (box === undefined) {
    note()
    return [...read.values()]
  }
  // At the top an older part may be opened, which moves everything down.
  let first = ''
  for (let round = 0, quiet = 0; round < MAX_ROUNDS && quiet < QUIET_ROUNDS; round += 1) {
    box.scrollTop = 0
    await settle()
    const now = `${shown()[0]?.dataset['message'] ?? ''} ${box.scrollHeight}`
    quiet = now === first ? quiet + 1 : 0
    first = now
  }
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    note()
    const before = box.scrollTop
    box.scrollTop = before + box.clientHeight / 2
    await settle()
    if (box.scrollTop <= before) break
  }
  note()
  return [...read.values()]
}
