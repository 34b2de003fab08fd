// The engine's clock in virtual time: nothing waits, a second passes as fast as its calls can be made.
// Calls run in the order of their time, then of their scheduling, so that a run can be repeated.
import type { Clock } from '@knothole/engine/ports'

/** Where virtual time begins: a round number, so that it is easy to read in a failure. */
const START_MS = 1_000_000_000_000

/** Calls in one run at most: beyond it, something goes round in circles. */
const MAX_STEPS = 20_000_000

interface Timer {
  readonly atMs: number
  readonly order: number
  call: (() => void) | undefined
}

export class VirtualClock implements Clock {
  readonly startMs: number
  readonly #maxSteps: number
  readonly #heap: Timer[] = []
  #nowMs: number
  #scheduled = 0
  #steps = 0

  constructor(options: { readonly startMs?: number; readonly maxSteps?: number } = {}) {
    this.startMs = options.startMs ?? START_MS
    this.#nowMs = this.startMs
    this.#maxSteps = options.maxSteps ?? MAX_STEPS
  }

  nowMs(): number {
    return this.#nowMs
  }

  /** Virtual ms since the beginning. */
  elapsedMs(): number {
    return this.#nowMs - this.startMs
  }

  schedule(atMs: number, call: () => void): () => void {
    const timer: Timer = { atMs: Math.max(atMs, this.#nowMs), order: this.#scheduled++, call }
    push(this.#heap, timer)
    return () => {
      timer.call = undefined
    }
  }

  /** When the next call is due, if any is. */
  nextMs(): number | undefined {
    return this.#first()?.atMs
  }

  /** Makes the next call, if there is one until `untilMs`; answers whether there was. */
  step(untilMs: number = Infinity): boolean {
    const timer = this.#first()
    if (timer === undefined || timer.atMs > untilMs) return false
    this.#steps += 1
    if (this.#steps > this.#maxSteps)
      throw new Error(`more than ${this.#maxSteps} calls: something goes round in circles`)
    pop(this.#heap)
    this.#nowMs = timer.atMs
    timer.call?.()
    return true
  }

  /** Makes every call due until `untilMs`, which is the time afterwards. */
  runUntil(untilMs: number): void {
    while (this.step(untilMs)) continue
    this.#nowMs = Math.max(this.#nowMs, untilMs)
  }

  /** Lets this much time pass. */
  advance(ms: number): void {
    this.runUntil(this.#nowMs + ms)
  }

  /** Runs until a condition holds, `withinMs` at most, asking every `everyMs`; answers whether it does. */
  runUntilTrue(condition: () => boolean, withinMs: number, everyMs = 10): boolean {
    const untilMs = this.#nowMs + withinMs
    while (!condition()) {
      if (this.#nowMs >= untilMs) return false
      this.runUntil(Math.min(untilMs, this.#nowMs + everyMs))
    }
    return true
  }

  /** The earliest timer that was not cancelled. */
  #first(): Timer | undefined {
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (first.call !== undefined) return first
      pop(this.#heap)
    }
    return undefined
  }
}

// A binary heap: hundreds of peers reschedule their timers at every packet.

function isBefore(a: Timer, b: Timer): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
}

function push(heap: Timer[], timer: Timer): void {
  let at = heap.length
  heap.push(timer)
  while (at > 0) {
    const up = (at - 1) >> 1
    const parent = heap[up]
    if (parent === undefined || !isBefore(timer, parent)) break
    heap[at] = parent
    at = up
  }
  heap[at] = timer
}

function pop(heap: Timer[]): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let at = 0
  for (;;) {
    const down = smallerChild(heap, at)
    const child = heap[down]
    if (child === undefined || !isBefore(child, last)) break
    heap[at] = child
    at = down
  }
  heap[at] = last
}

function smallerChild(heap: readonly Timer[], at: number): number {
  const left = heap[2 * at + 1]
  const right = heap[2 * at + 2]
  return left !== undefined && right !== undefined && isBefore(right, left)
    ? 2 * at + 2
    : 2 * at + 1
}
