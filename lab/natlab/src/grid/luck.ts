// Cells where chance decides, held against the formula: how often a direct path was found, how often it
// should be, and whether so few are still bad luck. Pure.

import type { GridCell, GridRun } from './grid-data.ts'
import { familyOf } from './grid-summary.ts'

/** A cell of luck. */
export interface Luck {
  readonly trials: number
  readonly direct: number
  /** What the formula says of one trial. */
  readonly chance: number
  /** How likely so few or fewer are if the formula is right. */
  readonly likelihood: number
  readonly medianMs: number | undefined
  readonly meanMs: number | undefined
  readonly p95Ms: number | undefined
}

/** Less likely than this is not bad luck. */
export const LEAST_LIKELIHOOD = 0.01

/** Knothole's luck in a cell; undefined where none is needed or nothing was run. */
export function luckOf(cell: GridCell): Luck | undefined {
  const { chance, way } = cell.expected
  const runs = cell.runs.knothole ?? []
  if (chance === undefined || !way.startsWith('birthday') || runs.length === 0) return undefined
  const times = runs.flatMap((run) => directMs(run)).toSorted((a, b) => a - b)
  return {
    trials: runs.length,
    direct: times.length,
    chance,
    likelihood: atMost(times.length, { trials: runs.length, chance }),
    medianMs: quantile(times, 0.5),
    meanMs: times.length === 0 ? undefined : times.reduce((sum, ms) => sum + ms, 0) / times.length,
    p95Ms: quantile(times, 0.95),
  }
}

/** The chance of at most so many successes (binomial). */
export function atMost(successes: number, about: { trials: number; chance: number }): number {
  const { trials, chance } = about
  if (chance >= 1) return successes >= trials ? 1 : 0
  let term = (1 - chance) ** trials
  let sum = term
  for (let k = 1; k <= successes; k += 1) {
    term *= ((trials - k + 1) / k) * (chance / (1 - chance))
    sum += term
  }
  return Math.min(1, sum)
}

/** The value below which this share of sorted values lies. */
export function quantile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
}

function directMs({ path, pathMs }: GridRun): number[] {
  const isDirect = ['direct', 'predicted', 'birthday'].includes(familyOf(path))
  return isDirect && pathMs !== null ? [pathMs] : []
}
