// The doctor against the real server: its own room, its relays, its NAT report.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { missing } from '../../../../tools/requirements.mjs'
import { axeFindings, buildPage, launchChromium, openWindow } from '../story/browser.testing.ts'
import type { Watched } from '../story/browser.testing.ts'
import { startRendezvous } from '../story/rendezvous.testing.ts'
import type { Rendezvous } from '../story/rendezvous.testing.ts'

const reason = missing('chromium')

/** Ports that nothing else in this checkout asks for. */
const RELAYING =
  '--host 0.0.0.0 --stun-hosts 127.0.0.1,127.0.0.2 --stun-port 23478 --stun-alt-port 23479 --turn-allow-peers 127.0.0.0/8 --turn-threads 0'.split(
    ' ',
  )

describe.skipIf(reason !== undefined)(`doctor ${reason ?? ''}`, () => {
  let browser: Browser
  let server: Rendezvous
  let window: Watched

  beforeAll(async () => {
    server = await startRendezvous(await buildPage('index.html'), RELAYING)
    browser = await launchChromium()
    window = await openWindow(browser)
  })

  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  const toneOf = (id: string): Promise<string | null> =>
    window.page.locator(`[data-finding=${id}]`).getAttribute('data-tone')

  it('tests this network as it opens, in a room of its own that it leaves again', async () => {
    const { page } = window
    await page.goto(`${server.origin}/doctor`)
    await page.locator('[data-action=copy-report]').waitFor()
    for (const id of ['websocket', 'udp', 'relay-udp', 'relay-tcp', 'local', 'mapping'])
      expect([id, await toneOf(id)]).toEqual([id, 'good'])
    expect(await toneOf('relay-tls')).toBe('plain')
    expect(await page.locator('[data-verdict]').getAttribute('data-verdict')).toBe('easy')
    expect(window.complaints).toEqual([])
  })

  it('leaves no conversation of its room behind', async () => {
    const kept = await window.page.evaluate(() => indexedDB.databases())
    expect(kept.map(({ name }) => name).filter((name) => name?.includes('log'))).toEqual([])
    const code = await window.page.evaluate(() => performance.getEntriesByType('resource'))
    expect(code.map(({ name }) => name).filter((name) => /\/log-[\w-]+\.js$/.test(name))).toEqual(
      [],
    )
  })

  it('shows nothing axe finds fault with, the report unfolded', async () => {
    const { page } = window
    await page.locator('summary').click()
    expect(await axeFindings(page)).toEqual([])
  })

  it('copies a report without an address', async () => {
    const { page } = window
    // The page's own policy lets nobody read the clipboard.
    await page.evaluate(() => {
      Object.defineProperty(navigator, 'clipboard', {
        value: {
          writeText: async (text: string) => {
            document.documentElement.dataset['copied'] = text
          },
        },
      })
    })
    await page.locator('[data-action=copy-report]').click()
    await page.getByText('Report copied').waitFor({ state: 'attached' })
    const copied = (await page.locator('html').getAttribute('data-copied')) ?? ''
    expect(await page.locator('pre').textContent()).toBe(copied)
    expect(copied).toContain('Relay over UDP: Works')
    expect(copied).toContain('mapping endpoint-independent')
    const withoutBrowser = copied.replace(await page.evaluate(() => navigator.userAgent), '')
    expect(withoutBrowser).not.toMatch(/\d+\.\d+\.\d+\.\d+|[\da-f]*::|\.local/i)
  })

  it('says so where the page can be had and its part cannot', async () => {
    const { page, context } = await openWindow(browser)
    await page.route('**/assets/**', (route) => route.abort())
    await page.goto(`${server.origin}/doctor`)
    await page.getByRole('button', { name: 'Reload the page' }).waitFor()
    expect(await page.locator('h1').textContent()).toBe('The server cannot be reached')
    await context.close()
  })

  it('tests again when asked, and says when there is no server to test with', async () => {
    const { page } = window
    await server.kill()
    await page.locator('[data-action=test-again]').click()
    await page.locator('[data-verdict=offline] [data-action=test-again]').waitFor()
    expect(await toneOf('websocket')).toBe('bad')
    expect(await toneOf('local')).toBe('good')
  })
})
