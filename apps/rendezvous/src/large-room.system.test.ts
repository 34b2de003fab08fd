// A large room in a real browser, at a real server: two dozen pages that join one room. Heavy: it runs with
// the long tests only, and says what it cost.
import { readdirSync, readFileSync } from 'node:fs'
import { chromium } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { locate, missing } from '../../../tools/requirements.mjs'
import { bundlePage } from './page-script.testing.ts'
import type { RoomPage } from './room-page.testing.ts'
import { makeTestFolder, openTestServer } from './shell/test-server.testing.ts'
import type { TestFolder } from './shell/test-server.testing.ts'
import type { RunningServer } from './shell/server.ts'

const isLong = process.env['KNOTHOLE_LONG'] === '1'
const reason = missing('chromium') ?? (isLong ? undefined : 'runs with KNOTHOLE_LONG=1')

const FLAGS = ['--allow-loopback-in-peer-connection', '--disable-quic', '--disable-gpu']
const PAGES = 24

/** Clock ticks of /proc a second (sysconf _SC_CLK_TCK) and bytes of a page of memory, on Linux. */
const TICKS = 100
const PAGE_BYTES = 4096

/** What room-page.testing.ts puts into a page. */
declare const roomPage: RoomPage

interface Cost {
  readonly cpuS: number
  readonly bytes: number
}

/** CPU seconds and resident bytes of a process and of all that came of it. */
function costOf(mark: string): Cost {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap(statOf)
    .toSorted((a, b) => a.pid - b.pid)
  const family = new Set(all.filter(({ isMarked }) => isMarked(mark)).map(({ pid }) => pid))
  // Children have greater numbers, but for the rare turn of the counter.
  for (const { pid, parent } of all) if (family.has(parent)) family.add(pid)
  const ours = all.filter(({ pid }) => family.has(pid))
  const sum = (of: (one: (typeof ours)[number]) => number): number =>
    ours.reduce((total, one) => total + of(one), 0)
  return { cpuS: sum(({ ticks }) => ticks) / TICKS, bytes: sum(({ pages }) => pages) * PAGE_BYTES }
}

/** proc(5); nothing of a process that ended while we looked. */
function statOf(name: string): {
  pid: number
  parent: number
  ticks: number
  pages: number
  isMarked: (mark: string) => boolean
}[] {
  try {
    const fields = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    const command = readFileSync(`/proc/${name}/cmdline`, 'utf8')
    return [
      {
        pid: Number(name),
        parent: Number(fields[1]),
        ticks: Number(fields[11]) + Number(fields[12]),
        pages: Number(fields[21]),
        isMarked: (mark) => command.includes(mark),
      },
    ]
  } catch {
    // reason: it ended while we looked.
    return []
  }
}

describe.skipIf(reason !== undefined)(`a large room in Chromium ${reason ?? ''}`, () => {
  let browser: Browser
  let folder: TestFolder
  let server: RunningServer
  let code = ''
  const pages: Page[] = []
  const mark = `--knothole-test=${process.pid}`

  beforeAll(async () => {
    code = await bundlePage('room-page')
    folder = await makeTestFolder()
    server = await openTestServer(folder)
    browser = await chromium.launch({
      executablePath: locate('chromium') ?? '',
      chromiumSandbox: false,
      args: [...FLAGS, mark],
    })
  })

  afterAll(async () => {
    await browser.close()
    await server.close()
    await folder.remove()
  })

  const open = async (): Promise<Page> => {
    const context = await browser.newContext({ bypassCSP: true })
    const page = await context.newPage()
    await page.goto(`${server.url}/api/health`)
    await page.evaluate(code)
    pages.push(page)
    return page
  }

  /** Waits until something holds in every page. */
  const everywhere = (holds: (count: number) => boolean): Promise<unknown> =>
    Promise.all(
      pages.map((page) => page.waitForFunction(holds, PAGES, { polling: 250, timeout: 120_000 })),
    )

  test('E468: two dozen pages see each other, keep few links, and read what each of them says', async () => {
    const startMs = performance.now()
    const seconds = (): string => ((performance.now() - startMs) / 1000).toFixed(1)
    const link = await (await open()).evaluate((url) => roomPage.create(url, 'p0'), server.url)
    for (let i = 1; i < PAGES; i++) {
      const page = await open()
      await page.evaluate(([url, name]) => roomPage.join(url, name), [link, `p${i}`] as const)
      if (i % 6 === 5) console.log(`${i + 1} pages are open after ${seconds()} s`)
    }
    await everywhere((count) => roomPage.people().length === count - 1)
    await everywhere(() => roomPage.people().some(({ state }) => state === 'connected'))
    console.log(`everyone sees everyone after ${seconds()} s`)
    const saidMs = performance.now()
    await Promise.all(
      pages.map((page, i) => page.evaluate((text) => roomPage.say(text), `this is p${i}`)),
    )
    await everywhere((count) => roomPage.texts().length === count)
    console.log(
      `everyone read everything ${Math.round(performance.now() - saidMs)} ms after it was said`,
    )
    for (const page of pages) {
      const texts = await page.evaluate(() => roomPage.texts())
      expect(texts.toSorted()).toEqual(pages.map((_page, i) => `this is p${i}`).toSorted())
    }
    await everywhere(
      () => roomPage.people().filter(({ state }) => state === 'connected').length <= 9,
    )
    const before = costOf(mark)
    await new Promise((resolve) => setTimeout(resolve, 10_000))
    const after = costOf(mark)
    const links = await Promise.all(
      pages.map((page) =>
        page.evaluate(() => roomPage.people().filter(({ state }) => state === 'connected').length),
      ),
    )
    console.log(
      `after ${seconds()} s: links ${links.toSorted((a, b) => a - b).join(' ')}; ` +
        `${Math.round(after.bytes / 1e6)} MB resident in all; ` +
        `${after.cpuS.toFixed(0)} s of CPU so far, ${((after.cpuS - before.cpuS) * 100).toFixed(0)}‰ of a core at rest`,
    )
    expect(Math.max(...links)).toBeLessThanOrEqual(9)
    expect(Math.min(...links)).toBeGreaterThanOrEqual(5)
    await Promise.all(pages.map((page) => page.evaluate(() => roomPage.close())))
  }, 400_000)
})
