// Links between simulated peers in virtual time: frames take a while, queue behind each other, and are gone
// with the link. As the stream of a real link never does, they may also be lost, repeated and reordered.
import type { SeededRandom, VirtualClock } from '@knothole/testkit'
import type { Bytes } from '@knothole/wire'

/** How links treat frames. */
export interface Weather {
  readonly delayMs: number
  /** Bytes a ms in each direction; whatever is sent faster waits. */
  readonly rate: number
  readonly loss: number
  readonly repeat: number
  readonly reorder: number
}

export const FAIR: Weather = { delayMs: 20, rate: 2_000, loss: 0, repeat: 0, reorder: 0 }

interface Direction {
  freeMs: number
  lastMs: number
}

interface Link {
  readonly weather: Weather
  readonly directions: Map<string, Direction>
  isUp: boolean
}

export interface LinkEvents {
  up(of: string, to: string): void
  down(of: string, to: string): void
  frame(of: string, from: string, data: Bytes): void
}

export class SimLinks {
  readonly #clock: VirtualClock
  readonly #random: SeededRandom
  readonly #events: LinkEvents
  readonly #links = new Map<string, Link>()
  readonly #neighbours = new Map<string, Set<string>>()
  frames = 0
  bytes = 0

  constructor(clock: VirtualClock, random: SeededRandom, events: LinkEvents) {
    this.#clock = clock
    this.#random = random
    this.#events = events
  }

  isUp(a: string, b: string): boolean {
    return this.#links.has(keyOf(a, b))
  }

  neighbours(of: string): string[] {
    return [...(this.#neighbours.get(of) ?? [])]
  }

  /** A link begins; the two learn of it one after the other. */
  up(a: string, b: string, weather: Weather): void {
    if (a === b || this.isUp(a, b)) return
    const link: Link = { weather, directions: new Map(), isUp: true }
    this.#links.set(keyOf(a, b), link)
    this.#neighboursOf(a).add(b)
    this.#neighboursOf(b).add(a)
    this.#events.up(a, b)
    this.#later(this.#random.between(0, 50), () => {
      if (link.isUp) this.#events.up(b, a)
    })
  }

  /** A link ends, with everything on its way; the two notice one after the other. */
  down(a: string, b: string): void {
    const link = this.#links.get(keyOf(a, b))
    if (link === undefined) return
    link.isUp = false
    this.#links.delete(keyOf(a, b))
    this.#neighboursOf(a).delete(b)
    this.#neighboursOf(b).delete(a)
    this.#events.down(a, b)
    this.#events.down(b, a)
  }

  /** Every link of somebody ends. */
  cut(of: string): void {
    for (const other of this.neighbours(of)) this.down(of, other)
  }

  send(from: string, to: string, data: Bytes): void {
    const link = this.#links.get(keyOf(from, to))
    if (link === undefined) return
    this.frames += 1
    this.bytes += data.length
    const { weather } = link
    const direction = link.directions.get(from) ?? { freeMs: 0, lastMs: 0 }
    link.directions.set(from, direction)
    direction.freeMs = Math.max(direction.freeMs, this.#clock.nowMs()) + data.length / weather.rate
    const copies = this.#random.chance(weather.repeat) ? 2 : 1
    for (let copy = 0; copy < copies; copy++) {
      if (this.#random.chance(weather.loss)) continue
      this.#deliver(link, direction, { from, to, data })
    }
  }

  #deliver(
    link: Link,
    direction: Direction,
    { from, to, data }: { from: string; to: string; data: Bytes },
  ): void {
    const { weather } = link
    const isLate = this.#random.chance(weather.reorder)
    const atMs = direction.freeMs + weather.delayMs * this.#random.between(0.8, 1.2)
    const orderedMs = isLate
      ? atMs + this.#random.between(0, 400)
      : Math.max(atMs, direction.lastMs)
    if (!isLate) direction.lastMs = orderedMs
    this.#clock.schedule(orderedMs, () => {
      if (link.isUp) this.#events.frame(to, from, data.slice())
    })
  }

  #neighboursOf(of: string): Set<string> {
    const known = this.#neighbours.get(of) ?? new Set()
    this.#neighbours.set(of, known)
    return known
  }

  #later(ms: number, call: () => void): void {
    this.#clock.schedule(this.#clock.nowMs() + ms, call)
  }
}

function keyOf(a: string, b: string): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`
}
