// Holds packets until each one's time has come. Pure: time is an argument.

/**
 * A packet may leave this much before its time. Timers fire on whole milliseconds, late by up to
 * one; half a millisecond of lead centres the error.
 */
const LEAD_MS = 0.5

interface Held<Packet> {
  readonly packet: Packet
  readonly dueMs: number
}

/** Packets by their time; those of one time in the order they came. */
export class DelayQueue<Packet> {
  #held: Held<Packet>[] = []
  #next = 0

  /** Takes a packet in. Packets come nearly in order of their times, so the place is near the end. */
  push(packet: Packet, dueMs: number): void {
    let at = this.#held.length
    while (at > this.#next && (this.#held[at - 1]?.dueMs ?? 0) > dueMs) at -= 1
    this.#held.splice(at, 0, { packet, dueMs })
  }

  /** The next packet whose time has come. */
  poll(nowMs: number): Packet | undefined {
    const first = this.#held[this.#next]
    if (first === undefined || first.dueMs - LEAD_MS > nowMs) return undefined
    this.#next += 1
    // Dropping the spent part only now and then keeps each packet's cost constant.
    if (this.#next * 2 > this.#held.length) {
      this.#held = this.#held.slice(this.#next)
      this.#next = 0
    }
    return first.packet
  }

  /** When to poll again: whole milliseconds from now, undefined when nothing is held. */
  waitMs(nowMs: number): number | undefined {
    const first = this.#held[this.#next]
    if (first === undefined) return undefined
    return Math.max(0, Math.ceil(first.dueMs - LEAD_MS - nowMs))
  }
}
