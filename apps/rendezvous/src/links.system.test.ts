// Links in a real browser, at a real server: talk and transfers over a data channel, over the server's
// relay, and across the change from one to the other.
import { chromium } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { locate, missing } from '../../../tools/requirements.mjs'
import type { LinkPage } from './link-page.testing.ts'
import { bundlePage } from './page-script.testing.ts'
import { makeTestFolder, openTestServer } from './shell/test-server.testing.ts'
import type { TestFolder } from './shell/test-server.testing.ts'
import type { RunningServer } from './shell/server.ts'

const reason = missing('chromium')

const FLAGS = ['--allow-loopback-in-peer-connection', '--disable-quic', '--disable-gpu']

/** What link-page.testing.ts puts into a page. */
declare const linkPage: LinkPage

interface Pair {
  readonly alice: Page
  readonly bob: Page
  readonly pathMs: number
}

/** Waits until the link goes by a path. */
async function until(page: Page, path: string): Promise<void> {
  await page.waitForFunction(
    (wanted) => linkPage.link()?.state === 'connected' && linkPage.link()?.path === wanted,
    path,
    { polling: 20, timeout: 70_000 },
  )
}

async function end({ alice, bob }: Pair): Promise<void> {
  for (const page of [alice, bob]) {
    await page.evaluate(() => linkPage.close())
    await page.context().close()
  }
}

describe.skipIf(reason !== undefined)(`links in Chromium ${reason ?? ''}`, () => {
  let browser: Browser
  let folder: TestFolder
  let server: RunningServer
  let code = ''

  beforeAll(async () => {
    code = await bundlePage('link-page')
    folder = await makeTestFolder()
    server = await openTestServer(folder)
    browser = await chromium.launch({
      executablePath: locate('chromium') ?? '',
      chromiumSandbox: false,
      args: FLAGS,
    })
  })

  afterAll(async () => {
    await browser.close()
    await server.close()
    await folder.remove()
  })

  const open = async (isCut: boolean): Promise<Page> => {
    const context = await browser.newContext({ bypassCSP: true })
    const page = await context.newPage()
    await page.goto(`${server.url}/api/health`)
    await page.evaluate(code)
    await page.evaluate((cut) => linkPage.cut(cut), isCut)
    return page
  }

  const pair = async (isCut: boolean): Promise<Pair> => {
    const [alice, bob] = [await open(isCut), await open(isCut)]
    const link = await alice.evaluate((origin) => linkPage.create(origin), server.url)
    const startMs = performance.now()
    await bob.evaluate((url) => linkPage.join(url), link)
    await until(bob, isCut ? 'ws-relay' : 'lan')
    return { alice, bob, pathMs: performance.now() - startMs }
  }

  test('E107: 50 MB and a thousand texts at once arrive whole and in order', async () => {
    const both = await pair(false)
    const { alice, bob } = both
    const [tookMs] = await Promise.all([
      alice.evaluate(() => linkPage.transfer(50_000_000)),
      alice.evaluate(() => linkPage.say(1_000, 20)),
    ])
    await bob.waitForFunction(() => linkPage.received().texts === 1_000)
    expect(await bob.evaluate(() => linkPage.received())).toEqual({
      texts: 1_000,
      textsInOrder: true,
      bytes: 50_000_000,
      bytesInOrder: true,
      isWhole: true,
    })
    expect(tookMs).toBeGreaterThan(0)
    console.log(`50 MB in ${Math.round(tookMs)} ms`)
    await end(both)
  })

  test('E111: cut off from each other two talk through the server within 3 s, and move to a path when there is one', async () => {
    // What this machine needs for any link, busy as it may be.
    const direct = await pair(false)
    await end(direct)
    const both = await pair(true)
    const { alice, bob, pathMs } = both
    console.log(`relayed after ${Math.round(pathMs)} ms, direct after ${direct.pathMs} ms`)
    expect(pathMs - direct.pathMs).toBeLessThan(3_000)
    const transfer = alice.evaluate(() => linkPage.transfer(8_000_000))
    const said = alice.evaluate(() => linkPage.say(1_000, 5))
    await bob.waitForFunction(
      () => linkPage.received().texts > 100 && linkPage.received().bytes > 500_000,
    )
    for (const page of [alice, bob]) await page.evaluate(() => linkPage.cut(false))
    const startMs = performance.now()
    await Promise.all([until(alice, 'lan'), until(bob, 'lan')])
    console.log(`direct after ${Math.round(performance.now() - startMs)} ms`)
    await said
    expect(await transfer).toBeGreaterThan(0)
    await bob.waitForFunction(() => linkPage.received().texts === 1_000)
    expect(await bob.evaluate(() => linkPage.received())).toEqual({
      texts: 1_000,
      textsInOrder: true,
      bytes: 8_000_000,
      bytesInOrder: true,
      isWhole: true,
    })
    await end(both)
  })
})
