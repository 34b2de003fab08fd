// Holds packets for a fixed time and gives them back in order. Pure: time is an argument.

/**
 * A packet may leave this much before its time. Timers fire on whole milliseconds, late by up to
 * one; half a millisecond of lead centres the error.
 */
const LEAD_MS = 0.5

/** A first-in first-out queue with one hold time for all. */
export class DelayQueue<Packet> {
  readonly #holdMs: number
  #held: { packet: Packet; dueMs: number }[] = []
  #next = 0

  constructor(holdMs: number) {
    this.#holdMs = holdMs
  }

  /** Takes a packet in. */
  push(packet: Packet, nowMs: number): void {
    this.#held.push({ packet, dueMs: nowMs + this.#holdMs })
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
