// The places (a NAT's public address and port) that our STUN service has just told somebody, and by
// which of our sockets. Only these are probed, so that nobody can have us send packets to strangers.
// Bounded in number and age: two generations, of which the older is dropped as a whole.
import type { TransportAddress } from '@knothole/traversal'

/** How long a place is known at least: a browser asks for its probe within a second. Twice that at most. */
export const PLACE_LIFE_MS = 10_000

/** Places of a generation, at about 150 bytes each. Under a flood of forged sources they live shorter. */
export const MAX_PLACES = 20_000

export class RecentPlaces {
  #young = new Map<string, number>()
  #old = new Map<string, number>()
  #turnedMs = -Infinity

  /** Notes that a place was told by the socket of a number below 31. */
  note(place: TransportAddress, socket: number, nowMs: number): void {
    this.#age(nowMs)
    const key = keyOf(place)
    const known = this.#young.get(key)
    if (known === undefined && this.#young.size >= MAX_PLACES) this.#turn(nowMs)
    this.#young.set(key, (known ?? this.#old.get(key) ?? 0) | (1 << socket))
  }

  /** The sockets that told a place, as bits; undefined when none did lately. */
  socketsOf(place: TransportAddress, nowMs: number): number | undefined {
    this.#age(nowMs)
    const key = keyOf(place)
    return this.#young.get(key) ?? this.#old.get(key)
  }

  get size(): number {
    return this.#young.size + this.#old.size
  }

  #age(nowMs: number): void {
    const ageMs = nowMs - this.#turnedMs
    if (ageMs >= PLACE_LIFE_MS) this.#turn(nowMs)
    if (ageMs >= 2 * PLACE_LIFE_MS) this.#old.clear()
  }

  #turn(nowMs: number): void {
    this.#old = this.#young
    this.#young = new Map()
    this.#turnedMs = nowMs
  }
}

function keyOf({ address, port }: TransportAddress): string {
  return `${address} ${port}`
}
