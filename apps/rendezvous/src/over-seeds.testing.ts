// Runs a scenario over many seeds and says how to replay the one that failed. KNOTHOLE_SEED runs one
// seed, KNOTHOLE_LONG=1 many more.
import { SimulatedWorld } from './simulated-world.testing.ts'
import type { WorldOptions } from './simulated-world.testing.ts'

/** How many times the seeds of a quick run a long run takes. */
const LONG_FACTOR = 25

export interface Scenario {
  /** Names the seeds, and the test's title contains it. */
  readonly name: string
  /** Seeds in a quick run. */
  readonly seeds: number
  readonly weather?: WorldOptions['weather']
  readonly maxSteps?: WorldOptions['maxSteps']
  readonly hasDetours?: boolean
  readonly hasTurn?: boolean
  readonly hasOther?: boolean
}

/** Failures told at most: one is enough to work on. */
const MAX_FAILURES = 3

/** What failed and how to replay it; empty when every seed held. */
export function overSeeds(scenario: Scenario, run: (world: SimulatedWorld) => void): string[] {
  const only = process.env['KNOTHOLE_SEED']
  const count = scenario.seeds * (process.env['KNOTHOLE_LONG'] === '1' ? LONG_FACTOR : 1)
  const seeds = only === undefined ? Array.from({ length: count }, (_, seed) => `${seed}`) : [only]
  const failures: string[] = []
  for (const seed of seeds) {
    failures.push(...overSeed(scenario, seed, run))
    if (failures.length >= MAX_FAILURES) break
  }
  return failures
}

/** One seed: a found one becomes a test of its own. */
export function overSeed(
  {
    name,
    weather = {},
    hasDetours = true,
    hasTurn = false,
    hasOther = false,
    maxSteps,
  }: Omit<Scenario, 'seeds'>,
  seed: string,
  run: (world: SimulatedWorld) => void,
): string[] {
  const world = new SimulatedWorld({
    seed: `${name} ${seed}`,
    weather,
    hasDetours,
    hasTurn,
    hasOther,
    ...(maxSteps === undefined ? {} : { maxSteps }),
  })
  try {
    run(world)
    return []
  } catch (cause) {
    const replay = `KNOTHOLE_SEED=${seed} npx vitest run --project unit apps/rendezvous -t '${name}:'`
    const atMs = Math.round(world.clock.elapsedMs())
    const reason = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
    return [`seed ${seed}, after ${atMs} ms; replay: ${replay}\n${reason}`]
  }
}
