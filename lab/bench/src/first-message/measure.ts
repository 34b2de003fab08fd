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

/** Begins what the newcomer's page says to the bench: the time it took, in milliseconds. */
const mark = 'bench: first message after '

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
    await newcomer.addInitScript(watchForGreeting, { greeting, mark })
    await pause(settleMs)
    // Asking the page would have it read the driver's script of 300 kB, and that while it joins.
    const told = newcomer.waitForEvent('console', (message) => message.text().startsWith(mark))
    told.catch(() => undefined)
    await newcomer.goto(link, { waitUntil: 'commit' })
    const sample = await told.then(
      (message) => Number(message.text().slice(mark.length)),
      () => undefined,
    )
    if (sample !== undefined) return { sample }
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

/** Runs in the newcomer's page before anything else: the same watch for every contender. */
function watchForGreeting({ greeting, mark }: { greeting: string; mark: string }): void {
  const observer = new MutationObserver(() => {
    const messages = [...document.querySelectorAll('[data-message]')]
    if (!messages.some(({ textContent }) => textContent.includes(greeting))) return
    console.info(mark + String(performance.now()))
    observer.disconnect()
  })
  observer.observe(document, { subtree: true, childList: true, characterData: true })
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
