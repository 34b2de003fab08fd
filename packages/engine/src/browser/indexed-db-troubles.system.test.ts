import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { missing } from '../../../../tools/requirements.mjs'
import {
  Profiles,
  call,
  chromiumPages,
  openStoreBrowser,
  serveScript,
} from './store-browsers.testing.ts'
import type { BrowserName, StoreBrowser, StorePage } from './store-browsers.testing.ts'

const ENTRY = `${import.meta.dirname}/indexed-db.testing.ts`

const profiles = new Profiles()
let served: Awaited<ReturnType<typeof serveScript>>

beforeAll(async () => {
  served = await serveScript(ENTRY)
})

afterAll(async () => {
  await served.close()
  await profiles.remove()
})

/** Appends of thirty entries to a feed, one by one. */
const own = (byte: number): number[][] =>
  Array.from({ length: 30 }, (_, at) => [byte, at + 1, at + 1])

describe.each<BrowserName>(['chromium', 'firefox'])('a store in trouble in %s', (name) => {
  const reason = missing(name)
  describe.skipIf(reason !== undefined)(`with a browser ${reason ?? ''}`, () => {
    let browser: StoreBrowser
    let page: StorePage
    let other: StorePage

    beforeAll(async () => {
      browser = await openStoreBrowser(name, { profile: await profiles.make() })
      page = await browser.open(served.url)
      other = await browser.open(served.url)
    })

    afterAll(() => browser.close())

    it('E362 two pages that write at once lose nothing', async () => {
      await call(page, 'hold', 'a', 1)
      await call(other, 'hold', 'a', 1)
      const appends = Array.from({ length: 30 }, (_, at) => [1, at * 2 + 1, at * 2 + 2])
      const answers = await Promise.all([
        call(page, 'appendAll', 'a', [...appends, ...own(5)]),
        call(other, 'appendAll', 'a', [...appends, ...own(6)]),
      ])
      expect(answers).toEqual(['fine', 'fine'])
      const all = [...appends, ...own(5), ...own(6)]
      expect(await call(page, 'holdsAppends', 'a', all)).toBe(true)
      expect(await call(other, 'holdsAppends', 'a', all)).toBe(true)
    })

    it('E363 a damaged row costs its entries until they come again, and nothing else', async () => {
      await call(page, 'hold', 'a', 2)
      for (const from of [1, 101, 201]) await call(page, 'append', 'a', [1, from, from + 99])
      await call(page, 'letGo', 'a')
      await call(page, 'damageRow', 2, 1)
      await call(page, 'hold', 'a', 2)
      const damaged = { entries: 200, damaged: [[101, 200]], isDamaged: true }
      expect(await call(page, 'contents', 'a')).toMatchObject(damaged)
      await call(page, 'letGo', 'a')
      await call(page, 'hold', 'a', 2)
      expect(await call(page, 'contents', 'a')).toMatchObject(damaged)
      await call(page, 'append', 'a', [1, 95, 210])
      await call(page, 'letGo', 'a')
      await call(page, 'hold', 'a', 2)
      const whole = { entries: 300, damaged: [], isDamaged: false }
      expect(await call(page, 'contents', 'a')).toMatchObject(whole)
    })

    it('E370 an older page lets go when a newer release comes, and what it kept is taken over', async () => {
      await call(page, 'hold', 'a', 3)
      await call(page, 'append', 'a', [1, 1, 5])
      expect(await call(other, 'hold', 'a', 3, 'next')).toBe('fine')
      expect(await call(other, 'append', 'a', [1, 6, 7])).toBe('fine')
      expect(await call(page, 'append', 'a', [1, 6, 9])).toBe('newer')
      expect(await call(page, 'hold', 'again', 3)).toBe('newer')
      expect(
        await call(other, 'holdsAppends', 'a', [
          [1, 1, 5],
          [1, 6, 7],
        ]),
      ).toBe(true)
      const tables = { version: 2, stores: ['of-tomorrow', 'rows'] }
      expect(await call(other, 'rowsOf', 3)).toMatchObject(tables)
    })

    it('E373 a page that does not let go is told as blocked, and holds nobody up for long', async () => {
      await call(page, 'hold', 'a', 4)
      await call(page, 'append', 'a', [1, 1, 5])
      await call(page, 'cling', 4)
      expect(await call(other, 'hold', 'a', 4, 'next')).toBe('blocked')
      expect(await call(page, 'uncling')).toBeFalsy()
      expect(await call(other, 'hold', 'a', 4, 'next')).toBe('fine')
      expect(await call(other, 'holdsAppends', 'a', [[1, 1, 5]])).toBe(true)
    })

    it('E376 an erased log is closed in every page, even where one clings to it', async () => {
      await call(page, 'hold', 'a', 5)
      await call(other, 'hold', 'a', 5)
      await call(page, 'append', 'a', [1, 1, 5])
      expect(await call(other, 'erase', 'a')).toBe('fine')
      expect(await call(page, 'append', 'a', [1, 6, 6])).toBe('closed')
      await call(page, 'hold', 'a', 5)
      await call(page, 'append', 'a', [1, 1, 5])
      await call(page, 'cling', 5)
      expect(await call(other, 'hold', 'a', 5)).toBe('fine')
      expect(await call(other, 'erase', 'a')).toBe('blocked')
      expect(await call(page, 'clungRows')).toBe(0)
      await call(page, 'uncling')
    })

    it('E376 a room is forgotten without opening it, while other pages have it open', async () => {
      await call(page, 'hold', 'a', 7)
      await call(page, 'append', 'a', [1, 1, 5])
      expect(await call(other, 'eraseRoom', 7)).toBe('fine')
      expect(await call(page, 'append', 'a', [1, 6, 6])).toBe('closed')
      await call(page, 'hold', 'a', 7)
      expect(await call(page, 'contents', 'a')).toMatchObject({ entries: 0 })
    })

    it('E374 where the browser forbids storage it is told as unavailable', async () => {
      const third = await browser.open(served.url)
      await call(third, 'forbidStorage')
      expect(await call(third, 'hold', 'a', 6)).toBe('unavailable')
      await third.close()
    })
  })
})

