import { chromium } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { locate, missing } from '../../../../tools/requirements.mjs'
import type { PunchOptions, PunchResult } from './attempts.testing.ts'

const reason = missing('chromium')

const LOOPBACK = ['--allow-loopback-in-peer-connection', '--disable-quic', '--disable-gpu']
/** What Chromium has announced for some day. */
const FORBIDDEN = '--force-fieldtrials=WebRTC-NoSdpMangleUfrag/Enabled/'

/** Functions of attempts.testing.ts, as the page has them. */
declare const punch: (options: PunchOptions) => Promise<PunchResult>
declare const mayChooseCredentials: () => Promise<boolean>

async function bundle(): Promise<string> {
  const entry = `${import.meta.dirname}/attempts.testing.ts`
  const built = await build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['source', 'module', 'browser', 'import', 'default'] },
    build: { write: false, lib: { entry, formats: ['iife'], name: 'attempts' } },
  })
  const [chunk] = [built].flat().flatMap((one) => ('output' in one ? one.output : []))
  if (chunk?.type !== 'chunk') throw new Error('nothing was built')
  return chunk.code
}

describe.skipIf(reason !== undefined)(`attempts in Chromium ${reason ?? ''}`, () => {
  const browsers: Browser[] = []
  let code = ''

  const open = async (...words: string[]): Promise<Page> => {
    const browser = await chromium.launch({
      executablePath: locate('chromium') ?? '',
      chromiumSandbox: false,
      args: [...LOOPBACK, ...words],
    })
    browsers.push(browser)
    const page = await browser.newPage()
    await page.addScriptTag({ content: code })
    return page
  }

  beforeAll(async () => {
    code = await bundle()
  })

  afterAll(async () => {
    for (const browser of browsers) await browser.close()
  })

  test('E212: of many connections with shared credentials both sides adopt one, the same', async () => {
    const page = await open()
    expect(await page.evaluate(() => mayChooseCredentials())).toBe(true)
    const result = await page.evaluate(() => punch({ connections: 6, credentials: 'shared' }))
    expect(result).toEqual({
      alice: ['prepared', 'opened'],
      bob: ['prepared', 'opened'],
      heard: ['from bob', 'from alice'],
      left: 2,
    })
  })

  test('E213: where credentials cannot be chosen this is noticed, and own ones still meet', async () => {
    const page = await open(FORBIDDEN)
    expect(await page.evaluate(() => mayChooseCredentials())).toBe(false)
    const refused = await page.evaluate(() => punch({ connections: 2, credentials: 'shared' }))
    expect(refused).toMatchObject({ alice: ['failed'], bob: ['failed'], left: 0 })
    const result = await page.evaluate(() => punch({ connections: 3, credentials: 'own' }))
    expect(result).toMatchObject({ heard: ['from bob', 'from alice'], left: 2 })
  })
})
