// Tells within about a second that a link has gone silent, from pings that are sent only while nothing
// else is heard. ICE needs 5 to 7 s for the same verdict, and SCTP's timers back off meanwhile.
import { earliest } from '../machine.ts'

/** How often a carrier is asked for signs of life, in ms. */
export interface PulsePace {
  /** Silence after which the first ping goes out: on a busy link, none does. */
  readonly quietMs: number
  /** Pause between pings while nothing is heard. */
  readonly pingEveryMs: number
  /** Silence, beyond the round-trip time, that means trouble. */
  readonly silenceMs: number
  /** A ping must have had this long, beyond the round-trip time, before its silence counts: after a frozen page wakes, the peer is asked first. */
  readonly unansweredMs: number
}

/** A path of its own. Three lost pings at 5 % loss: 1 in 8,000. */
const BRISK: PulsePace = { quietMs: 400, pingEveryMs: 200, silenceMs: 1_000, unansweredMs: 500 }

/** One link of many: while it is silent what is said goes by the others, and a third of the packets tells of it in time. */
const UNHURRIED: PulsePace = {
  quietMs: 1_500,
  pingEveryMs: 500,
  silenceMs: 3_000,
  unansweredMs: 1_500,
}

/** Weight of a new sample in the smoothed round-trip time (RFC 6298). */
const RTT_GAIN = 1 / 8

/** Answers among which the quickest shows the path: one may have waited for a busy page, several do not. */
const FEW_SAMPLES = 4
const MAX_SAMPLES = 8

/** Pings remembered for their answers; more are in flight only on a dead link. */
const MAX_PINGS = 16

/** The pace of a path of its own, which may be that of one link of many and of one of few by turns. */
export function paceWhere(isOneOfMany: () => boolean): PulsePace {
  const now = (): PulsePace => (isOneOfMany() ? UNHURRIED : BRISK)
  return {
    get quietMs() {
      return now().quietMs
    },
    get pingEveryMs() {
      return now().pingEveryMs
    },
    get silenceMs() {
      return now().silenceMs
    },
    get unansweredMs() {
      return now().unansweredMs
    },
  }
}

export class Pulse {
  readonly #pace: PulsePace
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
  readonly #samples: number[] = []

  constructor(nowMs: number, pace: PulsePace = BRISK) {
    this.#pace = pace
    this.#heardMs = nowMs
    this.#pingAtMs = nowMs
  }

  /** Smoothed round-trip time in ms. */
  get rttMs(): number | undefined {
    return this.#rttMs
  }

  /** The shortest of the last few round trips: what the path takes without what waits on it. */
  get leastRttMs(): number | undefined {
    return this.#samples.length < FEW_SAMPLES ? undefined : Math.min(...this.#samples)
  }

  /** Something came from the peer. */
  heard(nowMs: number): void {
    this.#heardMs = nowMs
    this.#askedMs = undefined
    this.#asked = 0
    this.#told = false
    this.#pingAtMs = nowMs + this.#pace.quietMs
  }

  /** The answer to a ping came. */
  pong(number: number, nowMs: number): void {
    const sentMs = this.#sent.get(number)
    this.#sent.delete(number)
    if (sentMs === undefined) return
    const sampleMs = nowMs - sentMs
    this.#samples.push(sampleMs)
    if (this.#samples.length > MAX_SAMPLES) this.#samples.shift()
    this.#rttMs =
      this.#rttMs === undefined ? sampleMs : this.#rttMs + (sampleMs - this.#rttMs) * RTT_GAIN
  }

  /** The number of the ping that is due now, if one is. */
  pingDue(nowMs: number): number | undefined {
    return nowMs < this.#pingAtMs ? undefined : this.ping(nowMs)
  }

  /** The number of a ping that goes out now. */
  ping(nowMs: number): number {
    this.#pingAtMs = nowMs + this.#pace.pingEveryMs
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
    const { silenceMs, unansweredMs } = this.#pace
    return Math.max(this.#heardMs + silenceMs, this.#askedMs + unansweredMs) + rttMs
  }
}
