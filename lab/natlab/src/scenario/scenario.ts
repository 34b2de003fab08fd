// Scenarios beyond the grid: what happens to people who talk when time passes or something breaks.
// Each gives facts, and faults in words; no faults means that it was as promised.

import { setTimeout as pause } from 'node:timers/promises'

import { countersSince } from '../counters.ts'
import { expectationOf } from '../grid/expectation.ts'
import { DIRECT_PATHS } from '../grid/grid-run.ts'
import { judgePath, type PathVerdict } from '../judge-path.ts'
import { linkedMembers, showsMessage, type PathMoment, type RoomPage } from '../room-page.ts'
import { makeTemporaryFolder } from '../temporary-folder.ts'
import { disturbed, isDisturbed } from './disturbed.ts'
import type { FaultName } from './faults.ts'
import type { ScenarioName, ScenarioPlan } from './scenario-plan.ts'
import { onStage, type Stage } from './stage.ts'
import { slowLine, transferThroughMove, upgradeFaults } from './upgrade.ts'

/** What came of it. */
export interface ScenarioResult {
  readonly scenario: ScenarioName
  readonly pair: readonly [string, string]
  readonly facts: Readonly<Record<string, unknown>>
  readonly faults: readonly string[]
}

type Outcome = Pick<ScenarioResult, 'facts' | 'faults'>

/** Longer without a path is a fault. */
const INTERRUPTION_MS = 10_000
/** A first message must not take longer, by whatever path. */
const FIRST_TALK_MS = 3000
/** Luck may open the direct path before the transfer has begun. */
const MOVE_ATTEMPTS = 5
const READ_MS = 10_000

/** Plays a scenario. */
export async function playScenario(plan: ScenarioPlan): Promise<ScenarioResult> {
  const plays: Readonly<Record<Exclude<ScenarioName, FaultName>, () => Promise<Outcome>>> = {
    upgrade: () => upgrade(plan),
    idle: () => onStage(plan, (stage) => idle(stage, plan.idleMs)),
    'only-443': () => onStage(plan, only443),
  }
  const { name } = plan
  const outcome = await (isDisturbed(name) ? disturbed(plan, name) : plays[name]())
  return { scenario: plan.name, pair: [plan.pair[0].label, plan.pair[1].label], ...outcome }
}

/** From relay to direct in the middle of a transfer and of a burst of messages. */
async function upgrade(plan: ScenarioPlan): Promise<Outcome> {
  const folder = makeTemporaryFolder()
  try {
    // Only here: a bundler takes its time to load.
    const { buildTransferPage } = await import('./transfer-build.ts')
    await buildTransferPage(folder.path)
    for (let left = MOVE_ATTEMPTS; left > 0; left -= 1) {
      const stagePlan = { ...plan, isApart: needsNoTrick(plan), pageFolder: folder.path }
      const facts = await onStage(stagePlan, async (stage) => {
        await slowLine(stage)
        return transferThroughMove(stage)
      })
      const faults = upgradeFaults(facts)
      if (faults !== undefined) return { facts: { ...facts }, faults }
    }
    return { facts: {}, faults: [`the path moved too early ${MOVE_ATTEMPTS} times: try again`] }
  } finally {
    folder.remove()
  }
}

/** Whether plain ICE connects the two: they would be direct before anything is under way. */
function needsNoTrick({ pair }: ScenarioPlan): boolean {
  const [one, other] = pair.map(({ preset }) => preset.claims)
  if (one === undefined || other === undefined) return false
  return expectationOf([one, other], { common: 'nothing', munging: true }).way === 'plain'
}

