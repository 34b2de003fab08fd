// A network of hosts in one process, on any clock: who reaches whom, after what delay, with what loss.
// Knows hosts and packets only; what is in a packet, and what to do about a lost one, is its users'.
import type { Clock } from '@knothole/engine/ports'
import type { SeededRandom } from './seeded-random.ts'

/** How packets travel; may be changed at any time. */
export interface Weather {
  /** One way, in ms. */
  delayMs: number
  /** Random addition to the delay of each packet. */
  jitterMs: number
  /** Share of packets lost. */
  loss: number
}

export class FakeHost {
  readonly name: string
  #moves = 0
  readonly #number: number
  /** While true, no packet leaves or arrives. */
  isDark = false

  constructor(name: string, number: number) {
    this.name = name
    this.#number = number
  }

  /** The public address now, in the range for tests of networks (RFC 2544). */
  get address(): string {
    return `198.18.${this.#number}.${this.#moves + 1}`
  }

  /** The network gives the host another address; whatever stood on the old one is dead. */
  move(): void {
    this.#moves += 1
  }
}

export class FakeInternet {
  readonly clock: Clock
  readonly random: SeededRandom
  readonly weather: Weather
  readonly #blocked = new Set<string>()
  #hosts = 0

  constructor(options: {
    readonly clock: Clock
    readonly random: SeededRandom
    readonly weather?: Partial<Weather>
  }) {
    this.clock = options.clock
    this.random = options.random.fork('internet')
    this.weather = { delayMs: 10, jitterMs: 0, loss: 0, ...options.weather }
  }

  addHost(name: string): FakeHost {
    this.#hosts += 1
    return new FakeHost(name, this.#hosts)
  }

  /** No packet passes between these two from now on. */
  block(a: FakeHost, b: FakeHost): void {
    this.#blocked.add(pairOf(a, b))
  }

  unblock(a: FakeHost, b: FakeHost): void {
    this.#blocked.delete(pairOf(a, b))
  }

  /** Whether packets pass between two hosts now, but for loss. */
  passes(a: FakeHost, b: FakeHost): boolean {
    return !a.isDark && !b.isDark && !this.#blocked.has(pairOf(a, b))
  }

  /** A delay, one way. */
  sampleDelayMs(): number {
    return this.weather.delayMs + this.random.next() * this.weather.jitterMs
  }

  /** Sends one packet: `arrive` is called, or it is not. */
  transmit(from: FakeHost, to: FakeHost, arrive: () => void): void {
    if (!this.passes(from, to) || this.random.chance(this.weather.loss)) return
    const { address } = to
    this.clock.schedule(this.clock.nowMs() + this.sampleDelayMs(), () => {
      if (this.passes(from, to) && to.address === address) arrive()
    })
  }
}

function pairOf(a: FakeHost, b: FakeHost): string {
  return a.name < b.name ? `${a.name}|${b.name}` : `${b.name}|${a.name}`
}
