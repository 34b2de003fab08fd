// One cell of the grid: two places, a server, a browser in each host, several runs. The places are
// measured first; a cell whose place does not do what it claims is not run.

import { mkdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

import { startCapture } from './capture.ts'
import { launchChromium } from './chromium.ts'
import type { Weather } from './delay-hop.ts'
import type { Host } from './host.ts'
import { createLab, type Lab } from './lab.ts'
import type { Place } from './place.ts'
import { doRun, type Person, type RunResult } from './run.ts'
import { requireClaims, selfTest, type SelfTestResult } from './self-test.ts'
import { startWebServer, type DriverName } from './web-server.ts'

/** What to measure. */
export interface CellPlan {
  readonly pair: readonly [Place, Place]
  /** Both hosts behind one router; needs twice the same preset. */
  readonly sameLan: boolean
  readonly third: Place | undefined
  readonly runs: number
  readonly driver: DriverName
  readonly weather: Weather
  readonly boundMs: number
  readonly killRendezvous: boolean
  /** How long to watch after the kill. */
  readonly watchSeconds: number
  readonly pcapPath: string | undefined
}

/** Told as things happen. */
export interface CellListener {
  onSelfTest(results: readonly SelfTestResult[]): void
  onRun(result: RunResult, index: number): void
}

/** A cell's outcome. */
export interface CellResult {
  /** The places as they were written. */
  readonly pair: readonly [string, string]
  readonly runs: readonly RunResult[]
}

const NAMES = ['alice', 'bob', 'carol']

/** Builds the lab, runs the cell and takes the lab down. */
export async function runCell(plan: CellPlan, listener: CellListener): Promise<CellResult> {
  const lab = await createLab({ weather: plan.weather })
  try {
    const hosts = await addHosts(lab, plan)
    const results = await selfTest(lab, hosts)
    listener.onSelfTest(results)
    requireClaims(results)
    await lab.startNeighbours()
    const people = await Promise.all(hosts.map((host, index) => settle(lab, { host, index })))
    if (plan.pcapPath !== undefined) await capture(lab, plan.pcapPath)
    const [one, other] = plan.pair
    return { pair: [one.label, other.label], runs: await doRuns(lab, { plan, people, listener }) }
  } finally {
    await lab.close()
  }
}

async function addHosts(lab: Lab, plan: CellPlan): Promise<Host[]> {
  const [one, other] = plan.pair
  const first = await lab.addHost(one)
  const second = plan.sameLan ? await first.site.addHost() : await lab.addHost(other, first.site)
  return plan.third === undefined ? [first, second] : [first, second, await lab.addHost(plan.third)]
}

async function settle(lab: Lab, place: { host: Host; index: number }): Promise<Person> {
  const launched = await launchChromium(place.host)
  lab.beforeClose(() => launched.close())
  const name = NAMES[place.index] ?? `guest ${place.index}`
  return { name, host: place.host, browser: launched.browser }
}

async function capture(lab: Lab, path: string): Promise<void> {
  const file = resolve(path)
  await mkdir(dirname(file), { recursive: true })
  lab.beforeClose(await startCapture(lab, file))
}

async function doRuns(
  lab: Lab,
  cell: { plan: CellPlan; people: readonly Person[]; listener: CellListener },
): Promise<RunResult[]> {
  const { plan, listener } = cell
  const [first, second, third] = cell.people
  if (first === undefined || second === undefined) throw new Error('a cell has two people')
  let server = await startWebServer(lab, plan.driver)
  lab.beforeClose(() => server.kill())
  const results: RunResult[] = []
  for (let index = 0; index < plan.runs; index += 1) {
    if (plan.killRendezvous && index > 0) server = await startWebServer(lab, plan.driver)
    await lab.forgetMappings()
    const result = await doRun({
      lab,
      people: [first, second],
      boundMs: plan.boundMs,
      ...(third === undefined ? {} : { third }),
      ...(plan.killRendezvous ? { death: { server, watchSeconds: plan.watchSeconds } } : {}),
    })
    listener.onRun(result, index)
    results.push(result)
    if (plan.killRendezvous) await server.kill()
  }
  return results
}
