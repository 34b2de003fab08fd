// Drives a page of somebody's own in two places: both browsers open it, find each other through a
// WebSocket and answer with a promise called `labResult`. For trying what the product does not do yet.

import { mkdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { Browser, Page } from 'playwright-core'

import { SERVER_ADDRESSES, STUN_PORTS, WEB_ORIGIN } from '../addresses.ts'
import { startCapture } from '../capture.ts'
import { launchChromium } from '../chromium.ts'
import type { Weather } from '../delay-hop.ts'
import { createLab, type Lab } from '../lab.ts'
import type { Place } from '../place.ts'
import { requireClaims, selfTest, type SelfTestResult } from '../self-test.ts'
import { untilListening } from '../web-server.ts'

/** What to drive, where and how often. */
export interface ExperimentPlan {
  readonly pair: readonly [Place, Place]
  readonly pageFile: string
  readonly runs: number
  readonly boundMs: number
  readonly weather: Weather
  /** More words for Chromium's command line. */
  readonly chromiumWords: readonly string[]
  readonly pcapPath: string | undefined
}

/** What both pages answered; a string that begins with `error:` when one threw or did not answer. */
export interface ExperimentRun {
  readonly run: number
  readonly a: unknown
  readonly b: unknown
}

/** Told as things happen. */
export interface ExperimentListener {
  onSelfTest(results: readonly SelfTestResult[]): void
  /** What a page wrote to its console. */
  onSaid(role: string, text: string): void
  onRun(run: ExperimentRun): void
}

const ROLES = ['a', 'b'] as const

/** Builds the lab, runs the page in both places and takes the lab down. */
export async function runExperiment(
  plan: ExperimentPlan,
  listener: ExperimentListener,
): Promise<void> {
  const lab = await createLab({ weather: plan.weather })
  try {
    const first = await lab.addHost(plan.pair[0])
    const hosts = [first, await lab.addHost(plan.pair[1], first.site)]
    const results = await selfTest(lab, hosts)
    listener.onSelfTest(results)
    requireClaims(results)
    await lab.startNeighbours()
    const browsers = await Promise.all(
      hosts.map(async (host) => {
        const launched = await launchChromium(host, plan.chromiumWords)
        lab.beforeClose(() => launched.close())
        return launched.browser
      }),
    )
    await startServer(lab, plan.pageFile)
    if (plan.pcapPath !== undefined) await capture(lab, plan.pcapPath)
    for (let run = 1; run <= plan.runs; run += 1) {
      await lab.forgetMappings()
      const answers = await Promise.all(
        browsers.map((browser, index) =>
          drivePage(browser, { plan, listener, run, role: ROLES[index] ?? '' }),
        ),
      )
      listener.onRun({ run, a: answers[0], b: answers[1] })
    }
  } finally {
    await lab.close()
  }
}

async function startServer(lab: Lab, pageFile: string): Promise<void> {
  const program = fileURLToPath(new URL('../../dist/experiment/server-main.js', import.meta.url))
  const server = lab.server.start([process.execPath, program, resolve(pageFile)])
  lab.beforeClose(() => server.kill())
  await untilListening(lab.server, server)
}

async function capture(lab: Lab, path: string): Promise<void> {
  const file = resolve(path)
  await mkdir(dirname(file), { recursive: true })
  lab.beforeClose(await startCapture(lab, file))
}

async function drivePage(
  browser: Browser,
  about: { plan: ExperimentPlan; listener: ExperimentListener; run: number; role: string },
): Promise<unknown> {
  const { plan, listener, run, role } = about
  const context = await browser.newContext()
  try {
    const page = await context.newPage()
    page.on('console', (message) => listener.onSaid(role, message.text()))
    page.on('pageerror', (error) => listener.onSaid(role, `error: ${String(error)}`))
    await page.goto(pageAddress({ run, role }), { timeout: plan.boundMs })
    return await answerOf(page, plan.boundMs)
  } catch (error) {
    return `error: ${error instanceof Error ? error.message : String(error)}`
  } finally {
    await context.close()
  }
}

/** `stun` lists the four STUN addresses with commas between: address by address, port by port. */
function pageAddress(about: { run: number; role: string }): string {
  const address = new URL('/', WEB_ORIGIN)
  const stun = SERVER_ADDRESSES.flatMap((host) => STUN_PORTS.map((port) => `stun:${host}:${port}`))
  const signal = `${WEB_ORIGIN.replace('http', 'ws')}/signal?room=${about.run}`
  address.search = new URLSearchParams({
    role: about.role,
    run: String(about.run),
    signal,
    stun: stun.join(','),
  }).toString()
  return address.href
}

async function answerOf(page: Page, timeoutMs: number): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve(`error: no labResult within ${timeoutMs} ms`), timeoutMs)
  })
  try {
    return await Promise.race([labResult(page, timeoutMs), late])
  } finally {
    clearTimeout(timer)
  }
}

async function labResult(page: Page, timeoutMs: number): Promise<unknown> {
  await page.waitForFunction(() => Reflect.get(globalThis, 'labResult') !== undefined, undefined, {
    timeout: timeoutMs,
  })
  return page.evaluate(() => Reflect.get(globalThis, 'labResult') as unknown)
}
