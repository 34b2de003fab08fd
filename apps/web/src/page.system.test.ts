import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { missing } from '../../../tools/requirements.mjs'
import {
  axeFindings,
  buildPage,
  launchChromium,
  openWindow,
  servePage,
} from './story/browser.testing.ts'
import type { PageServer, Watched } from './story/browser.testing.ts'
import { stories } from './story/stories.testing.ts'

const PHONE = { width: 390, height: 844 }
const DESKTOP = { width: 1280, height: 800 }
const NARROWEST = { width: 320, height: 568 }

/** One state of each kind: a refusal stands for all refusals. */
const templates = Object.keys(stories).filter(
  (name, index, all) =>
    !/^(refused|link|blocked|home|relayed)-/.test(name) ||
    name.split('-')[0] !== all[index - 1]?.split('-')[0],
)

const reason = missing('chromium')

describe.skipIf(reason !== undefined)(`page ${reason ?? ''}`, () => {
  let browser: Browser
  let server: PageServer

  beforeAll(async () => {
    server = await servePage(await buildPage('story.html'))
    browser = await launchChromium()
  })

  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  const show = async ({ page }: Watched, story: string): Promise<void> => {
    await page.goto(`${server.origin}/story?story=${story}`)
    await page.locator('html[data-story=ready]').waitFor()
    // What surrounds the talk is drawn when the browser is idle.
    const place = /^(home|doctor)/.test(story) ? '.home h1' : 'h1'
    await page.locator(place).first().waitFor({ state: 'attached' })
    const isTalk = await page.locator('.conversation').count()
    if (isTalk > 0) await page.locator('[data-whole=true]').waitFor({ state: 'attached' })
  }

  // Every state on a phone by day and on a desktop by night; the other two pairs, in long runs, leave out
  // states that are the same template with other words.
  const looks = [
    { name: 'phone', viewport: PHONE, colorScheme: 'light', names: Object.keys(stories) },
    { name: 'desktop', viewport: DESKTOP, colorScheme: 'dark', names: Object.keys(stories) },
    { name: 'phone', viewport: PHONE, colorScheme: 'dark', names: templates },
    { name: 'desktop', viewport: DESKTOP, colorScheme: 'light', names: templates },
  ] as const
  for (const { name, viewport, colorScheme, names } of looks)
    it.skipIf(names === templates && process.env['KNOTHOLE_LONG'] === undefined)(
      `has nothing axe finds in ${names.length} states on a ${name}, ${colorScheme}, nor a complaint`,
      async () => {
        const window = await openWindow(browser, { viewport, colorScheme })
        const findings: string[] = []
        for (const story of names) {
          await show(window, story)
          const found = [...(await axeFindings(window.page)), ...window.complaints.splice(0)]
          findings.push(...found.map((finding) => `${story}: ${finding}`))
        }
        await window.context.close()
        expect(findings).toEqual([])
      },
      300_000,
    )

  it('overflows sideways in no state at 320 px', async () => {
    const window = await openWindow(browser, { viewport: NARROWEST })
    const wide: string[] = []
    for (const story of Object.keys(stories)) {
      await show(window, story)
      const width = await window.page.evaluate(() => document.documentElement.scrollWidth)
      if (width > NARROWEST.width) wide.push(`${story}: ${width}`)
    }
    await window.context.close()
    expect(wide).toEqual([])
  })

  it('has the people of a room in the document on a phone, with their states, and as a sheet', async () => {
    const window = await openWindow(browser, { viewport: PHONE })
    const { page } = window
    await show(window, 'group')
    const people = page.locator('[data-member]')
    expect(await people.count()).toBe(8)
    expect(await page.locator('[data-member][data-state=reconnecting]').count()).toBe(1)
    expect(await page.locator('[data-path=lan][data-rtt="2"]').count()).toBe(1)
    expect(await people.first().isVisible()).toBe(false)
    await page.locator('[data-action=show-people]').click()
    await people.first().waitFor({ state: 'visible' })
    expect(await axeFindings(page)).toEqual([])
    await page.keyboard.press('Escape')
    await people.first().waitFor({ state: 'hidden' })
    await expect.poll(() => page.evaluate(focused)).toBe('show-people')
    await window.context.close()
  })

  it('invites on paper from there: axe finds nothing, and a wrong text is told as such', async () => {
    const window = await openWindow(browser, { viewport: DESKTOP })
    const { page } = window
    await show(window, 'chat')
    await page.locator('[data-action=share]').click()
    await page.locator('[data-action=on-paper]').click()
    await page.locator('.paper-panel .qr path').waitFor()
    expect(await axeFindings(page)).toEqual([])
    await page.locator('[data-action=paper-answer]').click()
    await page.locator('.paper-panel form textarea').fill('knothole.nothing')
    await page.locator('[data-action=paper-take]').click()
    await page.getByText('This is not an invitation').waitFor()
    expect(await axeFindings(page)).toEqual([])
    await window.context.close()
  })

  it('shares by dialog: axe finds nothing, the code is drawn, Escape gives focus back', async () => {
    const window = await openWindow(browser, { viewport: DESKTOP })
    const { page } = window
    await show(window, 'chat')
    await page.locator('[data-action=share]').focus()
    await page.keyboard.press('Enter')
    await page.locator('dialog .qr path').waitFor()
    expect(await axeFindings(page)).toEqual([])
    await page.keyboard.press('Escape')
    await page.locator('dialog').waitFor({ state: 'detached' })
    expect(await page.evaluate(focused)).toBe('share')
    await window.context.close()
  })

  it('sends on Enter, breaks the line on Shift+Enter, and keeps a draft', async () => {
    const window = await openWindow(browser, { viewport: DESKTOP })
    const { page } = window
    await show(window, 'waiting')
    const composer = page.locator('textarea[data-composer]')
    await composer.fill('Anyone?')
    await show(window, 'chat')
    expect(await composer.inputValue()).toBe('Anyone?')
    await composer.press('Shift+Enter')
    await composer.pressSequentially('Yes')
    await composer.press('Enter')
    const last = page.locator('[data-message]').last()
    await expect.poll(() => last.textContent()).toBe('Anyone?\nYes')
    expect(await composer.inputValue()).toBe('')
    await window.context.close()
  })

  it('takes what is said alone, and says that it waits', async () => {
    const window = await openWindow(browser, { viewport: DESKTOP })
    const { page } = window
    await show(window, 'waiting')
    const composer = page.locator('textarea[data-composer]')
    await composer.fill('Anyone?')
    await composer.press('Enter')
    await page.locator('[data-message]', { hasText: 'Anyone?' }).waitFor({ state: 'visible' })
    expect(await page.locator('[data-delivery]').textContent()).toContain('Waiting: nobody here')
    expect(await composer.inputValue()).toBe('')
    expect(await axeFindings(page)).toEqual([])
    await window.context.close()
  })

  it('says how much too long a text is, and does not send it', async () => {
    const window = await openWindow(browser, { viewport: DESKTOP })
    const { page } = window
    await show(window, 'chat')
    const before = await page.locator('[data-message]').count()
    await page.locator('[data-composer]').fill('ü'.repeat(8193))
    expect(await page.locator('.too-long').textContent()).toContain('Too long by 2 bytes')
    await page.locator('[data-composer]').press('Enter')
    expect(await page.locator('[data-message]').count()).toBe(before)
    await window.context.close()
  })

  it('stays put when scrolled up, says what came, and follows again at the end', async () => {
    const window = await openWindow(browser, { viewport: DESKTOP })
    const { page } = window
    await show(window, 'long')
    const log = page.getByRole('log')
    const distance = () =>
      log.evaluate((it) => Math.round(it.scrollHeight - it.scrollTop - it.clientHeight))
    await expect.poll(distance).toBeLessThan(2)
    await log.evaluate((it) => it.scrollTo({ top: 100 }))
    const pill = page.locator('[data-action=to-end]')
    // A scroll is told with the next frame: until then the page is at its end.
    await pill.waitFor()
    await page.evaluate(() => globalThis.window.stage?.rooms[0]?.hear('Ana', 'Are you there?'))
    await expect.poll(() => pill.textContent()).toBe('1 new message')
    expect(await page.title()).toBe('(1) Ana · Knothole')
    expect(await log.evaluate((it) => it.scrollTop)).toBe(100)
    await pill.click()
    await pill.waitFor({ state: 'detached' })
    expect(await page.title()).toBe('Ana · Knothole')
    await window.context.close()
  })

  it('runs nothing a stranger writes', async () => {
    const window = await openWindow(browser, { viewport: DESKTOP })
    const { page, complaints } = window
    await show(window, 'unbroken')
    expect(await page.locator('.log img, .log script').count()).toBe(0)
    const links = await page
      .locator('.log a')
      .evaluateAll((all) => all.map((a) => [a.getAttribute('rel'), a.getAttribute('href')]))
    expect(links).toHaveLength(1)
    expect(links[0]).toEqual(['noopener noreferrer', expect.stringMatching(/^https:\/\/example/)])
    expect(complaints).toEqual([])
    await window.context.close()
  })

  it('is usable by keyboard alone, from the first screen to the first word', async () => {
    const window = await openWindow(browser, { viewport: DESKTOP })
    const { page } = window
    await show(window, 'home')
    await tabTo(window, 'create-room')
    await page.keyboard.press('Enter')
    await page.locator('[data-stage=waiting]').waitFor()
    await tabTo(window, 'copy-link')
    await page.evaluate(() => {
      const { stage } = globalThis.window
      if (stage) stage.rooms[0]?.setPerson(stage.guest)
    })
    await page.locator('[data-member][data-state=connected]').waitFor()
    await tabTo(window, 'composer')
    await page.keyboard.type('By keyboard')
    await page.keyboard.press('Enter')
    expect(await page.locator('[data-message]').textContent()).toBe('By keyboard')
    await tabTo(window, 'leave-room')
    await page.keyboard.press('Enter')
    await page.locator('[data-action=create-room]').waitFor()
    await window.context.close()
  })

  it('hides one’s address from the next time one comes in, by keyboard, and says so', async () => {
    const window = await openWindow(browser, { viewport: DESKTOP })
    const { page } = window
    await show(window, 'chat')
    expect(await page.locator('[data-action=rejoin]').count()).toBe(0)
    await tabTo(window, 'hide-address')
    await page.keyboard.press('Space')
    await page.getByText('This room still has your address').waitFor()
    expect(await axeFindings(page)).toEqual([])
    await tabTo(window, 'rejoin')
    await page.keyboard.press('Enter')
    await page.getByText('You, address hidden').waitFor({ state: 'attached' })
    expect(await page.locator('[data-action=rejoin]').count()).toBe(0)
    await window.context.close()
  })

  it('says of a relayed link who carries it, why, and what would help', async () => {
    const window = await openWindow(browser, { viewport: DESKTOP })
    const { page } = window
    await show(window, 'relayed-udp-blocked')
    const why = page.locator('[data-path=turn][data-rtt="96"] [data-why=udp-blocked]')
    expect(await why.textContent()).toBe(
      'A relay carries your messages, sealed: it cannot read them. The network of Ana lets little more than web pages through. What would help: letting UDP through the firewall or another network, such as a phone’s hotspot.',
    )
    await show(window, 'relayed-member')
    await page.getByText('Bo carries your messages, sealed').waitFor()
    await window.context.close()
  })

  it('forgets rooms when asked', async () => {
    const window = await openWindow(browser, { viewport: DESKTOP })
    const { page } = window
    await show(window, 'home-recent')
    expect(await page.locator('.recent-row').count()).toBe(4)
    await page.getByRole('button', { name: 'Forget the room: Bo' }).click()
    expect(await page.locator('.recent-row').count()).toBe(3)
    await page.getByRole('button', { name: 'Forget all' }).click()
    expect(await page.locator('.recent-row').count()).toBe(0)
    expect(await page.evaluate(() => localStorage.getItem('knothole.rooms'))).toBeNull()
    await window.context.close()
  })
})

/** The action of what has focus. */
const focused = (): string | undefined => {
  const { activeElement } = document
  if (!(activeElement instanceof HTMLElement)) return undefined
  return 'composer' in activeElement.dataset ? 'composer' : activeElement.dataset['action']
}

/** Presses Tab until something has focus; fails when a whole round does not get there. */
async function tabTo({ page }: Watched, action: string): Promise<void> {
  for (let presses = 0; presses < 40; presses += 1) {
    if ((await page.evaluate(focused)) === action) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab does not lead to ${action}`)
}
