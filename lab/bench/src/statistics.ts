/**
 * Turns the values of repeated runs into a row. It only counts: no outlier is removed, and a run
 * that gave no value is counted as failed.
 */

/** What a bench yields for one contender under one condition; times are rounded to 0.1. */
export interface Row {
  readonly name: string
  readonly unit: string
  /** `null` when every run failed. */
  readonly median: number | null
  readonly min: number | null
  readonly max: number | null
  readonly runs: readonly number[]
  /** Runs that gave no value; they are in none of the other numbers. */
  readonly failed: number
}

/** One run's value; `undefined` is a run that failed. */
export type Sample = number | undefined

/** The middle value, or the mean of the two middle ones; `null` when there are none. */
export function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)]
  const lower = sorted[Math.floor((sorted.length - 1) / 2)]
  return upper === undefined || lower === undefined ? null : (lower + upper) / 2
}

/** Summarises the samples of one contender, in the order they were taken. */
export function summarise(label: Pick<Row, 'name' | 'unit'>, samples: readonly Sample[]): Row {
  const runs = samples.filter((sample) => sample !== undefined).map((value) => round(value))
  const middle = median(runs)
  return {
    ...label,
    median: middle === null ? null : round(middle),
    min: runs.length === 0 ? null : Math.min(...runs),
    max: runs.length === 0 ? null : Math.max(...runs),
    runs,
    failed: samples.length - runs.length,
  }
}

/** How many times the limit's median a row's median is; `null` when either is missing. */
export function ratio(row: Row, limit: Row | undefined): number | null {
  if (row.median === null || limit === undefined || limit.median === null) return null
  return limit.median === 0 ? null : row.median / limit.median
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
