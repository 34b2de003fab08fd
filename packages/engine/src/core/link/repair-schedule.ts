// When to restart ICE, when to begin anew and when to call a peer unreachable. The impolite side acts
// first and the polite one waits a little, so that both do not restart in the same instant.
import { earliest } from '../machine.ts'

/** Head start of the impolite side. */
const POLITE_WAIT_MS = 600

/** Pause between ICE restarts: a restart over a relay path of 500 ms round trip needs 1.5 s. */
const RESTART_EVERY_MS = 2_500

/** A restart that nobody could bring to the other side is looked at again after this long. */
const UNHEARD_MS = 300

/** ICE restarts on one connection before a new connection is made: DTLS or SCTP may be what broke. */
const MAX_RESTARTS = 4

/** After this long without a path the page says so; ICE itself takes 15 s (natlab: connectionState). */
const UNREACHABLE_AFTER_MS = 12_000

/** A newcomer offers to everyone; a member who hears nothing for this long offers instead. */
const OFFER_WAIT_MS = 5_000

/** Pause between attempts with an unreachable peer: doubles from the first to the last. */
const FIRST_RETRY_MS = 5_000
const LAST_RETRY_MS = 60_000

/** Share of a retry pause that is random, so that two sides and many pairs do not move in step. */
const JITTER = 0.3

export type Verdict = 'restart' | 'fresh' | 'give-up' | undefined

export class RepairSchedule {
  readonly #politeWaitMs: number
  readonly #random: () => number
  #actAtMs: number | undefined
  #giveUpAtMs: number | undefined
  #next: 'restart' | 'fresh' = 'fresh'
  #restarts = 0
  #retries = 0
  /** When an offer of the peer was taken last. */
  #takenMs = -Infinity

  constructor(options: { readonly polite: boolean; readonly random: () => number }, nowMs: number) {
    this.#politeWaitMs = options.polite ? POLITE_WAIT_MS : 0
    this.#random = options.random
    this.#giveUpAtMs = nowMs + UNREACHABLE_AFTER_MS
    this.#actAtMs = nowMs + OFFER_WAIT_MS + this.#politeWaitMs
  }

  /** A new connection is being made. */
  attemptStarted(nowMs: number): void {
    this.#restarts = 0
    this.#next = 'fresh'
    this.#actAtMs = nowMs + UNREACHABLE_AFTER_MS + this.#pauseMs()
  }

  /** The peer's offer was taken: it is repairing, give it time. */
  offerTaken(nowMs: number): void {
    this.#takenMs = nowMs
    if (this.#actAtMs !== undefined)
      this.#actAtMs = Math.max(this.#actAtMs, nowMs + RESTART_EVERY_MS)
  }

  /** The path went silent. */
  troubled(nowMs: number): void {
    this.#giveUpAtMs = nowMs + UNREACHABLE_AFTER_MS
    this.#restarts = 0
    this.#next = 'restart'
    // Whoever moved is often the first to know: its repair is under way, and another would undo it.
    this.#actAtMs = Math.max(nowMs + this.#politeWaitMs, this.#takenMs + RESTART_EVERY_MS)
  }

  /** The connection is beyond repair. */
  failed(nowMs: number): void {
    this.#giveUpAtMs ??= nowMs + UNREACHABLE_AFTER_MS
    this.#next = 'fresh'
    this.#actAtMs = nowMs + this.#politeWaitMs + (this.#retries > 0 ? this.#pauseMs() : 0)
  }

  /** Signalling works again: act now instead of later. */
  hurry(nowMs: number): void {
    this.#restarts = 0
    this.#actAtMs = nowMs + this.#politeWaitMs
  }

  /** People carry the answer: nothing is tried and nothing given up before they had their time. */
  hold(untilMs: number): void {
    this.#actAtMs = untilMs
    this.#giveUpAtMs = untilMs
  }

  /** The path works. */
  healed(): void {
    this.#actAtMs = undefined
    this.#giveUpAtMs = undefined
    this.#restarts = 0
    this.#retries = 0
    this.#takenMs = -Infinity
  }

  /**
   * What is due now, if anything. Without a way for word to the other side no restart is: it would take
   * away the addresses at which one who has moved may still find us by itself (RFC 8445, section 7.3.1.3).
   */
  due(nowMs: number, canSignal = true): Verdict {
    if (this.#giveUpAtMs !== undefined && this.#giveUpAtMs <= nowMs) {
      this.#giveUpAtMs = undefined
      return 'give-up'
    }
    if (this.#actAtMs === undefined || this.#actAtMs > nowMs) return undefined
    if (this.#next === 'fresh' || this.#restarts >= MAX_RESTARTS) {
      this.#retries += 1
      this.#actAtMs = undefined
      return 'fresh'
    }
    if (!canSignal) {
      this.#actAtMs = nowMs + UNHEARD_MS
      return undefined
    }
    this.#restarts += 1
    this.#actAtMs = nowMs + RESTART_EVERY_MS + this.#politeWaitMs
    return 'restart'
  }

  deadlineMs(): number | undefined {
    return earliest(this.#actAtMs, this.#giveUpAtMs)
  }

  #pauseMs(): number {
    const pause = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#retries)
    return pause * (1 - JITTER * this.#random())
  }
}
