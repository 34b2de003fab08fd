/**
 * Writes results: a table for the terminal and a bench's section in `docs/benchmarks.md`. A section
 * stands between two comment lines, and only what is between its own is ever replaced.
 */
import type { Bench, BenchResult, Table } from './bench.ts'
import type { Machine } from './machine.ts'
import type { Row } from './statistics.ts'
import { ratio } from './statistics.ts'

/** A bench alone keeps about one core busy; beyond this, others decided the numbers. */
const busyLoadPerCore = 1.5

const emptyDocument = `# Benchmarks

Written by \`npm run bench -- NAME\`, one section per bench. Compare numbers within one table only:
they were taken in turn, on one machine, in one run.
`

/** A Markdown table of one set of rows, each with its ratio to the limit. */
export function formatTable(table: Table): string {
  const limit = table.entries.find(({ contender }) => contender === table.limit)?.row
  const lines = table.entries.map(({ contender, row }) =>
    cells([
      contender,
      `${show(row.median)} ${row.unit}`,
      `${show(row.min)} to ${show(row.max)}`,
      showRatio(ratio(row, limit)),
      showRuns(row),
    ]),
  )
  return [
    cells(['contender', 'median', 'min to max', `times ${table.limit}`, 'runs']),
    '|---|--:|--:|--:|--:|',
    ...lines,
  ].join('\n')
}

/** A bench's whole section, without its markers. */
export function formatSection(bench: Bench, result: BenchResult, machine: Machine): string {
  const tables = result.tables.flatMap((table) => [
    `### ${table.title}`,
    '',
    formatTable(table),
    '',
  ])
  const ran = new Set(result.tables.flatMap(({ entries }) => entries.map((e) => e.contender)))
  const raw = result.tables.flatMap(({ entries }) =>
    entries.map(({ row }) => `- ${row.name}: ${row.runs.join(' ')}`),
  )
  return [
    `## ${bench.name}`,
    '',
    bench.summary,
    '',
    `Repeat: \`npm run bench -- ${bench.name}\` (\`--json FILE\` for the raw values, \`--runs N\`).`,
    '',
    `Measured ${machine.date} on ${machine.processor}, ${machine.cores} cores (load ${machine.load}, the` +
      ' higher of start and end),' +
      ` ${machine.system}; Node ${machine.node}, ${result.software.join(', ')}.`,
    '',
    ...warnings(machine),
    ...tables,
    ...bench.contenders
      .filter(({ name }) => ran.has(name))
      .map(({ name, what }) => `- **${name}**: ${what}`),
    '',
    '<details><summary>Raw values, in order</summary>',
    '',
    ...raw,
    '',
    '</details>',
  ].join('\n')
}

/** Puts a section in its place in the document, or at its end, and leaves all else alone. */
export function replaceSection(document: string, name: string, section: string): string {
  const begin = `<!-- bench:${name} -->`
  const end = `<!-- end of bench:${name} -->`
  const block = `${begin}\n${section}\n${end}`
  const text = document.trim() === '' ? emptyDocument : document
  const from = text.indexOf(begin)
  const to = text.indexOf(end, from)
  if (from === -1 || to === -1) return `${text.trimEnd()}\n\n${block}\n`
  return text.slice(0, from) + block + text.slice(to + end.length)
}

/** What `--json` writes: the rows of all tables, each under a unique name. */
export function toJson(bench: Bench, result: BenchResult): string {
  const rows = result.tables.flatMap(({ entries }) => entries.map(({ row }) => row))
  return `${JSON.stringify({ name: bench.name, rows }, null, 2)}\n`
}

function warnings({ load, cores }: Machine): readonly string[] {
  if (load <= cores * busyLoadPerCore) return []
  return [
    '**The machine was busy with other work: repeat this on a quiet one before quoting it.**',
    '',
  ]
}

function cells(values: readonly string[]): string {
  return `| ${values.join(' | ')} |`
}

function show(value: number | null): string {
  return value === null ? 'none' : value.toFixed(value < 100 ? 1 : 0)
}

function showRatio(value: number | null): string {
  return value === null ? 'none' : value.toFixed(2)
}

function showRuns({ runs, failed }: Row): string {
  return failed === 0 ? String(runs.length) : `${runs.length}, ${failed} failed`
}
