// How long people stay and how soon the next one comes, as Stutzbach and Rejaie measured it: "Understanding
// Churn in Peer-to-Peer Networks", IMC 2006. Session lengths are Weibull with shapes far below 1: most are
// minutes, some are days, so at any time most of those present are long-lived. Its fits for three torrents:
// sessions k = 0.34, 0.38, 0.59 with scales of 21.3, 42.4, 41.9 minutes (Red Hat, Debian, FlatOut),
// inter-arrival times k = 0.53, 0.79, 0.62.
import type { SeededRandom } from '@knothole/testkit'

/** A Weibull distribution; the scale in minutes. */
export interface Weibull {
  readonly shape: number
  readonly scaleMinutes: number
}

/** The paper's fits of session lengths. */
export const SESSIONS: readonly Weibull[] = [
  { shape: 0.34, scaleMinutes: 21.3 },
  { shape: 0.38, scaleMinutes: 42.4 },
  { shape: 0.59, scaleMinutes: 41.9 },
]

/** The paper's shapes of inter-arrival times, in the same order. */
export const ARRIVAL_SHAPES: readonly number[] = [0.53, 0.79, 0.62]

/** A draw in ms, by inversion: scale * (-ln u)^(1/k). */
export function drawMs({ shape, scaleMinutes }: Weibull, random: SeededRandom): number {
  return scaleMinutes * 60_000 * (-Math.log(1 - random.next())) ** (1 / shape)
}
