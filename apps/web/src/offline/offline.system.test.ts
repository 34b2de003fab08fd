import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { missing } from '../../../../tools/requirements.mjs'
import { buildPage, launchChromium, openWindow } from '../story/browser.testing.ts'
import type { Watched } from '../story/browser.testing.ts'
import { startRendezvous } from '../story/rendezvous.testing.ts'
import type { Rendezvous } from '../story/rendezvous.testing.ts'
import { say } from '../story/talk.testing.ts'

const reason = missing('chromium')

describe.skipIf(reason !== undefined)(`a page whose server dies ${reason ?? ''}`, () => {
  let browser: Browser
  let server: Rendezvous
  let ana: Watched
  let link: string
  const requested: string[] = []

  beforeAll(async () => {
    server = await startRendezvous(await buildPage('index.html'))
    browser = await launchChromium()
    ana = await openWindow(browser)
    ana.context.on('request', (request) =>
      requested.push(request.url(), JSON.stringify(request.headers())),
    )
  })

  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  it('keeps a copy of the page and of all its parts, once it is idle', async () => {
    const { page } = ana
    await page.goto(server.origin)
    await page.locator('[data-action=create-room]').click()
    await page.locator('[data-stage=waiting]').waitFor()
    link = page.url()
    await say(page, 'Nobody is here yet')
    await page.locator('[data-delivery=waiting]').waitFor()
    await expect.poll(() => page.evaluate(keptPaths), { timeout: 30_000 }).toContain('/')
    const kept = await page.evaluate(keptPaths)
    expect(kept.filter((path) => /^\/assets\/(room|log|home|care)-/.test(path))).toHaveLength(4)
    expect(kept.join()).not.toContain('/r/')
  })

  it('opens the room by its link, with what was said, and takes more', async () => {
    const { page } = ana
    await server.kill()
    await page.goto('about:blank')
    await page.goto(link)
    await page.locator('[data-message]', { hasText: 'Nobody is here yet' }).waitFor()
    await say(page, 'And the server is gone')
    await page.locator('[data-message]', { hasText: 'And the server is gone' }).waitFor()
    await page.reload()
    await page.locator('[data-message]', { hasText: 'And the server is gone' }).waitFor()
    const words = await page.locator('[data-message]').allTextContents()
    expect(words).toEqual(['Nobody is here yet', 'And the server is gone'])
  })

  it('opens it from the list of rooms, and forgets it with all that was said', async () => {
    const { page } = ana
    await page.locator('[data-action=leave-room]').click()
    await page.locator('.recent-row a').click()
    await page.locator('[data-message]', { hasText: 'And the server is gone' }).waitFor()
    await page.locator('[data-action=room-care]').click()
    await page.locator('[data-action=ask-forget]').click()
    await page.locator('[data-action=forget-room]').click()
    await page.locator('[data-action=create-room]').waitFor()
    expect(await page.locator('.recent-row').count()).toBe(0)
    await page.goto(link)
    await page.locator('[data-composer]').waitFor()
    await page.locator('[data-stage=server-unreachable]').waitFor()
    expect(await page.locator('[data-message]').count()).toBe(0)
  })

  it('put the key into no request', () => {
    const key = link.split('#')[1] ?? ''
    expect(key).toHaveLength(22)
    expect([...requested, ...server.output].filter((text) => text.includes(key))).toEqual([])
  })
})

/** What is kept for when there is no server. */
async function keptPaths(): Promise<readonly string[]> {
  const paths: string[] = []
  for (const name of await caches.keys())
    for (const { url } of await (await caches.open(name)).keys()) paths.push(new URL(url).pathname)
  return paths
}
