/**
 * One direction of a delayed connection: what goes in comes out `delayMs` later, in order, however
 * much is under way (pipelined, as on a long cable). It knows no sockets.
 */

/** A delay line; items come out through the callback it was made with. */
export interface DelayLine<Item> {
  /** Puts an item in; it is treated as put in at `notBeforeMs` (a `performance.now()`) if that is later. */
  push(item: Item, notBeforeMs?: number): void
  /** Drops all that is under way. */
  close(): void
}

/** Makes a delay line. No item comes out early; late by the timer's grain, about 1 ms. */
export function createDelayLine<Item>(
  delayMs: number,
  deliver: (item: Item) => void,
): DelayLine<Item> {
  const underWay: { item: Item; dueMs: number }[] = []
  let timer: NodeJS.Timeout | undefined

  const drain = (): void => {
    timer = undefined
    for (let first = underWay[0]; first !== undefined; first = underWay[0]) {
      const waitMs = first.dueMs - performance.now()
      if (waitMs > 0) {
        timer = setTimeout(drain, Math.ceil(waitMs))
        return
      }
      underWay.shift()
      deliver(first.item)
    }
  }

  return {
    push(item, notBeforeMs = 0) {
      const last = underWay.at(-1)?.dueMs ?? 0
      const dueMs = Math.max(last, Math.max(performance.now(), notBeforeMs) + delayMs)
      underWay.push({ item, dueMs })
      if (timer === undefined) timer = setTimeout(drain, Math.ceil(dueMs - performance.now()))
    },
    close() {
      underWay.length = 0
      clearTimeout(timer)
    },
  }
}
