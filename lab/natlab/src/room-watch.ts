// Runs inside the page, before its own scripts: reports what the page shows, with the page's clock,
// each time it changes. Only the attributes of the DOM contract are read. The function is sent as
// text, so it may use nothing from outside itself.

/** A member as the page shows it. */
export interface MemberView {
  readonly state: string
  /** Empty until the page knows. */
  readonly path: string
  readonly rttMs: number | undefined
}

/** A message as the page shows it. */
export interface ShownMessage {
  /** Unique in the page. */
  readonly id: string
  readonly text: string
}

/** What the page tells of itself at one moment. */
export interface RoomReport {
  /** Milliseconds since the epoch: when this came to be shown, words aside, and when the document began to load. */
  readonly atMs: number
  readonly navigationMs: number
  readonly link: string | undefined
  readonly rendezvous: string | undefined
  readonly members: readonly MemberView[]
  /** Those not told before: a page may show a part of a long conversation only. */
  readonly fresh: readonly ShownMessage[]
  /** Visible words, to quote when a run fails; up to half a second old. */
  readonly words: string
}

type FreshMessages = () => ShownMessage[]

/** The binding through which reports arrive, and where the page keeps what tells its messages. */
export const WATCH_NAMES = { binding: 'natlabReport', hook: 'natlabFreshMessages' } as const

/** Installs what tells the messages that were not told before; first. */
export function watchMessages({ hook }: typeof WATCH_NAMES): void {
  const told = new Set<string>()
  const unnamed = new Set<HTMLElement>()
  const root = document
  /** A page that names no messages keeps them all. */
  const idOf = (element: HTMLElement): string => {
    const id = element.dataset['message'] ?? ''
    return id === '' ? `unnamed ${[...unnamed.add(element)].indexOf(element)}` : id
  }
  Reflect.set(globalThis, hook, (): ShownMessage[] => {
    const all = [...root.querySelectorAll<HTMLElement>('[data-message]')]
    const shown = all.map((element) => ({ id: idOf(element), text: element.textContent ?? '' }))
    const fresh = shown.filter(({ id, text }) => text !== '' && !told.has(id))
    for (const { id } of fresh) told.add(id)
    return fresh
  })
}

/** Installs the watch. */
export function watchRoom({ binding, hook }: typeof WATCH_NAMES): void {
  const WORDS_LIMIT_CHARS = 2000
  const WORDS_EVERY_MS = 500
  const root = document
  let last = ''
  let atMs = 0
  let lastWords = ''
  let scheduled = false
  let words = ''
  let wordsTimer: ReturnType<typeof setTimeout> | undefined

  const all = (selector: string): HTMLElement[] => [...root.querySelectorAll<HTMLElement>(selector)]
  // Words cost a layout: not for each message of many.
  const readWords = (): void => {
    wordsTimer ??= setTimeout(() => {
      wordsTimer = undefined
      words = (root.body?.innerText ?? '').slice(0, WORDS_LIMIT_CHARS)
      look()
    }, WORDS_EVERY_MS)
  }
  const look = (): void => {
    scheduled = false
    const fresh = (Reflect.get(globalThis, hook) as FreshMessages)()
    const shown = {
      link: all('[data-room-link]')[0]?.dataset['roomLink'],
      rendezvous: all('[data-rendezvous]')[0]?.dataset['rendezvous'],
      members: all('[data-member][data-state]').map(({ dataset }) => ({
        state: dataset['state'] ?? '',
        path: dataset['path'] ?? '',
        rttMs: dataset['rtt'] === undefined ? undefined : Number(dataset['rtt']),
      })),
    }
    const text = JSON.stringify(shown)
    const isOther = text !== last || fresh.length > 0
    const report: unknown = Reflect.get(globalThis, binding)
    if ((!isOther && words === lastWords) || typeof report !== 'function') return
    if (isOther) atMs = performance.timeOrigin + performance.now()
    last = text
    lastWords = words
    const { timeOrigin: navigationMs } = performance
    report(JSON.stringify({ ...shown, fresh, words, atMs, navigationMs }))
  }
  const observer = new MutationObserver(() => {
    readWords()
    if (scheduled) return
    scheduled = true
    queueMicrotask(look)
  })
  observer.observe(root, {
    subtree: true,
    childList: true,
    attributes: true,
    characterData: true,
  })
}
