// Which cells a grid has and how often each is run: every unordered pair of the classes asked for,
// more often where chance decides. Pure.

import type { Weather } from '../delay-hop.ts'
import { commonOf, type Place } from '../place.ts'
import { expectationOf, type Expectation } from './expectation.ts'
import type { GridDriver } from './grid-data.ts'

/** The classes of a grid unless told otherwise. */
export const GRID_CLASSES: readonly string[] = [
  'O',
  'F6',
  'C1',
  'C2',
  'C3',
  'C3/C3',
  'Ss',
  'Ss2',
  'Sa',
  'Sb',
  'Sr',
  'C3/Sr',
  'U',
  'H',
]

/** Pairs with something special about them, beside the table. */
export const GRID_SPECIAL_PAIRS: readonly (readonly [string, string])[] = [
  ['C3', 'same'],
  ['U', 'same'],
  ['C3/C3', 'same'],
  ['C3/C3h', 'same'],
  ['C3/Sr', 'same'],
  ['M6', 'M6'],
  ['C3', 'M6'],
  ['C3', 'Sb1024'],
  ['Sb1024', 'Sb1024'],
  ['C3', 'C3/Ss'],
  ['C3/Ss', 'C3/Ss'],
  ['C3', 'C3/Sb'],
  ['C3', 'Ss+50'],
  ['Ss+10', 'Ss+10'],
]

/** What to measure. */
export interface GridPlan {
  readonly classes: readonly Place[]
  /** Only pairs whose first class is one of these; undefined: all. */
  readonly rows: readonly string[] | undefined
  /** Only these pairs; empty: all. */
  readonly pairs: readonly (readonly [Place, Place])[]
  readonly drivers: readonly GridDriver[]
  readonly runs: number
  /** Runs of cells where chance decides. */
  readonly trials: number
  /** How long to wait for a direct path that plain ICE finds, or prediction; and for one that luck finds. */
  readonly boundMs: number
  readonly luckBoundMs: number
  readonly weather: Weather
  /** Whether the browser lets pages choose ICE credentials. */
  readonly munging: boolean
  readonly chromiumWords: readonly string[]
}

/** A pair to run. */
export interface CellTask {
  readonly pair: readonly [Place, Place]
  readonly expected: Expectation
}

/** The cells of a plan, in the order of the table. */
export function cellsOf(plan: GridPlan): CellTask[] {
  const pairs =
    plan.pairs.length > 0
      ? plan.pairs
      : plan.classes.flatMap((a, index) => plan.classes.slice(index).map((b) => [a, b] as const))
  return pairs
    .filter(([a]) => plan.rows === undefined || plan.rows.includes(a.label))
    .map((pair) => ({
      pair,
      expected: expectationOf([pair[0].preset.claims, pair[1].preset.claims], {
        common: commonOf(pair),
        munging: plan.munging,
      }),
    }))
}

/** How often a cell is run with a driver. */
export function runsOf(plan: GridPlan, task: CellTask, driver: GridDriver): number {
  const { way } = task.expected
  const isLuck = way === 'birthday-shared' || way === 'birthday-block'
  return driver === 'knothole' && isLuck ? Math.max(plan.runs, plan.trials) : plan.runs
}

/** How long a driver gets to reach a direct path in a cell; 0 when there is none to reach. */
export function directBoundMs(plan: GridPlan, task: CellTask, driver: GridDriver): number {
  const { way, stock } = task.expected
  if (driver === 'stock') return stock === 'direct' ? plan.boundMs : 0
  if (way === 'relay') return 0
  return way === 'plain' || way === 'predicted' ? plan.boundMs : plan.luckBoundMs
}
