/** Two pages of one browser that open a contender's pipe to each other, and what they measure. */
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { median } from '../statistics.ts'
import { introduce } from './introduce.ts'
import type { Trips } from './pipe.ts'
import type { UdpDelay } from './udp-delay.ts'

/** What one meeting showed. */
export interface Seen {
  /** Of the first transfer, and of one that follows on the same connection. */
  readonly megabytesPerSecond: readonly [first: number, next: number]
  readonly messagesPerSecond: number
  readonly roundTripMs: number
}

/** How much is sent. */
export interface Load {
  readonly bulkBytes: readonly [first: number, next: number]
  readonly messages: number
  readonly messageBytes: number
  readonly roundTrips: Trips
}

/** Where two pages meet. */
export interface Place {
  readonly browser: Browser
  readonly pageUrl: string
  readonly delay: UdpDelay
}

/** Meets once, on fresh pages and a fresh connection: the transfer comes first, as the start is the hard part. */
export async function meet(place: Place, contender: string, load: Load): Promise<Seen> {
  const contexts: BrowserContext[] = []
  const openPage = async (): Promise<Page> => {
    const context = await place.browser.newContext()
    contexts.push(context)
    const page = await context.newPage()
    await page.goto(place.pageUrl)
    return page
  }
  try {
    const [offerer, answerer] = [await openPage(), await openPage()]
    await introduce([offerer, answerer], {
      replace: (signal) => place.delay.replace(signal),
      hear: (page, signal) => page.evaluate((heard) => linkBench.hear(heard), signal),
    })
    for (const [page, isOfferer] of [
      [answerer, false],
      [offerer, true],
    ] as const) {
      await page.evaluate(([name, offers]) => linkBench.start(name, offers), [
        contender,
        isOfferer,
      ] as const)
    }
    await Promise.all([offerer, answerer].map((page) => page.evaluate(() => linkBench.opened())))
    return await measure(offerer, answerer, load)
  } finally {
    await Promise.allSettled(contexts.map((context) => context.close()))
  }
}

async function measure(from: Page, to: Page, load: Load): Promise<Seen> {
  const { bulkBytes, messages, messageBytes } = load
  const [first, next] = bulkBytes
  const megabytesPerSecond = [
    await transfer(from, to, first),
    await transfer(from, to, next),
  ] as const
  const [talkStartMs, talkEndMs] = await Promise.all([
    from.evaluate(([count, bytes]) => linkBench.sendMessages(count, bytes), [
      messages,
      messageBytes,
    ] as const),
    to.evaluate((count) => linkBench.arrived('talk', count), messages),
  ])
  await to.evaluate(() => linkBench.echo())
  const roundTrips = await from.evaluate(([trips, bytes]) => linkBench.roundTrips(trips, bytes), [
    load.roundTrips,
    messageBytes,
  ] as const)
  return {
    megabytesPerSecond,
    messagesPerSecond: (messages * 1000) / (talkEndMs - talkStartMs),
    roundTripMs: median(roundTrips) ?? Number.NaN,
  }
}

/** Megabytes per second of one transfer. */
async function transfer(from: Page, to: Page, sizeBytes: number): Promise<number> {
  const [startMs, endMs] = await Promise.all([
    from.evaluate((bytes) => linkBench.sendBulk(bytes), sizeBytes),
    to.evaluate((bytes) => linkBench.arrived('bulk', bytes), sizeBytes),
  ])
  return sizeBytes / 1000 / (endMs - startMs)
}
