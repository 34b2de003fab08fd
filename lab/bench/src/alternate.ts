/**
 * Runs contenders in turn (A B C, A B C, ...), so that whatever else the machine does falls on all
 * of them alike. Warm-up rounds come first and are not counted.
 */
import type { Sample } from './statistics.ts'

/** Who runs, and how often. */
export interface Rounds {
  readonly contenders: readonly string[]
  readonly warmUps: number
  readonly runs: number
}

/** One run of one contender; `round` counts from 1, and warm-up rounds are 0. */
export type RunOnce = (contender: string, round: number) => Promise<Sample>

/** Returns the counted samples by contender, each in the order of the rounds. */
export async function alternate(
  rounds: Rounds,
  runOnce: RunOnce,
): Promise<ReadonlyMap<string, readonly Sample[]>> {
  const samples = new Map<string, Sample[]>(rounds.contenders.map((name) => [name, []]))
  for (let turn = 0; turn < rounds.warmUps + rounds.runs; turn++) {
    const round = Math.max(0, turn - rounds.warmUps + 1)
    for (const [name, counted] of samples) {
      const sample = await runOnce(name, round)
      if (round > 0) counted.push(sample)
    }
  }
  return samples
}
