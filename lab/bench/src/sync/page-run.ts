/** One run of a contender between two pages: how long, and how much memory their processes took. */
import { readFile } from 'node:fs/promises'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { introduce } from '../link/introduce.ts'

/** What a run showed. */
export interface SyncSeen {
  readonly perSecond: number
  /** The larger of the two sides, at its highest. */
  readonly peakMegabytes: number
}

/** Fills one page with messages and has the other one get them. */
export async function syncPages(browser: Browser, url: string, count: number): Promise<SyncSeen> {
  const contexts: BrowserContext[] = []
  const others = await renderers(browser)
  const openPage = async (): Promise<Page> => {
    const context = await browser.newContext()
    contexts.push(context)
    // Rivals take their time to write so many messages.
    context.setDefaultTimeout(300_000)
    const page = await context.newPage()
    await page.goto(url)
    await page.waitForFunction(() => typeof openSyncBench === 'function')
    return page
  }
  try {
    const [ana, ben] = [await openPage(), await openPage()]
    await introduce([ana, ben], {
      replace: (signal) => Promise.resolve(signal),
      hear: (page, signal) => page.evaluate((heard) => syncBench.hear(heard), signal),
    })
    await ben.evaluate(() => openSyncBench(false))
    await ana.evaluate(() => openSyncBench(true))
    await Promise.all([ana, ben].map((page) => page.evaluate(() => syncBench.opened())))
    await ana.evaluate((messages) => syncBench.fill(messages), count)
    const [startMs, , endMs] = await Promise.all([
      ana.evaluate(() => syncBench.start()),
      ben.evaluate(() => syncBench.start()),
      ben.evaluate((messages) => syncBench.has(messages), count),
    ])
    const own = (await renderers(browser)).filter((pid) => !others.includes(pid))
    const peaks = await Promise.all(own.map((pid) => peakMegabytes(pid)))
    return {
      perSecond: (count * 1000) / (endMs - startMs),
      peakMegabytes: Math.max(...peaks),
    }
  } finally {
    await Promise.allSettled(contexts.map((context) => context.close()))
  }
}

async function renderers(browser: Browser): Promise<number[]> {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id)
}

/** The most memory that a process ever held, from Linux. */
async function peakMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? Number.NaN) / 1024
}
