// Many seeded runs of a pair, and what they have in common. KNOTHOLE_SEED runs one seed, KNOTHOLE_LONG=1
// many more; what fails is told with the seeds that failed and how to replay them.
import type { PairOptions } from './ladder-pair.testing.ts'
import { runPair } from './ladder-pair.testing.ts'

/** How many times the runs of a quick run a long run makes. */
const LONG_FACTOR = 25

/** The least share and the times that are claimed. */
export interface Claim {
  readonly runs: number
  /** Of the runs, those that must be direct by this rung or any of them. */
  readonly share: number
  readonly by?: readonly string[]
  readonly medianMs?: number
  readonly withinMs?: number
}

/** The times to a direct path of all runs, Infinity where there is none. */
export function timesOf(options: Omit<PairOptions, 'seed'>, runs: number): number[] {
  const name = options.nats.flat().join(' ')
  const count = runs * (process.env['KNOTHOLE_LONG'] === '1' ? LONG_FACTOR : 1)
  return Array.from({ length: count }, (_, seed) => {
    const { directMs = Infinity } = runPair({ ...options, seed: `time of ${name} ${seed}` })
    return directMs
  })
}

/** Runs a pair over seeds; what of the claim does not hold, as sentences. */
export function breaches(options: Omit<PairOptions, 'seed'>, claim: Claim): string[] {
  const { runs, share, by, medianMs = Infinity, withinMs = Infinity } = claim
  const name = options.nats.map((nats) => [nats].flat().join(' behind ')).join(' and ')
  const only = process.env['KNOTHOLE_SEED']
  const count = runs * (process.env['KNOTHOLE_LONG'] === '1' ? LONG_FACTOR : 1)
  const seeds = only === undefined ? Array.from({ length: count }, (_, seed) => `${seed}`) : [only]
  const results = seeds.map((seed) => ({
    seed,
    ...runPair({ ...options, seed: `${name} ${seed}` }),
  }))
  const bad = results.filter(
    ({ directMs = Infinity, directBy = '' }) =>
      directMs > withinMs || (by !== undefined && !by.includes(directBy)),
  )
  const times = results.map(({ directMs = Infinity }) => directMs).toSorted((a, b) => a - b)
  const median = times[times.length >> 1] ?? Infinity
  const replay = `KNOTHOLE_SEED=${bad[0]?.seed} npx vitest run --project unit packages/traversal -t '${name}'`
  const failed = bad.slice(0, 9).map(({ seed }) => seed)
  const all = results.length
  return [
    ...(all - bad.length >= share * all
      ? []
      : [`${bad.length} of ${all} failed, seeds ${failed.join(', ')}; replay: ${replay}`]),
    ...(median <= medianMs ? [] : [`median ${median} ms`]),
  ]
}
