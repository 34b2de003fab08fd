import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { logStoreCases } from '@knothole/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { missing } from '../../../../tools/requirements.mjs'
import { openStoreBrowser, serveScript } from './store-browsers.testing.ts'
import type { BrowserName, StoreBrowser, StorePage } from './store-browsers.testing.ts'

const ENTRY = `${import.meta.dirname}/indexed-db.testing.ts`

describe.each<BrowserName>(['chromium', 'firefox'])('IndexedDB of %s', (name) => {
  const reason = missing(name)
  describe.skipIf(reason !== undefined)(`as a log store ${reason ?? ''}`, () => {
    let served: Awaited<ReturnType<typeof serveScript>>
    let browser: StoreBrowser
    let page: StorePage
    let profile = ''

    beforeAll(async () => {
      profile = await mkdtemp(join(tmpdir(), 'knothole-store-'))
      served = await serveScript(ENTRY)
      browser = await openStoreBrowser(name, { profile })
      page = await browser.open(served.url)
    })

    afterAll(async () => {
      await browser.close()
      await served.close()
      await rm(profile, { recursive: true, force: true, maxRetries: 5 })
    })

    it.each(logStoreCases.map(({ title }, index) => ({ title, room: index * 20 })))(
      'E360 $title',
      async ({ title, room }) => {
        const run = `store.runCase(${JSON.stringify(title)}, ${room})`
        expect(await page.evaluate(run)).toBe('as it should')
      },
    )
  })
})
