/**
 * `sync`: a history of 100,000 messages from one who has it to one who has nothing, between two cores in
 * one Node process and between two pages in Chromium, beside other replicated histories.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser } from 'playwright-core'
import { alternate } from '../alternate.ts'
import type { Bench, BenchOptions, BenchResult, Table } from '../bench.ts'
import { BenchError } from '../bench.ts'
import { bundle } from '../bundle.ts'
import { launchChromium } from '../chromium.ts'
import { installRivals } from '../rivals.ts'
import { openSite } from '../site.ts'
import type { Sample } from '../statistics.ts'
import { summarise } from '../statistics.ts'
import { syncContenders } from './contenders.ts'
import type { SyncContender } from './contenders.ts'
import type { SyncSeen } from './page-run.ts'
import { syncPages } from './page-run.ts'

const MESSAGES = 100_000

export const sync: Bench = {
  name: 'sync',
  summary:
    'One side has 100,000 messages of chat (20 to 100 characters, the same for all), the other has none:' +
    ' from the moment they meet until it has all of them. Messages are written before the clock starts.' +
    ' "Cores" are both sides in one thread of Node, bytes handed over as they are; "pages" are two pages in' +
    ' headless Chromium with WebRTC between them. Memory is the most that a process ever held, writing the' +
    ' messages included: in Node both sides, in Chromium the larger of the two. One author wrote them all, each' +
    ' right after the one before, which suits everybody: Yjs merges them, Knothole signs once for many.' +
    ' Contenders take turns; every run is in fresh processes or pages.',
  contenders: syncContenders,
  defaultRuns: 3,
  run,
}

type RunOnce = (contender: SyncContender) => Promise<SyncSeen>

async function run(options: BenchOptions): Promise<BenchResult> {
  await installRivals()
  const folder = await mkdtemp(join(tmpdir(), 'knothole-sync-'))
  const browser = await launchChromium()
  try {
    const cores = await runPlace('cores', (contender) => runCores(contender, folder), options)
    const pages = await runPlace('pages', (contender) => runPages(contender, browser), options)
    return { tables: [...cores, ...pages], software: [`Chromium ${browser.version()}`] }
  } finally {
    await browser.close()
    await rm(folder, { recursive: true, force: true })
  }
}

async function runPlace(
  place: string,
  runOnce: RunOnce,
  { contenders: names, runs, log }: BenchOptions,
): Promise<Table[]> {
  const peaks = new Map<string, number[]>()
  const samples = await alternate({ contenders: names, warmUps: 0, runs }, async (name, round) => {
    const contender = syncContenders.find((one) => one.name === name)
    if (contender === undefined) throw new Error(`no contender ${name}`)
    const { perSecond, peakMegabytes } = await runOnce(contender)
    const seen = `${Math.round(perSecond)} messages/s, ${Math.round(peakMegabytes)} MB`
    log(`${place} ${round}/${runs} ${name}: ${seen}`)
    peaks.set(name, [...(peaks.get(name) ?? []), peakMegabytes])
    return perSecond
  })
  const table = (title: string, unit: string, rows: Samples): Table => ({
    title: `${place}: ${title}`,
    limit: 'knothole',
    entries: [...rows].map(([contender, values]) => ({
      contender,
      row: summarise({ name: `${place}/${contender}, ${unit}`, unit }, values),
    })),
  })
  return [table('messages per second', '/s', samples), table('peak memory', 'MB', peaks)]
}

type Samples = ReadonlyMap<string, readonly Sample[]>

async function runCores(contender: SyncContender, folder: string): Promise<SyncSeen> {
  const program = join(folder, `${contender.name}.mjs`)
  const alias = { 'bench-side': contender.side }
  const entry = 'sync/core-main.testing.ts'
  await writeFile(program, await bundle({ entry, format: 'es', alias }))
  const { stdout } = await promisify(execFile)(process.execPath, [program, String(MESSAGES)])
  const seen: unknown = JSON.parse(stdout)
  if (!isCoreSeen(seen)) throw new BenchError('missing-part', `${contender.name} said ${stdout}`)
  return {
    perSecond: (MESSAGES * 1000) / seen.ms,
    peakMegabytes: seen.peakBytes / 1024 / 1024,
  }
}

function isCoreSeen(value: unknown): value is { readonly ms: number; readonly peakBytes: number } {
  return typeof value === 'object' && value !== null && 'ms' in value && 'peakBytes' in value
}

async function runPages({ side, way }: SyncContender, browser: Browser): Promise<SyncSeen> {
  const alias = { 'bench-side': side, 'bench-way': way }
  const script = await bundle({ entry: 'sync/sync-page.testing.ts', format: 'es', alias })
  const html =
    '<!doctype html><meta charset="utf-8"><title>sync</title><script type="module" src="/script.js"></script>'
  const site = await openSite({ html, script })
  try {
    return await syncPages(browser, `http://127.0.0.1:${site.port}/`, MESSAGES)
  } finally {
    await site.close()
  }
}
