// Tells within about a second that a link has gone silent, from pings that are sent only while nothing
// else is heard. ICE needs 5 to 7 s for the same verdict, and SCTP's timers back off meanwhile.
import { earliest } from './machine.ts'

/** Silence after which the first ping goes out: on a busy link, none does. */
const QUIET_MS = 400

/** Pause between pings while nothing is heard. */
const PING_EVERY_MS = 200

/** Silence, beyond the round-trip time, that means trouble. Three lost pings at 5 % loss: 1 in 8,000. */
const SILENCE_MS = 1_000

/** A ping must have had this long, beyond the round-trip time, before its silence counts: after a frozen page wakes, the peer is asked first. */
const UNANSWERED_MS = 500

/** Weight of a new sample in the smoothed round-trip time (RFC 6298). */
const RTT_GAIN = 1 / 8

/** Pings remembered for their answers; more are in flight only on a dead link. */
const MAX_PINGS = 16

export class Pulse {
  readonly #sent = new Map<number, number>()
  #number = 0
  #heardMs: number
  #pingAtMs: number
  /** When the first ping since the last sign of life went out. */
  #askedMs: number | undefined
  #asked = 0
  /** Whether the silence since the last sign of life was told. */
  #told = false
  #rttMs: number | undefined

  constructor(nowMs: number) {
    this.#heardMs = nowMs
    this.#pingAtMs = nowMs
  }

  /** Smoothed round-trip time in ms. */
  get rttMs(): number | undefined {
    return this.#rttMs
  }

  /** Something came from the peer. */
  heard(nowMs: number): void {
    this.#heardMs = nowMs
    this.#askedMs = undefined
    this.#asked = 0
    this.#told = false
    this.#pingAtMs = nowMs + QUIET_MS
  }

  /** The answer to a ping came. */
  pong(number: number, nowMs: number): void {
    const sentMs = this.#sent.get(number)
    this.#sent.delete(number)
    if (sentMs === undefined) return
    const sampleMs = nowMs - sentMs
    this.#rttMs =
      this.#rttMs === undefined ? sampleMs : this.#rttMs + (sampleMs - this.#rttMs) * RTT_GAIN
  }

  /** The number of the ping that is due now, if one is. */
  pingDue(nowMs: number): number | undefined {
    if (nowMs < this.#pingAtMs) return undefined
    this.#pingAtMs = nowMs + PING_EVERY_MS
    this.#askedMs ??= nowMs
    this.#asked += 1
    this.#number += 1
    this.#sent.set(this.#number, nowMs)
    const oldest = this.#sent.keys().next()
    if (this.#sent.size > MAX_PINGS && oldest.done !== true) this.#sent.delete(oldest.value)
    return this.#number
  }

  /** Whether the link has gone silent; said once in each silence. */
  silent(nowMs: number): boolean {
    const silentAtMs = this.#silentAtMs()
    this.#told ||= silentAtMs !== undefined && nowMs >= silentAtMs
    return silentAtMs !== undefined && this.#told
  }

  deadlineMs(): number | undefined {
    return earliest(this.#pingAtMs, this.#silentAtMs())
  }

  #silentAtMs(): number | undefined {
    if (this.#askedMs === undefined || this.#asked < 2 || this.#told) return undefined
    const rttMs = this.#rttMs ?? 0
    return Math.max(this.#heardMs + SILENCE_MS, this.#askedMs + UNANSWERED_MS) + rttMs
  }
}
