/**
 * `first-message`: from the moment somebody opens a link to the first message on their screen, for
 * Knothole, its rivals and the limit, with the server beside the browsers and a round trip away.
 */
import type { Browser } from 'playwright-core'
import { alternate } from '../alternate.ts'
import type { Bench, BenchOptions, BenchResult, Table } from '../bench.ts'
import { launchChromium } from '../chromium.ts'
import { openNetwork } from '../network.ts'
import { summarise } from '../statistics.ts'
import type { Contender, Stage } from './contender.ts'
import { knothole } from './knothole.ts'
import { limit } from './limit.ts'
import { measureOnce } from './measure.ts'
import { rivalContenders } from './rival-contenders.ts'

const contenders: readonly Contender[] = [limit, knothole, ...rivalContenders]

const conditions = [
  { name: 'loopback', title: 'loopback: the server beside the browsers', roundTripMs: 0 },
  {
    name: '80ms',
    title: '80ms: 80 ms of round trip between each page and the server',
    roundTripMs: 80,
  },
]

export const firstMessage: Bench = {
  name: 'first-message',
  summary:
    'Time from opening a link to the first message: from the start of the newcomer’s navigation' +
    ' until a message, sent by the one who waits in the room as soon as its channel opens, is in the' +
    ' newcomer’s document. Both in headless Chromium, each run in fresh contexts with nothing cached;' +
    ' contenders take turns, the first round is not counted. With 80 ms, TCP handshakes cost their' +
    ' round trip too; WebRTC itself goes directly.',
  contenders,
  defaultRuns: 15,
  run,
}

async function run(options: BenchOptions): Promise<BenchResult> {
  const browser = await launchChromium()
  try {
    const tables: Table[] = []
    for (const condition of conditions) tables.push(await runCondition(browser, condition, options))
    return { tables, software: [`Chromium ${browser.version()}`] }
  } finally {
    await browser.close()
  }
}

async function runCondition(
  browser: Browser,
  condition: (typeof conditions)[number],
  { contenders: names, runs, log }: BenchOptions,
): Promise<Table> {
  const network = openNetwork(condition.roundTripMs)
  const stages = new Map<string, Stage>()
  try {
    for (const contender of contenders.filter(({ name }) => names.includes(name))) {
      stages.set(contender.name, await contender.open(network))
    }
    const samples = await alternate(
      { contenders: names, warmUps: 1, runs },
      async (name, round) => {
        const stage = stages.get(name)
        if (stage === undefined) throw new Error(`no contender ${name}`)
        const { sample, problem } = await measureOnce(browser, stage)
        const result = sample === undefined ? `failed: ${problem}` : `${Math.round(sample)} ms`
        log(`${condition.name} ${round === 0 ? 'warm-up' : `${round}/${runs}`} ${name}: ${result}`)
        return sample
      },
    )
    const entries = [...samples].map(([name, values]) => ({
      contender: name,
      row: summarise({ name: `${condition.name}/${name}`, unit: 'ms' }, values),
    }))
    return { title: condition.title, limit: limit.name, entries }
  } finally {
    await Promise.allSettled([...stages.values()].map((stage) => stage.close()))
    await network.close()
  }
}
