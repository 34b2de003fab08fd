// What worked between two networks, kept in this browser for the next time they meet: by the networks'
// prefixes, not by people or rooms, and not for long.
import type { LadderMemory } from '@knothole/traversal/ladder'
import * as v from 'valibot'

const STORE = 'knothole-paths'

/** Pairs kept; the ones that met last. */
const MAX_PAIRS = 32

/** Networks are renumbered and rebuilt: what is older says little. */
const MAX_AGE_MS = 7 * 24 * 3_600_000

const store = v.record(
  v.string(),
  v.object({
    atMs: v.number(),
    won: v.exactOptional(v.picklist(['plain', 'predicted', 'birthday-block', 'birthday-shared'])),
    failures: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  }),
)

type Store = v.InferOutput<typeof store>

/** What is remembered of a pair; undefined when nothing is, or nothing may be kept. */
export function recallPath(pair: string, nowMs: number): LadderMemory | undefined {
  const { [pair]: kept } = readStore()
  if (kept === undefined || nowMs - kept.atMs > MAX_AGE_MS) return undefined
  const { won, failures } = kept
  return won === undefined ? { failures } : { won, failures }
}

export function rememberPath(pair: string, { won, failures }: LadderMemory, nowMs: number): void {
  const { [pair]: _old, ...others } = readStore()
  const newest = Object.entries(others)
    .toSorted(([, one], [, other]) => other.atMs - one.atMs)
    .slice(0, MAX_PAIRS - 1)
  const kept = { atMs: nowMs, failures, ...(won === undefined ? {} : { won }) }
  try {
    localStorage.setItem(STORE, JSON.stringify({ ...Object.fromEntries(newest), [pair]: kept }))
  } catch {
    // reason: storage is forbidden or full; the next meeting finds out anew.
  }
}

function readStore(): Store {
  try {
    const parsed = v.safeParse(store, JSON.parse(localStorage.getItem(STORE) ?? '{}'))
    return parsed.success ? parsed.output : {}
  } catch {
    // reason: storage is forbidden, or holds what another release wrote.
    return {}
  }
}
