// Which scenarios there are, and what each is played with. Pure.

import type { FaultName } from './faults.ts'
import type { ScenePlan } from './scene.ts'

/** The names for `--scenario`. */
export type ScenarioName = 'upgrade' | 'idle' | 'only-443' | FaultName

/** What to play. */
export interface ScenarioPlan extends ScenePlan {
  readonly name: ScenarioName
  /** How long `idle` lasts. */
  readonly idleMs: number
  /** How long a blackout or a freeze lasts. */
  readonly faultMs: number
}

/** The pair a scenario is played with unless told otherwise; a third place where three meet. */
export const SCENARIO_PLACES: Readonly<Record<ScenarioName, readonly [string, string, string?]>> = {
  upgrade: ['C3', 'C3'],
  idle: ['C3@30', 'C3@30'],
  'only-443': ['H', 'C3'],
  'new-address': ['C3', 'C3'],
  flush: ['C3', 'C3'],
  reroute: ['C3', 'C3'],
  blackout: ['C3', 'C3'],
  mtu: ['C3', 'C3'],
  freeze: ['C3', 'C3'],
  reload: ['C3', 'C3'],
  'kill-browser': ['C3', 'C3'],
  // Somebody must be reachable for one whose address changes: port-restricted NATs let no stranger in.
  'kill-rendezvous': ['C3', 'C3', 'O'],
}

/** What `--scenario all` plays: everything that a talk must outlive. */
export const ALL_FAULTS: readonly FaultName[] = [
  'new-address',
  'flush',
  'reroute',
  'blackout',
  'mtu',
  'freeze',
  'reload',
  'kill-browser',
  'kill-rendezvous',
]
