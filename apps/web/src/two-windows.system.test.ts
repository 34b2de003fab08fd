import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { missing } from '../../../tools/requirements.mjs'
import { buildPage, launchChromium, openWindow } from './story/browser.testing.ts'
import type { Watched } from './story/browser.testing.ts'
import { startRendezvous } from './story/rendezvous.testing.ts'
import type { Rendezvous } from './story/rendezvous.testing.ts'
import { hears, say } from './story/talk.testing.ts'

const reason = missing('chromium')

describe.skipIf(reason !== undefined)(`two windows ${reason ?? ''}`, () => {
  let browser: Browser
  let server: Rendezvous
  let alice: Watched
  let bob: Watched
  let link: string
  const requested: string[] = []

  beforeAll(async () => {
    server = await startRendezvous(await buildPage('index.html'))
    browser = await launchChromium()
    alice = await openWindow(browser)
    bob = await openWindow(browser, { viewport: { width: 390, height: 844 } })
    for (const { context, page } of [alice, bob]) {
      context.on('request', (request) =>
        requested.push(request.url(), JSON.stringify(request.headers()), request.postData() ?? ''),
      )
      page.on('websocket', (socket) => requested.push(socket.url()))
    }
  })

  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  it('makes a room, and the address bar holds its link', async () => {
    const { page } = alice
    await page.goto(server.origin)
    await page.locator('button[data-action=create-room]').click()
    await page.locator('[data-stage=waiting]').waitFor()
    link = (await page.locator('[data-room-link]').getAttribute('data-room-link')) ?? ''
    expect(page.url()).toBe(link)
    await page.locator('[data-rendezvous=online]').waitFor()
  })

  it('joins by the link alone, and both can talk at once', async () => {
    await bob.page.goto(link)
    await linked(bob.page)
    await linked(alice.page)
    await bob.page.locator('[data-member][data-path=lan][data-rtt]').waitFor({ state: 'attached' })
    await say(bob.page, 'Hello from bob')
    await hears(alice.page, 'Hello from bob')
    await say(alice.page, 'Hello from alice')
    await hears(bob.page, 'Hello from alice')
    await alice.page.locator('[data-delivery=delivered]').waitFor()
    const said = await alice.page.locator('[data-message]').allTextContents()
    expect(said).toEqual(['Hello from bob', 'Hello from alice'])
  })

  it('shows a new name to everyone', async () => {
    await bob.page.locator('[data-action=show-people]').click()
    await bob.page.locator('[data-action=rename]').click()
    await bob.page.getByRole('textbox', { name: 'Your name' }).fill('Bob')
    await bob.page.keyboard.press('Enter')
    await bob.page.keyboard.press('Escape')
    await alice.page.locator('[data-member] .person-name', { hasText: 'Bob' }).waitFor()
    await expect.poll(() => alice.page.title()).toBe('Bob · Knothole')
  })

  it('leaves, is missed, and comes back by the list of rooms', async () => {
    await bob.page.locator('[data-action=leave-room]').click()
    await alice.page.locator('[data-member]').waitFor({ state: 'detached' })
    await bob.page.locator('.recent-row a').click()
    await linked(bob.page)
    expect(bob.page.url()).toBe(link)
    await linked(alice.page)
  })

  it('shows what is said at once before the page proper, and then there, once', async () => {
    const { context, page, complaints } = await openWindow(browser)
    // Nothing that waits for its time happens: neither does the page proper.
    await page.clock.install()
    await page.clock.pauseAt(Date.now() + 1000)
    await page.goto(link)
    const linked = alice.page.locator('[data-member][data-state=connected]')
    await expect.poll(() => linked.count()).toBe(2)
    await say(alice.page, 'You are here!')
    await page.locator('.early [data-message]', { hasText: 'You are here!' }).waitFor()
    await page.clock.resume()
    await page.locator('.log [data-message]', { hasText: 'You are here!' }).waitFor()
    expect(await page.locator('.early').count()).toBe(0)
    // What was said before is there too, for who comes late.
    const all = ['Hello from bob', 'Hello from alice', 'You are here!']
    await expect.poll(() => page.locator('[data-message]').allTextContents()).toEqual(all)
    expect(complaints).toEqual([])
    await page.locator('[data-action=leave-room]').click()
    await expect.poll(() => alice.page.locator('[data-member]').count()).toBe(1)
    await context.close()
  })

  it('has the conversation again after a reload, from its own disk', async () => {
    const { page } = bob
    await page.reload()
    await hears(page, 'You are here!')
    await linked(page)
    await expect
      .poll(() => page.locator('[data-message]').allTextContents())
      .toEqual(['Hello from bob', 'Hello from alice', 'You are here!'])
  })

  it('says what is wrong with a link whose key was changed', async () => {
    const { context, page } = await openWindow(browser)
    const last = link.endsWith('AA') ? 'BA' : 'AA'
    await page.goto(link.slice(0, -2) + last)
    await page.locator('[data-stage=refused]').waitFor()
    expect(await page.locator('.notice h2').textContent()).toBe('This link does not open the room')
    await context.close()
  })

  it('complains of nothing, and puts the key into no request, header or log', () => {
    const key = link.split('#')[1] ?? ''
    expect(key).toHaveLength(22)
    expect([...alice.complaints, ...bob.complaints]).toEqual([])
    expect(requested.some((text) => text.includes('/api/rooms/'))).toBe(true)
    expect([...requested, ...server.output].filter((text) => text.includes(key))).toEqual([])
  })

  it('talks on when the server is gone, and says so', async () => {
    await server.kill()
    await alice.page.locator('[data-rendezvous=reconnecting]').waitFor()
    await alice.page.locator('[data-warning=server-away]').waitFor()
    await say(bob.page, 'Who needs a server')
    await hears(alice.page, 'Who needs a server')
    expect(await alice.page.locator('.truth').getAttribute('data-way')).toBe('straight')
  })
})

async function linked(page: Page): Promise<void> {
  await page
    .locator('[data-member][data-state=connected][data-path]')
    .waitFor({ state: 'attached' })
}
