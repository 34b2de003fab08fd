// Which ports a sequential NAT will give next, and how two such NATs meet. One side's checks burn its
// own ports in order, so both sides must try the same pairs of ports in the same order; what others
// burn meanwhile is Poisson (Klinec and Matyas), so several connections assume several amounts.
import type { PortSample } from './attempt.ts'

/** A sequential NAT at the moment of an attempt. */
export interface Walk {
  /** The newest port seen. */
  readonly last: number
  readonly delta: number
  /** What others were seen to burn, over how long, and for how long they have burnt unseen. */
  readonly flows: number
  readonly overMs: number
  readonly ageMs: number
}

/** Ports a NAT may give out at all. */
const FIRST_PORT = 1_024
const LAST_PORT = 65_535
/** Enough for 100 flows per second seen 150 ms ago; each port costs a sixteenth of a second. */
const MAX_WINDOW = 48
/** Without noise, too, a few ports may go to traffic nobody has seen. */
const MIN_WINDOW = 8
/** Sockets of a process do not always send in the order asked: the share that comes one off. */
const DISORDER = 0.1
/** What is left of the reason to cover a case again once a connection covers it. */
const REPEATED = 0.3
/** No flow seen does not mean that none comes. */
const PRIOR_FLOWS = 0.5
/** The chance that flows we counted were our own, and how long nothing was seen then. */
const QUIET = 0.3
const QUIET_MS = 1_000
/** Each check is a new port on a walking NAT: longer lists drift apart. */
const ROUNDS = 8
/** The time between two checks of a connection in Chromium. */
export const CHECK_MS = 62.5

/** How many ports to try for one check that left when others had burnt so many (3 sigma). */
export function windowSize(expectedFlows: number): number {
  const size = Math.ceil(1 + expectedFlows + 3 * Math.sqrt(expectedFlows))
  return Math.min(MAX_WINDOW, Math.max(MIN_WINDOW, size))
}

/** What others have burnt by now, on average. */
export function expectedFlows({ flows, overMs, ageMs }: Walk): number {
  return overMs > 0 ? (flows * ageMs) / overMs : 0
}

/** Connections per side when both walk: more noise, more cases to cover. */
export function alignedConnections(flowsPerSecond: number): number {
  return flowsPerSecond < 1 ? 8 : flowsPerSecond < 4 ? 16 : 24
}

/** The port that is `steps` after the last; ports that do not exist come as the nearest that do. */
export function portAfter({ last, delta }: Pick<Walk, 'last' | 'delta'>, steps: number): number {
  return Math.min(LAST_PORT, Math.max(FIRST_PORT, last + delta * steps))
}

/** The ports for one socket whose first check is the next of its NAT's own, most likely ones first. */
export function predictedPorts(walk: Walk): number[] {
  return Array.from({ length: windowSize(expectedFlows(walk)) }, (_, at) => portAfter(walk, at + 1))
}

/** Where a sample leaves a walk; `ageMs` later than the message it came with. */
export function walkOf(sample: PortSample, delta: number, ageMs: number): Walk {
  const { ports, flows = 0, overMs = 0, lagMs = 0 } = sample
  return { last: ports.at(-1) ?? 0, delta, flows, overMs, ageMs: ageMs + lagMs }
}

/**
 * Both walk: the ports that each connection of one side tries on the other's NAT. In round k, the
 * k-th check of connection i is expected at step k * connections + i + 1 of its own NAT, plus what
 * others burnt: the case that this connection stands for.
 */
export function alignedPorts(theirs: Walk, shifts: readonly number[]): number[][] {
  const perRound = expectedFlows({ ...theirs, ageMs: CHECK_MS })
  return shifts.map((shift, i) =>
    Array.from({ length: ROUNDS }, (_, round) =>
      portAfter(theirs, round * shifts.length + i + 1 + shift + Math.round(perRound * round)),
    ),
  )
}

/**
 * The cases to stand for: of both sides' burnt ports, the likeliest pairs, the very likely ones more
 * than once. The same on both sides when asked with the same numbers. Connections that come later in
 * the order stand for more.
 */
export function coveredShifts(
  walks: readonly [Walk, Walk],
  connections: number,
): (readonly [number, number])[] {
  const right = shiftChances(walks[1])
  const cases = shiftChances(walks[0]).flatMap(([mine, p]) =>
    right.map(([theirs, q]) => ({ shift: [mine, theirs] as const, weight: p * q })),
  )
  const chosen = Array.from({ length: connections }, () => {
    const best = cases.reduce((best, one) => (one.weight > best.weight ? one : best))
    best.weight *= REPEATED
    return best.shift
  })
  return chosen.toSorted((one, other) => rankOf(one) - rankOf(other))
}

/** No check leaves before the first, so what stands for less than 0 is not the first. */
function rankOf([first, second]: readonly [number, number]): number {
  return Math.abs(first) + Math.abs(second)
}

/**
 * Each shift and its chance. The rate of flows is known from few of them, so what comes is negative
 * binomial: wider than Poisson by what is not known. What was counted may have been our own doing,
 * which is over, so quiet is a case, too. Blurred by disorder of our own sockets.
 */
function shiftChances({ flows, overMs, ageMs }: Walk): [number, number][] {
  const counted = negativeBinomial(flows, overMs, ageMs)
  const quiet = negativeBinomial(0, QUIET_MS, ageMs)
  const chances = counted.map((chance, k) => (1 - QUIET) * chance + QUIET * (quiet[k] ?? 0))
  return Array.from({ length: MAX_WINDOW + 1 }, (_, at) => {
    const k = at - 1
    const near = (chances[k - 1] ?? 0) + (chances[k + 1] ?? 0)
    return [k, (1 - 2 * DISORDER) * (chances[k] ?? 0) + DISORDER * near]
  })
}

/** The chances of 0, 1, ... flows in `ageMs` after so many in `overMs`. */
function negativeBinomial(flows: number, overMs: number, ageMs: number): number[] {
  const shape = flows + PRIOR_FLOWS
  const odds = overMs > 0 ? ageMs / (ageMs + overMs) : 0
  const chances = [(1 - odds) ** shape]
  for (let k = 1; k <= MAX_WINDOW; k++)
    chances.push((((chances[k - 1] ?? 0) * (shape + k - 1)) / k) * odds)
  return chances
}
