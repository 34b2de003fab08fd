// Which scenarios there are, and what each is played with. Pure.

import type { StagePlan } from './stage.ts'

/** The names for `--scenario`. */
export type ScenarioName = 'upgrade' | 'idle' | 'flush' | 'only-443'

/** What to play. */
export interface ScenarioPlan extends StagePlan {
  readonly name: ScenarioName
  /** How long `idle` lasts. */
  readonly idleMs: number
}

/** The pair a scenario is played with unless told otherwise. */
export const SCENARIO_PAIRS: Readonly<Record<ScenarioName, readonly [string, string]>> = {
  upgrade: ['C3', 'Sr'],
  idle: ['C3@30', 'C3@30'],
  flush: ['C3', 'C3'],
  'only-443': ['H', 'C3'],
}
