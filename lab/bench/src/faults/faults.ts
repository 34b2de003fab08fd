/**
 * `faults`: how long people who type all the time are apart when something happens to them, in the NAT
 * laboratory, which is driven through its command line. A run in which a message was lost, doubled or
 * out of order on any page has failed, however fast it healed.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench, BenchOptions, BenchResult, ContenderNote, Table } from '../bench.ts'
import { BenchError } from '../bench.ts'
import { labProgram } from '../places.ts'
import type { FaultRun } from './fault-rows.ts'
import { faultTables } from './fault-rows.ts'

const contenders: readonly ContenderNote[] = [
  { name: 'new-address', what: "the public address of one side's router changes." },
  { name: 'flush', what: 'the routers of all sides forget their mappings.' },
  { name: 'reroute', what: "one side's default route moves to another router, unannounced." },
  { name: 'blackout', what: "one side's router lets nothing through for 60 s, in silence." },
  {
    name: 'mtu',
    what:
      "one side's router drops UDP packets with more than 1,000 bytes from now on; messages of 1,800 " +
      'letters; asked 6 s.',
  },
  { name: 'freeze', what: "one side's page is frozen for 60 s." },
  { name: 'reload', what: "one side's page is loaded again; from the start of the navigation." },
  {
    name: 'kill-browser',
    what: "one side's browser is killed and started again; from the start of the navigation.",
  },
  {
    name: 'kill-rendezvous',
    what: 'the server is killed for good in a room of three in three places; then the others follow.',
  },
]

export const faults: Bench = {
  name: 'faults',
  summary:
    'Time to heal in the NAT laboratory: two people behind home routers (port-restricted cones) type ten ' +
    'numbered messages a second each, in headless Chromium, while something happens; from its end until ' +
    'each has read from the other something typed after it. A run fails when it does not heal in 30 s, or ' +
    'when any page does not show every message of everybody once and in order in the end.',
  contenders,
  defaultRuns: 3,
  run: async (options: BenchOptions): Promise<BenchResult> => {
    const runs: FaultRun[] = []
    for (const fault of options.contenders)
      for (let run = 1; run <= options.runs; run += 1) {
        const result = await playInLab(fault)
        runs.push(result)
        const words = result.faults.length === 0 ? 'as asked' : result.faults.join('; ')
        options.log(`${fault}, run ${run}: ${words}`)
      }
    return { tables: tablesOf(runs), software: [] }
  },
}

function tablesOf(runs: readonly FaultRun[]): readonly Table[] {
  return faultTables(runs).filter(({ limit, entries }) =>
    entries.some(({ contender }) => contender !== limit),
  )
}

async function playInLab(fault: string): Promise<FaultRun> {
  const folder = await mkdtemp(join(tmpdir(), 'knothole-faults-'))
  try {
    const file = join(folder, 'result.json')
    const words = [labProgram, '--scenario', fault, '--json', file]
    const lab = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    lab.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
    await once(lab, 'close')
    const [result] = JSON.parse(await readFile(file, 'utf8').catch(() => '[]')) as FaultRun[]
    if (result === undefined) throw new BenchError('missing-part', `No result of ${fault}. ${said}`)
    return result
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
