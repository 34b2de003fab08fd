// The grid: every pair of classes, Knothole beside stock WebRTC with the same STUN and TURN servers, in
// one lab. Cells are told to the listener as they are done, so that a stopped grid is not lost.

import { STOCK_ADDRESS, STOCK_ORIGIN, WEB_ORIGIN } from '../addresses.ts'
import { iceServers, openTurnOnWebPort } from '../ice-servers.ts'
import { createLab, type Lab } from '../lab.ts'
import type { SelfTestResult } from '../self-test.ts'
import { startStockServer, startWebServer } from '../web-server.ts'
import type { GridCell, GridDriver, GridRun } from './grid-data.ts'
import { GridHosts } from './grid-hosts.ts'
import { cellsOf, directBoundMs, runsOf, type CellTask, type GridPlan } from './grid-plan.ts'
import { gridRun } from './grid-run.ts'

/** Told as things happen. */
export interface GridListener {
  onSelfTest(results: readonly SelfTestResult[]): void
  onCell(cell: GridCell): Promise<void>
}

const ORIGINS: Readonly<Record<GridDriver, string>> = {
  knothole: WEB_ORIGIN,
  stock: STOCK_ORIGIN,
}

/** Nobody waits longer for a first message. */
const CHAT_BOUND_MS = 20_000

/** Runs all cells of a plan. */
export async function runGrid(plan: GridPlan, listener: GridListener): Promise<void> {
  const tasks = cellsOf(plan)
  const lab = await createLab({ weather: plan.weather })
  try {
    const { chromiumWords, drivers } = plan
    const origins = drivers.map((driver) => ORIGINS[driver])
    const opened = await GridHosts.open(lab, { tasks, chromiumWords, origins })
    listener.onSelfTest(opened.selfTests)
    await startServers(lab, drivers)
    for (const [index, task] of tasks.entries()) {
      await listener.onCell(await runTask({ plan, lab, hosts: opened.hosts }, task))
      const [first] = task.pair
      const isLastOfRow = tasks[index + 1]?.pair[0].label !== first.label
      if (isLastOfRow) await opened.hosts.leave(task.pair, 0)
    }
  } finally {
    await lab.close()
  }
}

async function startServers(lab: Lab, drivers: readonly GridDriver[]): Promise<void> {
  // Also where only stock pages are run: it is the STUN and TURN server of both.
  const rendezvous = await startWebServer(lab, 'knothole')
  lab.beforeClose(() => rendezvous.kill())
  if (!drivers.includes('stock')) return
  await openTurnOnWebPort(lab)
  const namespace = await lab.addServer('stock', STOCK_ADDRESS)
  const stock = await startStockServer(namespace, { iceServers: iceServers() })
  lab.beforeClose(() => stock.kill())
}

async function runTask(
  grid: { plan: GridPlan; lab: Lab; hosts: GridHosts },
  task: CellTask,
): Promise<GridCell> {
  const [a, b] = task.pair
  const runs: Partial<Record<GridDriver, GridRun[]>> = {}
  for (const driver of grid.plan.drivers) {
    const results: GridRun[] = []
    for (let run = 0; run < runsOf(grid.plan, task, driver); run += 1) {
      results.push(await runOnce(grid, { task, driver }))
    }
    runs[driver] = results
  }
  return { pair: [a.label, b.label], expected: task.expected, runs }
}

async function runOnce(
  grid: { plan: GridPlan; lab: Lab; hosts: GridHosts },
  about: { task: CellTask; driver: GridDriver },
): Promise<GridRun> {
  const { plan, lab, hosts } = grid
  const { task, driver } = about
  const people = [await hosts.person(task.pair, 0), await hosts.person(task.pair, 1)] as const
  await Promise.all(people.map(({ host }) => host.site.forgetMappings()))
  await Promise.all([lab.core, ...people.map(({ host }) => host)].map((one) => one.resetCounters()))
  return gridRun({
    lab,
    people,
    origin: ORIGINS[driver],
    chatBoundMs: CHAT_BOUND_MS,
    directBoundMs: directBoundMs(plan, task, driver),
  })
}
