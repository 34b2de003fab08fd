// Which carrier a link's packets go on. The best usable one, unless it keeps failing; of two sides the
// impolite one decides and the polite one follows, so that both use the same. The old carrier stays in
// use until the new one is known to carry.
import { rankOf } from './carrier.ts'
import type { Carrier } from './carrier.ts'
import { earliest } from '../machine.ts'

/** A better carrier that has failed once must hold this long before it is preferred again: it was repaired. */
const FIRST_PROBATION_MS = 500

/** From the second failure on it is this long, and once more for each failure after that. */
const PROBATION_MS = 2_000

/** Longest probation. */
const MAX_PROBATION_MS = 20_000

/** Who has held this long is forgiven what went before. */
const FORGIVEN_AFTER_MS = 60_000

/** A carrier that seems to live and brings nothing is passed over for this long, if there is another. */
const DISTRUST_MS = 30_000

interface Standing {
  /** Since when it is usable; undefined while it is not. */
  sinceMs: number | undefined
  falls: number
  distrustedUntilMs: number
  /** It was late with what it had: it is preferred to another when it is known to bring large packets. */
  isDoubted: boolean
}

export class CarrierChoice {
  readonly #polite: boolean
  #standings = new Map<Carrier, Standing>()
  #current: Carrier | undefined
  #againAtMs: number | undefined

  /** @param polite whether we follow the other side's choice */
  constructor(polite: boolean) {
    this.#polite = polite
  }

  /** The carrier in use: usable, or in repair while there is no other. */
  get current(): Carrier | undefined {
    return this.#current
  }

  /** When to choose again though nothing happened. */
  deadlineMs(): number | undefined {
    return this.#againAtMs
  }

  /** What this carrier was is over; if it is chosen again, it is as another. */
  forget(carrier: Carrier): void {
    if (this.#current === carrier) this.#current = undefined
  }

  /** The carrier in use says that it lives, and brings nothing. */
  distrust(nowMs: number): void {
    const standing = this.#current === undefined ? undefined : this.#standings.get(this.#current)
    if (standing !== undefined) standing.distrustedUntilMs = nowMs + DISTRUST_MS
  }

  /** The carrier in use takes long to bring what it has. */
  doubt(nowMs: number): void {
    const current = this.#current
    if (current?.doubt === undefined) return
    const standing = this.#standings.get(current)
    if (standing !== undefined) standing.isDoubted = true
    current.doubt(nowMs)
  }

  /** Chooses among all carriers there are; answers whether another is in use now. */
  choose(carriers: readonly Carrier[], nowMs: number): boolean {
    this.#watch(carriers, nowMs)
    this.#againAtMs = undefined
    const before = this.#current
    const next = this.#next(carriers, nowMs)
    if (next === before) return false
    this.#current = next
    before?.use(false, nowMs)
    next?.use(true, nowMs)
    return true
  }

  #watch(carriers: readonly Carrier[], nowMs: number): void {
    const standings = new Map<Carrier, Standing>()
    for (const carrier of carriers) {
      const standing = this.#standings.get(carrier) ?? {
        sinceMs: undefined,
        falls: 0,
        distrustedUntilMs: 0,
        isDoubted: false,
      }
      standings.set(carrier, standing)
      if (carrier.width === 'wide') standing.isDoubted = false
      if (carrier.usable) standing.sinceMs ??= nowMs
      else if (standing.sinceMs !== undefined) {
        const isForgiven = nowMs - standing.sinceMs >= FORGIVEN_AFTER_MS
        standing.falls = isForgiven ? 1 : standing.falls + 1
        standing.sinceMs = undefined
      }
    }
    this.#standings = standings
  }

  #next(carriers: readonly Carrier[], nowMs: number): Carrier | undefined {
    const working = carriers.filter((carrier) => carrier.usable)
    const usable = this.#trusted(whole(working, carriers, nowMs), nowMs)
    const open = carriers.filter((carrier) => carrier.open)
    const current = open.find((carrier) => carrier === this.#current)
    // Nothing works: what is said waits on the carrier that is being repaired.
    if (usable.length === 0) return current ?? open[0]
    const named = this.#polite ? best(usable.filter(({ theirs }) => theirs)) : undefined
    if (named !== undefined) return named
    if (current === undefined || !usable.includes(current)) return best(usable)
    const better = usable.filter((carrier) => rankOf(carrier.path) < rankOf(current.path))
    return best(better.filter((carrier) => this.#holds(carrier, nowMs))) ?? current
  }

  /** Those that are not distrusted; all of them when none is left. */
  #trusted(usable: Carrier[], nowMs: number): Carrier[] {
    const untilMs = (carrier: Carrier): number =>
      this.#standings.get(carrier)?.distrustedUntilMs ?? 0
    const trusted = usable.filter((carrier) => untilMs(carrier) <= nowMs)
    if (trusted.length === usable.length || trusted.length === 0) return usable
    this.#againAtMs = earliest(...usable.map(untilMs).filter((atMs) => atMs > nowMs))
    return trusted
  }

  /** Whether a carrier may take over from one that works. */
  #holds(carrier: Carrier, nowMs: number): boolean {
    const { sinceMs = nowMs, falls = 0, isDoubted } = this.#standings.get(carrier) ?? {}
    if (isDoubted === true && carrier.width === 'unknown') {
      carrier.doubt?.(nowMs)
      return false
    }
    const atMs = sinceMs + probationMs(falls)
    if (atMs <= nowMs) return true
    this.#againAtMs = earliest(this.#againAtMs, atMs)
    return false
  }
}

function probationMs(falls: number): number {
  if (falls <= 1) return falls * FIRST_PROBATION_MS
  return Math.min(MAX_PROBATION_MS, (falls - 1) * PROBATION_MS)
}

/**
 * Where one carrier loses large packets, those that are known to bring them, which the others are asked;
 * all when there is none.
 */
function whole(usable: Carrier[], carriers: readonly Carrier[], nowMs: number): Carrier[] {
  if (!carriers.some(({ width }) => width === 'narrow')) return usable
  for (const carrier of usable) if (carrier.width === 'unknown') carrier.doubt?.(nowMs)
  const passing = usable.filter(({ width }) => width === undefined || width === 'wide')
  return passing.length === 0 ? usable : passing
}

function best(carriers: readonly Carrier[]): Carrier | undefined {
  let found: Carrier | undefined
  for (const carrier of carriers) {
    if (found === undefined || rankOf(carrier.path) < rankOf(found.path)) found = carrier
  }
  return found
}
