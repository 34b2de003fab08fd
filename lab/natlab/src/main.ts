// The command `npm run lab`: reads the command line, makes sure a laboratory can run here, and runs
// self-tests or cells. Interrupted or failing, it leaves nothing behind.

import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

import { HELP, parseLabArguments, type LabCommand } from './arguments.ts'
import { runCell, type CellPlan, type CellResult } from './cell.ts'
import { runExperiment, type ExperimentRun } from './experiment/experiment.ts'
import { gridClass } from './grid/grid-classes.ts'
import type { Grid, GridCell } from './grid/grid-data.ts'
import { machineWords, writeGrid, writeGridPage } from './grid/grid-files.ts'
import { runGrid } from './grid/grid.ts'
import { cellLine, gridText } from './grid/grid-text.ts'
import { createLab } from './lab.ts'
import { LabError } from './lab-error.ts'
import { sweepNamespaces } from './namespaces.ts'
import {
  cellName,
  faultsOf,
  runLine,
  selfTestLine,
  summaryLine,
  weatherWords,
  writeJson,
} from './report.ts'
import { playScenario, type ScenarioResult } from './scenario/scenario.ts'
import { requireClaims, selfTest } from './self-test.ts'
import { requireLabSupport } from './support.ts'
import { makeTemporaryFolder, sweepTemporaryFolders } from './temporary-folder.ts'
import { canEnterUserNamespace, enterUserNamespace } from './user-namespace.ts'

// Exiting runs the removal of namespaces (namespaces.ts), which a bare signal would skip.
process.on('SIGINT', () => process.exit(130))
process.on('SIGTERM', () => process.exit(143))
process.on('SIGHUP', () => process.exit(129))

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof LabError)) throw error
  console.error(`natlab: ${error.message}`)
  process.exitCode = error.code === 'bad-arguments' ? 2 : 1
}

async function main(words: readonly string[]): Promise<number> {
  const command = parseLabArguments(words)
  if (command.type === 'help') {
    console.log(HELP)
    return 0
  }
  sweepTemporaryFolders()
  if (canEnterUserNamespace()) return enterUserNamespace(process.argv.slice(1))
  requireLabSupport()
  // Browsers keep profiles under the temporary folder and cannot remove them when they are killed.
  process.env['TMPDIR'] = makeTemporaryFolder().path
  switch (command.type) {
    case 'clean':
      return clean()
    case 'self-test':
      return testPlaces(command)
    case 'scenario':
      return scenario(command)
    case 'grid':
      return grid(command)
    case 'experiment':
      return experiment(command)
    case 'cells':
      return runCells(command)
  }
}

function clean(): number {
  const removed = sweepNamespaces()
  console.log(`${removed.length} namespaces of dead runs removed`)
  return 0
}

async function testPlaces(command: Extract<LabCommand, { type: 'self-test' }>): Promise<number> {
  const lab = await createLab({ weather: command.weather })
  try {
    const hosts = []
    for (const place of command.places) hosts.push(await lab.addHost(place))
    const results = await selfTest(lab, hosts)
    for (const result of results) console.log(selfTestLine(result))
    requireClaims(results)
    return 0
  } finally {
    await lab.close()
  }
}

async function grid(command: Extract<LabCommand, { type: 'grid' }>): Promise<number> {
  const { plan, jsonPath, htmlPath } = command
  const cells: GridCell[] = []
  const head = {
    measured: new Date().toISOString(),
    machine: machineWords(),
    weather: weatherWords(plan.weather).join(', '),
    classes: plan.classes.map((place) => gridClass(place)),
  }
  let written: Grid | undefined
  await runGrid(plan, {
    onSelfTest: (results) => results.forEach((result) => console.error(selfTestLine(result))),
    onCell: async (cell) => {
      console.log(cellLine(cell))
      cells.push(cell)
      // Each time: who stops a grid keeps what it has measured. The first cell decides about the rest.
      const merge = command.merge || written !== undefined
      written = await writeGrid(jsonPath, { grid: { ...head, cells }, merge })
      await writeGridPage(htmlPath, written)
    },
  })
  if (written === undefined) return 1
  console.log(`\n${gridText(written)}`)
  return 0
}

/** Prints what came of each as JSON; faults go to standard error too. */
async function scenario(command: Extract<LabCommand, { type: 'scenario' }>): Promise<number> {
  const results: ScenarioResult[] = []
  for (const plan of command.plans) {
    const result = await playScenario(plan)
    results.push(result)
    console.log(JSON.stringify(result, undefined, 2))
    for (const fault of result.faults) console.error(`natlab: ${result.scenario}: ${fault}`)
    // Each time: who stops a long row keeps what it has measured.
    if (command.jsonPath !== undefined) await writeJsonFile(command.jsonPath, results)
  }
  return results.every(({ faults }) => faults.length === 0) ? 0 : 1
}

/** Prints one line of JSON per run; everything else goes to standard error. */
async function experiment(command: Extract<LabCommand, { type: 'experiment' }>): Promise<number> {
  const runs: ExperimentRun[] = []
  await runExperiment(command.plan, {
    onSelfTest: (results) => results.forEach((result) => console.error(selfTestLine(result))),
    onSaid: (role, text) => console.error(`[${role}] ${text}`),
    onRun: (run) => {
      runs.push(run)
      console.log(JSON.stringify(run))
    },
  })
  if (command.jsonPath !== undefined) await writeJsonFile(command.jsonPath, runs)
  return 0
}

async function writeJsonFile(file: string, content: unknown): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `${JSON.stringify(content, undefined, 2)}\n`)
}

async function runCells(command: Extract<LabCommand, { type: 'cells' }>): Promise<number> {
  const results: CellResult[] = []
  const faults: string[] = []
  for (const plan of command.cells) {
    const result = await showCell(plan)
    results.push(result)
    const wanted = {
      third: plan.third !== undefined,
      stunKeepalives: command.allowStun,
      ...(command.expectedPath === undefined ? {} : { path: command.expectedPath }),
    }
    faults.push(...result.runs.flatMap((run) => faultsOf(run, wanted)))
  }
  if (command.jsonPath !== undefined) await writeJson(command.jsonPath, results)
  for (const fault of faults) console.error(`natlab: ${fault}`)
  return faults.length === 0 ? 0 : 1
}

async function showCell(plan: CellPlan): Promise<CellResult> {
  console.log(cellName(plan))
  const result = await runCell(plan, {
    onSelfTest: (results) => results.forEach((result) => console.log(`  ${selfTestLine(result)}`)),
    onRun: (run, index) => console.log(`  ${runLine(run, index)}`),
  })
  console.log(`  ${summaryLine(result)}`)
  return result
}