/** Nobody says anything for a while, behind routers that forget sooner than that. */
async function idle(stage: Stage, idleMs: number): Promise<Outcome> {
  const { lab, pages } = stage
  const before = await untilDirect(stage, stage.boundMs)
  const changes = pages.map(({ paths }) => paths.length)
  const counters = await lab.core.counters()
  await pause(idleMs)
  const { flows } = countersSince(counters, await lab.core.counters())
  const packets = flows.reduce((sum, flow) => sum + flow.packets, 0)
  const seen = pages.map(({ paths }, index) => paths.slice(changes[index]))
  const relayed = seen.flat().filter(({ path }) => path !== '' && !DIRECT_PATHS.has(path))
  const interruptionsMs = seen.flatMap((paths) => interruptionsOf(paths))
  const talkMs = await timeTalk(stage)
  const after = await judgePath(stage, pages)
  return {
    facts: {
      before: before?.path,
      idleMs,
      packetsPerMinute: packets / (idleMs / 60_000),
      interruptionsMs,
      after: after.path,
      wire: after.wire,
      talkMs,
    },
    faults: [
      ...(before === undefined ? ['not direct to begin with'] : []),
      ...relayed.map(({ path }) => `in between the path was ${path}`),
      ...interruptionsMs
        .filter((ms) => ms > INTERRUPTION_MS)
        .map((ms) => `no path for ${Math.round(ms)} ms`),
      ...(DIRECT_PATHS.has(after.path) ? [] : [`afterwards the path is ${after.path}`]),
      ...(talkMs < 1000 ? [] : [`a message then took ${Math.round(talkMs)} ms`]),
    ],
  }
}

/** One of them gets out by TCP to port 443 only. */
async function only443(stage: Stage): Promise<Outcome> {
  const { pages, people, chatMs } = stage
  const verdict = await judgePath(stage, pages)
  const sent = await Promise.all(
    people
      .filter(({ host }) => host.site.preset.name === 'https-only')
      .map(({ host }) => host.counters()),
  )
  const others = sent.flatMap(({ flows }) =>
    flows.filter(({ protocol, port, bytes }) => bytes > 0 && (protocol !== 'tcp' || port !== 443)),
  )
  return {
    facts: { chatMs, path: verdict.path, wire: verdict.wire, triedOtherwise: others.length },
    faults: [
      ...(chatMs > FIRST_TALK_MS ? [`the first message took ${Math.round(chatMs)} ms`] : []),
      ...(verdict.wire === 'relayed' ? [] : [`on the wire the path is ${verdict.wire}`]),
      ...(['turn', 'ws-relay'].includes(verdict.path) ? [] : [`the path is ${verdict.path}`]),
    ],
  }
}

/** The verdict once both are on a direct path, by the pages' word and by the counters. */
async function untilDirect(stage: Stage, timeoutMs: number): Promise<PathVerdict | undefined> {
  const endMs = performance.now() + timeoutMs
  while (performance.now() < endMs) {
    const areDirect = (): boolean => stage.pages.every((page) => DIRECT_PATHS.has(pathOf(page)))
    const leftMs = Math.max(0, endMs - performance.now())
    await Promise.race(stage.pages.map((page) => page.until(areDirect, leftMs)))
    const verdict = await judgePath(stage, stage.pages)
    if (DIRECT_PATHS.has(verdict.path)) return verdict
  }
  return undefined
}

/** Milliseconds until both have read a new message of the other. */
async function timeTalk({ pages }: Stage): Promise<number> {
  const startMs = performance.now()
  await Promise.all(pages.map((page) => page.sayAtOnce(`still there? ${page.name}`)))
  await Promise.all(
    pages.map((page, index) =>
      page.until(
        (view) => showsMessage(view, `still there? ${pages[1 - index]?.name ?? ''}`),
        READ_MS,
      ),
    ),
  )
  return performance.now() - startMs
}

/** How long a page showed no path, each time it did; the last one may not be over. */
function interruptionsOf(paths: readonly PathMoment[]): number[] {
  return paths.flatMap(({ path, atMs }, index) =>
    path === '' ? [(paths[index + 1]?.atMs ?? Date.now()) - atMs] : [],
  )
}

function pathOf({ view }: RoomPage): string {
  return linkedMembers(view)[0]?.path ?? ''
}
