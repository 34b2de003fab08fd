import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { missing } from '../../../../tools/requirements.mjs'
import {
  axeFindings,
  buildPage,
  launchChromium,
  openWindow,
  servePage,
} from '../story/browser.testing.ts'
import type { PageServer, Watched } from '../story/browser.testing.ts'

const PHONE = { width: 390, height: 844 }
const DESKTOP = { width: 1280, height: 800 }

const reason = missing('chromium')

describe.skipIf(reason !== undefined)(`the talk ${reason ?? ''}`, () => {
  let browser: Browser
  let server: PageServer
  let open: Watched

  beforeAll(async () => {
    server = await servePage(await buildPage('story.html'))
    browser = await launchChromium()
  })

  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  /** Opens a story in a window of its own. */
  const show = async (story: string, viewport = DESKTOP, more = {}): Promise<Page> => {
    open = await openWindow(browser, { viewport, ...more })
    await open.page.goto(`${server.origin}/story?story=${story}`)
    await open.page.locator('html[data-story=ready]').waitFor()
    await open.page.locator('[data-whole=true]').waitFor({ state: 'attached' })
    return open.page
  }

  /** Nothing was complained of, and axe finds nothing as it stands. */
  const isClean = async (): Promise<void> => {
    expect([...(await axeFindings(open.page)), ...open.complaints]).toEqual([])
  }

  const close = async (): Promise<void> => {
    await isClean()
    await open.context.close()
  }

  it('draws what is in sight of 100,000 messages, anchored at the newest', async () => {
    const page = await show('hundred-thousand')
    await said(page, 'Message 100000').waitFor()
    expect(await page.locator('.row').count()).toBeLessThan(60)
    await expect.poll(() => fromEnd(page)).toBeLessThan(2)
    for (let turn = 0; turn < 30; turn += 1) {
      await log(page).evaluate((it) => it.scrollBy({ top: -4000 }))
      await page.locator('.row .words').first().waitFor()
    }
    expect(await page.locator('.row').count()).toBeLessThan(80)
    expect(await fromEnd(page)).toBeGreaterThan(20_000)
    await page.locator('[data-action=to-end]').click()
    await said(page, 'Message 100000').waitFor()
    await close()
  })

  it('opens earlier ones as one scrolls up, and keeps what one reads where it is', async () => {
    const page = await show('earlier')
    const seen = new Set<number>()
    const opened = () => page.evaluate(() => globalThis.window.stage?.rooms[0]?.talk.length ?? 0)
    const before = await opened()
    expect(before).toBe(200)
    for (let turn = 0; (await opened()) < 800 && turn < 100; turn += 1) {
      await log(page).evaluate((it) => it.scrollBy({ top: -800 }))
      await twoFrames(page)
      const at = page.locator('.row .said').nth(8)
      const id = (await at.getAttribute('data-id')) ?? ''
      const top = await topOf(page, id)
      // What comes in meanwhile is put above; the message stays where it was.
      await twoFrames(page)
      seen.add(Math.round(Math.abs((await topOf(page, id)) - top)))
    }
    expect(await opened()).toBeGreaterThanOrEqual(800)
    expect(Math.max(...seen)).toBeLessThanOrEqual(2)
    await close()
  })

  it('has a menu by mouse: react, reply, jump to what was answered', async () => {
    const page = await show('rich')
    const question = page.locator('.said:not(:has(.quote))', { hasText: 'Who brings what' })
    await question.click({ button: 'right' })
    const menu = page.getByRole('menu')
    await menu.waitFor()
    await isClean()
    await menu.getByRole('menuitemcheckbox', { name: '❤️' }).click()
    await menu.waitFor({ state: 'detached' })
    const heart = question.locator('.reaction')
    expect(await heart.getAttribute('aria-pressed')).toBe('true')
    await heart.click()
    await heart.waitFor({ state: 'detached' })
    await question.hover()
    await question.locator('[data-do=reply]').click()
    await page.locator('[data-subject=reply]', { hasText: 'Answering Ana' }).waitFor()
    await page.keyboard.type('Salad')
    await page.keyboard.press('Enter')
    const answer = page.locator('.said', { hasText: 'Salad' })
    await answer.locator('.quote').click()
    await page.locator('.said[data-found]', { hasText: 'Who brings what' }).waitFor()
    await expect.poll(() => focusedText(page)).toContain('Who brings what')
    await close()
  })

  it('is walked by keyboard: to a message, its menu, and back to the field', async () => {
    const page = await show('rich')
    await log(page).focus()
    await page.keyboard.press('ArrowUp')
    expect(await focusedText(page)).toContain('Perfect. See you there!')
    await page.keyboard.press('ArrowUp')
    expect(await focusedText(page)).toContain('🎉')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByRole('menu').waitFor()
    expect(await focusedText(page)).toBe('👍')
    await page.keyboard.press('ArrowDown')
    expect(await focusedText(page)).toBe('Reply')
    await page.keyboard.press('End')
    expect(await focusedText(page)).toBe('Delete')
    await page.keyboard.press('Escape')
    await page.getByRole('menu').waitFor({ state: 'detached' })
    expect(await focusedText(page)).toContain('Perfect. See you there!')
    await page.keyboard.press('Escape')
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('TEXTAREA')
    await close()
  })

  it('changes and deletes what one said', async () => {
    const page = await show('rich')
    const composer = page.locator('textarea[data-composer]')
    await composer.press('ArrowUp')
    await page.locator('[data-subject=edit]').waitFor()
    await expect.poll(() => composer.inputValue()).toBe('Perfect. See you there!')
    await composer.fill('Perfect. See you **there**!')
    await composer.press('Enter')
    const mine = page.locator('.said[data-mine=true]').last()
    expect(await mine.locator('.words strong').textContent()).toBe('there')
    expect(await mine.locator('.said-foot').textContent()).toContain('edited')
    await expect.poll(() => composer.inputValue()).toBe('')
    await composer.press('ArrowUp')
    await composer.press('Escape')
    await expect.poll(() => composer.inputValue()).toBe('')
    await mine.click({ button: 'right' })
    await page.locator('[data-action=ask-delete]').click()
    await page.getByRole('dialog', { name: 'Delete this message?' }).waitFor()
    await isClean()
    await page.locator('[data-action=delete]').click()
    await mine.getByText('You deleted this message').waitFor()
    expect(await mine.locator('.tools').count()).toBe(0)
    await close()
  })

  it('opens the menu as a sheet under a finger that rests, and takes any emoji', async () => {
    const page = await show('rich', PHONE, { hasTouch: true, isMobile: true })
    await rest(page, page.locator('.words', { hasText: 'Perfect. See you' }))
    const menu = page.getByRole('menu')
    await menu.waitFor()
    const sheet = await page.locator('.floating').boundingBox()
    expect((sheet?.y ?? 0) + (sheet?.height ?? 0)).toBeCloseTo(PHONE.height, 0)
    await isClean()
    await menu.locator('[data-action=more-emoji]').tap()
    await page.getByLabel('Any emoji').fill('words first 🦊')
    await isClean()
    await page.getByRole('button', { name: 'React 🦊' }).tap()
    await page.locator('.reaction', { hasText: '🦊' }).waitFor()
    await close()
  })

  it('says who has a message, and keeps up while one looks', async () => {
    const page = await show('deliveries')
    const words = await page.locator('.delivery').allTextContents()
    expect(words).toEqual([
      'Read by everyone',
      'Read by Ana',
      'Delivered to all 3',
      'Delivered to 2 of 3',
      'Carried by Ana',
      'Waiting: nobody here yet',
    ])
    await page.locator('[data-delivery=carried]').click()
    const dialog = page.getByRole('dialog', { name: 'Who has it' })
    await dialog.getByText('Ana will pass it on').waitFor()
    expect(await dialog.locator('[data-delivery-state]').allTextContents()).toEqual([
      'AnaDelivered',
      'BoDelivered',
      'CarolNot confirmed yet',
    ])
    await page.evaluate(() => {
      const room = globalThis.window.stage?.rooms[0]
      const id = room?.talk.at(4)?.id ?? ''
      room?.deliveries.set(id, [{ member: room.state.me.member, name: 'Carol', state: 'read' }])
      room?.change(id, { delivery: { type: 'read', by: ['Carol'], of: 3 } })
    })
    await dialog.locator('[data-delivery-state=read]').waitFor()
    await dialog.getByText('Read by Carol.').waitFor()
    await close()
  })

  it('shows a gap where it is until it is filled', async () => {
    const page = await show('gaps')
    const gap = page.locator('.gap', { hasText: '2 messages are missing, asking Ana' })
    await gap.waitFor()
    const order = await page.locator('.row').allTextContents()
    const at = order.findIndex((text) => text.includes('2 messages'))
    expect(order[at - 1]).toContain('First, the good news.')
    expect(order[at + 1]).toContain('And that was the bad news.')
    await page.evaluate(() => {
      const room = globalThis.window.stage?.rooms[0]
      if (room) room.talk.gaps = []
      room?.tell()
    })
    await gap.waitFor({ state: 'detached' })
    await close()
  })

  it('agrees how long messages are kept, saves and brings back, and forgets', async () => {
    const page = await show('chat')
    await page.locator('[data-action=room-care]').click()
    const dialog = page.getByRole('dialog', { name: 'This conversation' })
    await dialog.getByText('24 hours').click()
    await dialog.getByText('for a day after they were written').waitFor()
    await dialog.locator('[data-action=set-keep]').click()
    await dialog.locator('[data-action=set-keep]').waitFor({ state: 'detached' })
    const saving = page.waitForEvent('download')
    await dialog.locator('[data-action=export-json]').click()
    expect((await saving).suggestedFilename()).toMatch(/^knothole-.*\.json$/)
    const bring = (text: string) =>
      dialog.locator('[data-action=import]').setInputFiles({
        name: 'talk.json',
        mimeType: 'application/json',
        buffer: Buffer.from(text),
      })
    await bring('{"a talk"}')
    await dialog.getByText('120 messages added, 8 were here already, 1 refused').waitFor()
    await bring('x')
    await dialog.getByText('no export of this room').waitFor()
    await isClean()
    await dialog.locator('[data-action=ask-forget]').click()
    await dialog.locator('[data-action=forget-room]').click()
    await page.locator('[data-action=create-room]').waitFor()
    const forgotten = await page.evaluate(() => globalThis.window.stage?.rooms[0]?.forgotten)
    expect([forgotten, await page.locator('.recent-row').count()]).toEqual([true, 0])
    await open.context.close()
  })

  it('tells what is wrong with keeping, calmly, and can be put away', async () => {
    const page = await show('storage-full')
    const strip = page.locator('[data-storage=full]')
    expect(await strip.textContent()).toContain('You can go on talking')
    await strip.locator('[data-action=dismiss]').click()
    await strip.waitFor({ state: 'detached' })
    await close()
  })

  it('draws a line above what came since the last visit, and says nothing twice', async () => {
    const page = await show('unread')
    const order = await page.locator('.row').allTextContents()
    const line = order.indexOf('New')
    expect(order[line - 1]).toContain('You have seen this.')
    expect(order[line + 1]).toContain('And then you were gone.')
    const spoken = page.locator('#app > [role=status]')
    await page.evaluate(() => globalThis.window.stage?.rooms[0]?.hear('Ana', 'Now **this** is new'))
    await expect.poll(() => spoken.textContent()).toBe('Ana: Now this is new')
    expect(await log(page).getAttribute('aria-live')).toBe('off')
    await close()
  })
})

const log = (page: Page): Locator => page.getByRole('log')

const said = (page: Page, text: string): Locator => page.locator('.words', { hasText: text })

const fromEnd = (page: Page): Promise<number> =>
  log(page).evaluate((it) => Math.round(it.scrollHeight - it.scrollTop - it.clientHeight))

const focusedText = (page: Page): Promise<string> =>
  page.evaluate(() => document.activeElement?.textContent?.trim() ?? '')

const topOf = (page: Page, id: string): Promise<number> =>
  page.evaluate(
    (id) => document.querySelector(`[data-id="${id}"]`)?.getBoundingClientRect().top ?? Number.NaN,
    id,
  )

/** Lets the page draw what it has to. */
async function twoFrames(page: Page): Promise<void> {
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  )
}

/** Puts a finger on something and leaves it there until the menu is open. */
async function rest(page: Page, on: Locator): Promise<void> {
  const box = await on.boundingBox()
  const at = { x: (box?.x ?? 0) + 10, y: (box?.y ?? 0) + 10 }
  const session = await page.context().newCDPSession(page)
  await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [at] })
  await page.getByRole('menu').waitFor()
  await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
}
