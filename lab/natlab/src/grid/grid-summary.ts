// What the runs of a cell come to: the path most of them had, how often, how fast, and whether that is
// what was expected. Pure.

import { median } from '../report.ts'
import type { Expectation } from './expectation.ts'
import type { GridCell, GridDriver, GridRun } from './grid-data.ts'

/** The family a path belongs to: how it is coloured and counted. */
export type PathFamily = 'direct' | 'predicted' | 'birthday' | 'relayed' | 'failed' | 'disputed'

/** A cell and driver in a few words. */
export interface CellSummary {
  /** Of most of its runs, the better one of two equally frequent ones. */
  readonly family: PathFamily
  readonly paths: ReadonlyMap<string, number>
  readonly runs: number
  /** Runs on a path that crosses no server. */
  readonly direct: number
  /** Medians over the runs that got so far. */
  readonly chatMs: number | undefined
  /** Of the runs that ended on a direct path, or of all where none did. */
  readonly pathMs: number | undefined
  /** Empty when every path is as expected. */
  readonly surprises: readonly string[]
  /** What took longer than promised; on a busy machine this says little. */
  readonly late: readonly string[]
}

const FAMILIES: Readonly<Record<string, PathFamily>> = {
  lan: 'direct',
  direct: 'direct',
  predicted: 'predicted',
  birthday: 'birthday',
  'member-relay': 'relayed',
  turn: 'relayed',
  'ws-relay': 'relayed',
  failed: 'failed',
  disputed: 'disputed',
}
const BEST_FIRST: readonly PathFamily[] = [
  'direct',
  'predicted',
  'birthday',
  'relayed',
  'failed',
  'disputed',
]

/** Two hosts that nothing translates cannot tell the internet from a LAN. */
const UNSHARED_WORDS: ReadonlyMap<string, string> = new Map([['lan', 'direct']])

/** Where chance decides, this share of runs must be direct: 18 of 20, 19 of 20. */
const LUCK_SHARE = 0.9
const PREDICTED_SHARE = 0.95
/** The promises: talk within 3 s whatever the path, luck within 20 s, the others' medians. */
const TALK_MS = 3000
const LUCK_MS = 20_000
const MEDIAN_MS: Readonly<Partial<Record<Expectation['way'], number>>> = {
  plain: 1000,
  predicted: 2000,
}

/** The family of a page's word for a path. */
export function familyOf(path: string): PathFamily {
  return FAMILIES[path] ?? 'disputed'
}

/** Sums up; undefined when the driver was not run. */
export function summarize(cell: GridCell, driver: GridDriver): CellSummary | undefined {
  const runs = cell.runs[driver] ?? []
  if (runs.length === 0) return undefined
  const paths = new Map<string, number>()
  const isShared = cell.pair[1] === 'same'
  for (const { path } of runs) {
    const word = isShared ? path : (UNSHARED_WORDS.get(path) ?? path)
    paths.set(word, (paths.get(word) ?? 0) + 1)
  }
  const direct = runs.filter(({ path }) => isDirect(path))
  return {
    family: commonFamily(runs),
    paths,
    runs: runs.length,
    direct: direct.length,
    chatMs: medianOf(runs.map(({ chatMs }) => chatMs)),
    pathMs: medianOf((direct.length > 0 ? direct : runs).map(({ pathMs }) => pathMs)),
    surprises: surprisesOf(runs, { expected: cell.expected, driver }),
    late: driver === 'knothole' ? latenessOf(runs, cell.expected) : [],
  }
}

/** Everything that is not as it should be. */
export function complaintsOf(summary: CellSummary | undefined): readonly string[] {
  return summary === undefined ? [] : [...summary.surprises, ...summary.late]
}

function isDirect(path: string): boolean {
  return ['direct', 'predicted', 'birthday'].includes(familyOf(path))
}

function commonFamily(runs: readonly GridRun[]): PathFamily {
  const count = (family: PathFamily): number =>
    runs.filter(({ path }) => familyOf(path) === family).length
  return BEST_FIRST.toSorted((one, other) => count(other) - count(one))[0] ?? 'failed'
}

function surprisesOf(
  runs: readonly GridRun[],
  about: { expected: Expectation; driver: GridDriver },
): string[] {
  const count = (accept: (run: GridRun) => boolean): number => runs.filter(accept).length
  const failed = count(({ path }) => path === 'failed')
  const disputed = count(({ path }) => path === 'disputed')
  const direct = count(({ path }) => isDirect(path))
  const least = leastDirect(about.expected, about.driver) * runs.length
  return [
    ...(failed > 0 ? [`${failed} of ${runs.length} did not connect`] : []),
    ...(disputed > 0 ? [`${disputed} of ${runs.length} disputed`] : []),
    ...(direct < least ? [`direct in ${direct} of ${runs.length}`] : []),
    ...(least === 0 && direct > 0 ? [`direct in ${direct}, which nobody expected`] : []),
  ]
}

/** What Knothole promises of time, in fair weather. */
function latenessOf(runs: readonly GridRun[], { way }: Expectation): string[] {
  const lateTalk = runs.filter(({ chatMs }) => chatMs !== null && chatMs > TALK_MS).length
  const paths = runs.filter(({ path }) => isDirect(path)).map(({ pathMs }) => pathMs)
  const latePath = paths.filter((ms) => ms !== null && ms > LUCK_MS).length
  const medianMs = medianOf(paths)
  const limitMs = MEDIAN_MS[way]
  const isSlow = medianMs !== undefined && limitMs !== undefined && medianMs > limitMs
  return [
    ...(lateTalk > 0 ? [`${lateTalk} of ${runs.length} talked only after ${TALK_MS} ms`] : []),
    ...(latePath > 0 ? [`${latePath} of ${runs.length} direct only after ${LUCK_MS} ms`] : []),
    ...(isSlow ? [`median ${Math.round(medianMs)} ms, not ${limitMs}`] : []),
  ]
}

/** The share of runs that must be direct. */
function leastDirect({ way, stock }: Expectation, driver: GridDriver): number {
  if (driver === 'stock') return stock === 'direct' ? 1 : 0
  switch (way) {
    case 'plain':
      return 1
    case 'predicted':
      return PREDICTED_SHARE
    case 'birthday-block':
    case 'birthday-shared':
      return LUCK_SHARE
    case 'relay':
      return 0
  }
}

function medianOf(values: readonly (number | null)[]): number | undefined {
  const sorted = values.filter((value) => value !== null).toSorted((a, b) => a - b)
  return sorted.length === 0 ? undefined : median(sorted)
}
