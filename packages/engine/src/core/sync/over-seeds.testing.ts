// Runs a scenario over many seeds and says how to replay the one that failed. KNOTHOLE_SEED runs one
// seed, KNOTHOLE_LONG=1 many more.
import type { SimRoom } from './sim-rooms.testing.ts'

/** How many times the seeds of a quick run a long run takes. */
const LONG_FACTOR = 20

/** Failures told at most: one is enough to work on. */
const MAX_FAILURES = 3

/** What failed and how to replay it; empty when every seed held. */
export function overSeeds(name: string, { seeds, run }: SimRoom): string[] {
  const only = process.env['KNOTHOLE_SEED']
  const count = seeds * (process.env['KNOTHOLE_LONG'] === '1' ? LONG_FACTOR : 1)
  const all = only === undefined ? Array.from({ length: count }, (_, seed) => `${seed}`) : [only]
  const failures: string[] = []
  for (const seed of all) {
    try {
      run(`${name} ${seed}`)
    } catch (cause) {
      const replay = `KNOTHOLE_SEED=${seed} npx vitest run --project unit packages/engine/src/core/sync -t '${name}:'`
      const reason = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
      failures.push(`seed ${seed}; replay: ${replay}\n${reason}`)
    }
    if (failures.length >= MAX_FAILURES) break
  }
  return failures
}
