import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { missing } from '../../../tools/requirements.mjs'
import { buildPage, launchChromium, openWindow } from './story/browser.testing.ts'
import type { Watched } from './story/browser.testing.ts'
import { startRendezvous } from './story/rendezvous.testing.ts'
import type { Rendezvous } from './story/rendezvous.testing.ts'
import { hears, say } from './story/talk.testing.ts'

const reason = missing('chromium')

describe.skipIf(reason !== undefined)(`a talk that is kept ${reason ?? ''}`, () => {
  let browser: Browser
  let server: Rendezvous
  let alice: Watched
  let carol: Watched
  let bob: Watched
  let link: string

  beforeAll(async () => {
    server = await startRendezvous(await buildPage('index.html'))
    browser = await launchChromium()
    ;[alice, carol, bob] = [
      await openWindow(browser),
      await openWindow(browser),
      await openWindow(browser),
    ]
  })

  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  it('waits while nobody is there, also through a reload', async () => {
    const { page } = alice
    await page.goto(server.origin)
    await page.locator('button[data-action=create-room]').click()
    await page.locator('[data-stage=waiting]').waitFor()
    link = page.url()
    await say(page, 'Is anybody here?')
    await page.locator('[data-delivery=waiting]').waitFor()
    await page.reload()
    await hears(page, 'Is anybody here?')
    expect(await page.locator('[data-delivery=waiting]').count()).toBe(1)
  })

  it('goes when somebody comes, and from them to who comes after its author left', async () => {
    await carol.page.goto(link)
    await hears(carol.page, 'Is anybody here?')
    await alice.page.locator('[data-delivery=delivered]').waitFor()
    await say(alice.page, 'I must go')
    await hears(carol.page, 'I must go')
    const name = await nameOfAuthor(carol.page, 'I must go')
    await alice.page.locator('[data-action=leave-room]').click()
    await alice.context.close()
    const others = carol.page.locator('[data-member][data-state=connected]')
    await expect.poll(() => others.count(), { timeout: 20_000 }).toBe(0)
    await bob.page.goto(link)
    await hears(bob.page, 'Is anybody here?')
    await hears(bob.page, 'I must go')
    expect(await nameOfAuthor(bob.page, 'I must go')).toBe(name)
  })

  it('is one in two windows of a browser, and there again when all were closed', async () => {
    const other = await bob.context.newPage()
    await other.goto(link)
    await hears(other, 'I must go')
    await say(bob.page, 'From one window')
    await hears(other, 'From one window')
    await say(other, 'From the other')
    await hears(bob.page, 'From the other')
    await expect
      .poll(() => other.locator('[data-message]').allTextContents())
      .toEqual(await bob.page.locator('[data-message]').allTextContents())
    await carol.context.close()
    await Promise.all([other.close(), bob.page.close()])
    const again = await reopened(bob.context)
    await expect
      .poll(() => again.locator('[data-message]').allTextContents())
      .toEqual(['Is anybody here?', 'I must go', 'From one window', 'From the other'])
  })

  /** The room in a browser whose windows were all closed, before anybody is there. */
  async function reopened(context: BrowserContext): Promise<Page> {
    const page = await context.newPage()
    await page.goto(link)
    await hears(page, 'From the other')
    return page
  }
})

/** Whom a page says a text is by. */
async function nameOfAuthor(page: Page, text: string): Promise<string | null> {
  return page.locator('[data-message]', { hasText: text }).getAttribute('data-author')
}
