/**
 * The command line: `bench NAME [--json FILE] [--runs N] [--only a,b]`. Refuses what it does not
 * know, so that a mistyped contender is never left out silently.
 */
import { parseArgs } from 'node:util'
import type { Bench } from './bench.ts'
import { BenchError } from './bench.ts'

/** A run the user asked for. */
export interface Request {
  readonly bench: Bench
  readonly runs: number
  readonly contenders: readonly string[]
  /** True when contenders were left out, so that the numbers must not replace the published table. */
  readonly partial: boolean
  readonly jsonFile: string | undefined
}

/** Reads the arguments after the program's name; `'help'` when help was asked for. */
export function parseRequest(args: readonly string[], benches: readonly Bench[]): Request | 'help' {
  const { values, positionals } = parse(args)
  if (values.help === true) return 'help'
  const [name, ...rest] = positionals
  if (name === undefined) throw new BenchError('wrong-use', `Which bench? ${namesOf(benches)}`)
  if (rest.length > 0)
    throw new BenchError('wrong-use', `One bench at a time: ${rest.join(' ')} is too much.`)
  const bench = benches.find((bench) => bench.name === name)
  if (bench === undefined)
    throw new BenchError('wrong-use', `No bench "${name}". There are: ${namesOf(benches)}`)
  const contenders = chooseContenders(bench, values.only)
  return {
    bench,
    runs: values.runs === undefined ? bench.defaultRuns : parseRuns(values.runs),
    contenders,
    partial: usualNames(bench).some((name) => !contenders.includes(name)),
    jsonFile: values.json,
  }
}

/** The text of `--help`. */
export function helpText(benches: readonly Bench[]): string {
  const lines = benches.map(
    (bench) => `  ${bench.name}: ${bench.contenders.map(({ name }) => name).join(', ')}`,
  )
  return [
    'npm run bench -- NAME [--json FILE] [--runs N] [--only a,b]',
    '',
    'Measures, prints a table and replaces its section in docs/benchmarks.md.',
    '  --json FILE   also write {name, rows} there',
    '  --runs N      counted runs per contender and condition',
    '  --only a,b    these contenders only; docs/benchmarks.md is then left alone',
    '',
    'Benches and their contenders:',
    ...lines,
  ].join('\n')
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: 'string' },
        runs: { type: 'string' },
        only: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    throw new BenchError('wrong-use', error instanceof Error ? error.message : String(error), {
      cause: error,
    })
  }
}

function parseRuns(text: string): number {
  const runs = Number(text)
  if (!Number.isInteger(runs) || runs < 1) {
    throw new BenchError('wrong-use', `--runs wants a whole number from 1 up, not "${text}".`)
  }
  return runs
}

function chooseContenders(bench: Bench, only: string | undefined): readonly string[] {
  if (only === undefined) return usualNames(bench)
  const known = bench.contenders.map(({ name }) => name)
  const wanted = only.split(',').map((name) => name.trim())
  const unknown = wanted.filter((name) => !known.includes(name))
  if (unknown.length > 0) {
    throw new BenchError(
      'wrong-use',
      `No contender "${unknown.join('", "')}". There are: ${known.join(', ')}`,
    )
  }
  return known.filter((name) => wanted.includes(name))
}

function usualNames(bench: Bench): readonly string[] {
  return bench.contenders.filter(({ onRequest }) => onRequest !== true).map(({ name }) => name)
}

function namesOf(benches: readonly Bench[]): string {
  return benches.map(({ name }) => name).join(', ')
}
