/**
 * One run: a waiter and a newcomer, each in a fresh browser context, and the time on the newcomer's
 * own clock from the start of its navigation until the greeting is in its document.
 */
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { BenchError } from '../bench.ts'
import type { Sample } from '../statistics.ts'
import type { Stage } from './contender.ts'
import { greeting } from './contender.ts'

/** A run without a message after this long has failed. */
const patienceMs = 30_000
/**
 * The waiter idles so long before the newcomer comes, so that it is warm and has settled: Chromium is
 * busy with the window of each new context for about a second.
 */
const settleMs = 1500

/** A run's time, or why there is none. */
export interface Outcome {
  readonly sample: Sample
  readonly problem?: string
}

/** Runs once; an error of a page makes a failed run. Throws only when the browser itself is gone. */
export async function measureOnce(
  browser: Browser,
  stage: Stage,
  limitMs: number = patienceMs,
): Promise<Outcome> {
  const contexts: BrowserContext[] = []
  const words: string[] = []
  const openPage = async (): Promise<Page> => {
    const context = await browser.newContext()
    contexts.push(context)
    context.setDefaultTimeout(limitMs)
    const page = await context.newPage()
    page.on('pageerror', (error) => words.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') words.push(message.text())
    })
    return page
  }
  try {
    const link = await stage.arrange(await openPage())
    const newcomer = await openPage()
    await newcomer.addInitScript(watchForGreeting, { greeting, limitMs })
    await pause(settleMs)
    await newcomer.goto(link, { waitUntil: 'commit' })
    const sample = await newcomer.evaluate(readGreetingTime)
    if (sample !== null) return { sample }
    words.unshift(`no message within ${limitMs / 1000} s`)
  } catch (error) {
    if (!browser.isConnected()) {
      throw new BenchError('browser-gone', 'Chromium ended; nothing was written.', { cause: error })
    }
    words.unshift(error instanceof Error ? error.message : String(error))
  } finally {
    await Promise.allSettled(contexts.map((context) => context.close()))
  }
  return { sample: undefined, problem: words.join('; ') }
}

declare global {
  interface Window {
    benchGreetingTime?: Promise<number | null>
  }
}

/** Runs in the newcomer's page before anything else: the same watch for every contender. */
function watchForGreeting({ greeting, limitMs }: { greeting: string; limitMs: number }): void {
  window.benchGreetingTime = new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      const messages = [...document.querySelectorAll('[data-message]')]
      if (!messages.some(({ textContent }) => textContent.includes(greeting))) return
      resolve(performance.now())
      observer.disconnect()
    })
    observer.observe(document, { subtree: true, childList: true, characterData: true })
    setTimeout(resolve, limitMs, null)
  })
}

function readGreetingTime(): Promise<number | null> | null {
  return window.benchGreetingTime ?? null
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