describe.skipIf(missing('chromium') !== undefined)(`quota ${missing('chromium') ?? ''}`, () => {
  it('E368 a write beyond what the browser allows is refused as a whole, and later ones go on', async () => {
    const browser = await openStoreBrowser('chromium', { profile: await profiles.make() })
    const page = await browser.open(served.url)
    const chromium = chromiumPages.get(page)
    if (chromium === undefined) throw new Error('no page of Chromium')
    const tools = await chromium.context().newCDPSession(chromium)
    const origin = new URL(served.url).origin
    const allow = (more: object) =>
      tools.send('Storage.overrideQuotaForOrigin', { origin, ...more })
    // Before anything is written: Chromium remembers for half a minute how much room there is.
    await allow({ quotaSize: 300_000 })
    await call(page, 'hold', 'a', 1)
    await call(page, 'append', 'a', [1, 1, 10])
    const appends = Array.from({ length: 6 }, (_, at) => [1, at * 10 + 11, at * 10 + 20, 15_000])
    const codes = (await call(page, 'appendEach', 'a', appends)) as string[]
    expect(new Set(codes)).toEqual(new Set(['fine', 'full']))
    const kept = appends.filter((_, at) => codes[at] === 'fine')
    expect(await call(page, 'holdsAppends', 'a', [[1, 1, 10], ...kept])).toBe(true)
    await allow({})
    const refused = appends.filter((_, at) => codes[at] === 'full')
    expect(await call(page, 'appendAll', 'a', refused)).toBe('fine')
    await call(page, 'letGo', 'a')
    await call(page, 'hold', 'a', 1)
    expect(await call(page, 'holdsAppends', 'a', [[1, 1, 10], ...appends])).toBe(true)
    await browser.close()
  })
})
