// Words and files for what the lab found: a line per run, a summary per cell, JSON on request. Pure
// except for `writeJson`.

import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

import { describeBehaviour } from './behaviour.ts'
import type { CellPlan, CellResult } from './cell.ts'
import type { Weather } from './delay-hop.ts'
import type { RunResult } from './run.ts'
import type { SelfTestResult } from './self-test.ts'

/** A place's measured behaviour, and what is wrong with it. */
export function selfTestLine(result: SelfTestResult): string {
  const verdict = result.differences.length === 0 ? 'as claimed' : 'NOT AS CLAIMED'
  const line = `${result.place.padEnd(15)} ${verdict}: ${describeBehaviour(result.measured)}`
  const trip = result.roundTripMs === undefined ? '' : `, ${result.roundTripMs.toFixed(1)} ms`
  return [line + trip, ...result.differences.map((words) => `  ${words}`)].join('\n')
}

/** A cell's name. */
export function cellName(plan: CellPlan): string {
  const pair = plan.pair.map(({ label }) => label).join(' x ') + (plan.sameLan ? ' on one LAN' : '')
  const third = plan.third === undefined ? '' : ` + ${plan.third.label}`
  return [`${pair}${third} (${plan.driver}`, ...weatherWords(plan.weather)].join(', ') + ')'
}

/** What is not fair about the weather. */
export function weatherWords({ delayMs, jitterMs, lossPercent }: Weather): string[] {
  return [
    ...(delayMs > 0 ? [`${delayMs} ms`] : []),
    ...(jitterMs > 0 ? [`up to ${jitterMs} ms more`] : []),
    ...(lossPercent > 0 ? [`${lossPercent} % lost`] : []),
  ]
}

/** One run. */
export function runLine(result: RunResult, index: number): string {
  const words = [`run ${index + 1}: ${result.path}`]
  if (result.ms !== undefined) words.push(`${round(result.ms)} ms`)
  if (result.connectedMs !== undefined) words.push(`linked after ${round(result.connectedMs)} ms`)
  if (result.gaveUpMs !== undefined) words.push(`both said so by ${round(result.gaveUpMs)} ms`)
  if (result.wire !== undefined) words.push(`on the wire ${result.wire}`)
  if (result.thirdMs !== undefined) words.push(`third talks after ${round(result.thirdMs)} ms`)
  const lines = [words.join(', ')]
  if (result.afterKill !== undefined) lines.push(`  ${afterKillWords(result)}`)
  if (result.note !== undefined) lines.push(...result.note.split('\n').map((line) => `  ${line}`))
  return lines.join('\n')
}

/** All runs of a cell in one line. */
export function summaryLine(result: CellResult): string {
  const counts = new Map<string, number>()
  for (const { path } of result.runs) counts.set(path, (counts.get(path) ?? 0) + 1)
  const classes = [...counts].map(([path, count]) => `${path} ${count}/${result.runs.length}`)
  const times = result.runs.flatMap(({ ms }) => (ms === undefined ? [] : [ms])).toSorted(ascending)
  if (times.length === 0) return classes.join(', ')
  const [min = 0, max = 0] = [times[0], times.at(-1)]
  return `${classes.join(', ')}, median ${round(median(times))} ms (${round(min)} to ${round(max)})`
}

/** What must make the command fail: a result that contradicts itself or a promise. */
export function faultsOf(
  result: RunResult,
  wanted: { third: boolean; stunKeepalives: boolean; path?: string },
): string[] {
  const faults: string[] = []
  if (result.path === 'disputed') faults.push('the pages and the counters disagree')
  if (wanted.path !== undefined && result.path !== wanted.path) {
    faults.push(`expected ${wanted.path}, got ${result.path}`)
  }
  if (wanted.third && result.thirdMs === undefined) faults.push('the three did not all talk')
  const after = result.afterKill
  if (after !== undefined) {
    if (after.read < after.said)
      faults.push(`${after.said - after.read} messages lost after the kill`)
    if (!after.noticed) faults.push('a page does not notice that the server is gone')
    if (after.otherPackets > 0) faults.push(`${after.otherPackets} packets to the dead server`)
    if (after.stunPackets > 0 && !wanted.stunKeepalives) {
      faults.push(`${after.stunPackets} packets to the dead server's STUN ports`)
    }
  }
  return faults
}

/** Writes `{cells: [{pair, runs: [{path, ms}]}]}`; a run without a path has `ms: null`. */
export async function writeJson(file: string, cells: readonly CellResult[]): Promise<void> {
  const content = {
    cells: cells.map(({ pair, runs }) => ({
      pair,
      runs: runs.map((run) => ({ ...run, ms: run.ms ?? null })),
    })),
  }
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `${JSON.stringify(content, wholeNumbers, 2)}\n`)
}

/** The middle value of sorted numbers, the mean of the two middle ones when they are even. */
export function median(sorted: readonly number[]): number {
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

function afterKillWords({ afterKill }: RunResult): string {
  if (afterKill === undefined) return ''
  const { read, said, noticed, reconnectAttempts, stunPackets, otherPackets } = afterKill
  const words = [
    `server killed: ${read} of ${said} messages read by all`,
    noticed ? 'pages show it' : 'PAGES STILL SAY ONLINE',
    `to the server: ${reconnectAttempts} attempts to reconnect`,
    `${stunPackets} to the STUN ports`,
    `${otherPackets} others`,
    `silent after ${afterKill.silentAfterSeconds} s`,
  ].join(', ')
  return [words, ...afterKill.flows.map((flow) => `    ${flow}`)].join('\n')
}

function wholeNumbers(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? round(value) : value
}

function ascending(a: number, b: number): number {
  return a - b
}

function round(ms: number): number {
  return Math.round(ms)
}
