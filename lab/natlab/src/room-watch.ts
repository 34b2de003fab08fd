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

/** What the page shows at one moment. */
export interface RoomView {
  /** Milliseconds since the epoch, and when this document began to load. */
  readonly atMs: number
  readonly navigationMs: number
  readonly link: string | undefined
  readonly rendezvous: string | undefined
  readonly members: readonly MemberView[]
  readonly messages: readonly string[]
  /** Visible words, to quote when a run fails. */
  readonly words: string
}

/** The name of the binding through which views arrive. */
export const REPORT_BINDING = 'natlabReport'

/** Installs the watch. */
export function watchRoom(binding: string): void {
  const WORDS_LIMIT_CHARS = 2000
  const root = document
  let last = ''
  let scheduled = false

  const all = (selector: string): HTMLElement[] => [...root.querySelectorAll<HTMLElement>(selector)]
  const look = (): void => {
    scheduled = false
    const shown = {
      link: all('[data-room-link]')[0]?.dataset['roomLink'],
      rendezvous: all('[data-rendezvous]')[0]?.dataset['rendezvous'],
      members: all('[data-member][data-state]').map(({ dataset }) => ({
        state: dataset['state'] ?? '',
        path: dataset['path'] ?? '',
        rttMs: dataset['rtt'] === undefined ? undefined : Number(dataset['rtt']),
      })),
      messages: all('[data-message]').map((element) => element.textContent ?? ''),
      words: (root.body?.innerText ?? '').slice(0, WORDS_LIMIT_CHARS),
    }
    const text = JSON.stringify(shown)
    if (text === last) return
    last = text
    const report: unknown = Reflect.get(globalThis, binding)
    if (typeof report !== 'function') return
    const atMs = performance.timeOrigin + performance.now()
    report(JSON.stringify({ ...shown, atMs, navigationMs: performance.timeOrigin }))
  }
  const observer = new MutationObserver(() => {
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
