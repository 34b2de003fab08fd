/** From what the laboratory says of its runs to tables. Pure. */
import type { Entry, Table } from '../bench.ts'
import type { Sample } from '../statistics.ts'
import { summarise } from '../statistics.ts'

/** One run as the laboratory writes it. */
export interface FaultRun {
  readonly scenario: string
  readonly faults: readonly string[]
  readonly facts: {
    readonly disturbances: readonly {
      readonly fault: string
      readonly isServerAlive: boolean
      readonly healMs?: number
      readonly directAgainMs?: number
    }[]
    readonly numbers: readonly {
      readonly lost: number
      readonly doubled: number
      readonly misplaced: number
      readonly invented: number
    }[]
    readonly isSameOrder: boolean
  }
}

/** What is asked, in ms: while the server lives, and when it is dead. */
const asked = { served: 3000, alone: 6000 }

/** Healing with the server and without it, and the return to a direct path. */
export function faultTables(runs: readonly FaultRun[]): readonly Table[] {
  return [
    {
      title: 'the server lives: until all read each other again',
      limit: 'asked',
      entries: [limit('served', asked.served), ...healing(runs, 'served', true)],
    },
    {
      title: 'the server is dead, three people: until all read each other again',
      limit: 'asked',
      entries: [limit('alone', asked.alone), ...healing(runs, 'alone', false)],
    },
    { title: 'until both are on a direct path again', limit: 'asked', entries: direct(runs) },
  ]
}

function limit(name: string, ms: number): Entry {
  return { contender: 'asked', row: summarise({ name: `${name}/asked`, unit: 'ms' }, [ms]) }
}

function healing(runs: readonly FaultRun[], name: string, isServerAlive: boolean): Entry[] {
  return entriesOf(runs, name, (run, fault) => {
    const found = run.facts.disturbances.find(
      (each) => each.fault === fault && each.isServerAlive === isServerAlive,
    )
    return found === undefined ? 'absent' : isWhole(run) ? found.healMs : undefined
  })
}

function direct(runs: readonly FaultRun[]): Entry[] {
  return entriesOf(runs, 'direct', (run, fault) => {
    const found = run.facts.disturbances.find((each) => each.fault === fault && each.isServerAlive)
    return found?.directAgainMs ?? (found === undefined || fault !== 'flush' ? 'absent' : undefined)
  })
}

/** One entry for each fault that any run has something to say about. */
function entriesOf(
  runs: readonly FaultRun[],
  name: string,
  read: (run: FaultRun, fault: string) => Sample | 'absent',
): Entry[] {
  const faults = runs.flatMap(({ facts }) => facts.disturbances.map(({ fault }) => fault))
  return [...new Set(faults)].flatMap((fault) => {
    const samples = runs.map((run) => read(run, fault)).filter((sample) => sample !== 'absent')
    if (samples.length === 0) return []
    return [{ contender: fault, row: summarise({ name: `${name}/${fault}`, unit: 'ms' }, samples) }]
  })
}

/** Whether every page shows every message once and in order. */
function isWhole({ facts }: FaultRun): boolean {
  const { numbers, isSameOrder } = facts
  return isSameOrder && numbers.every((each) => sumOf(each) === 0)
}

function sumOf({
  lost,
  doubled,
  misplaced,
  invented,
}: FaultRun['facts']['numbers'][number]): number {
  return lost + doubled + misplaced + invented
}
