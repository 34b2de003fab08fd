// A new edition of the page at the same server, in a real browser: windows of the old one go on, the next
// visit shows the new one, and nothing that was kept is lost.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { missing } from '../../../../tools/requirements.mjs'
import { buildPage, launchChromium, openWindow } from '../story/browser.testing.ts'
import type { BuiltPage, Watched } from '../story/browser.testing.ts'
import { startRendezvous } from '../story/rendezvous.testing.ts'
import type { Rendezvous } from '../story/rendezvous.testing.ts'
import { hears, say } from '../story/talk.testing.ts'

const reason = missing('chromium')

describe.skipIf(reason !== undefined)(`a new edition of the page ${reason ?? ''}`, () => {
  let browser: Browser
  let server: Rendezvous
  let first: BuiltPage
  let ana: Watched
  let bo: Watched
  let link: string

  beforeAll(async () => {
    first = await buildPage('index.html')
    server = await startRendezvous(first)
    browser = await launchChromium()
    ;[ana, bo] = [await openWindow(browser), await openWindow(browser)]
  })

  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  it('leaves open windows as they are: they talk on, and find their parts', async () => {
    await ana.page.goto(server.origin)
    await ana.page.locator('[data-action=create-room]').click()
    await ana.page.locator('[data-stage=waiting]').waitFor()
    link = ana.page.url()
    await bo.page.goto(link)
    await say(ana.page, 'Said in the old one')
    await hears(bo.page, 'Said in the old one')
    await expect.poll(() => ana.page.evaluate(editionsKept)).toEqual([editionOf(first)])

    await server.renew(nextEdition(first))
    await say(ana.page, 'Said while the server was renewed')
    await hears(bo.page, 'Said while the server was renewed')
    expect(await shownEdition(ana.page)).toBe(null)
  })

  it('is shown at the next visit, and kept beside the one before', async () => {
    const visit = await ana.context.newPage()
    await visit.goto(server.origin)
    expect(await shownEdition(visit)).toBe('next')
    const both = [editionOf(first), editionOf(nextEdition(first))]
    await expect.poll(() => visit.evaluate(editionsKept)).toEqual(both)
    await expect.poll(() => visit.evaluate(isWorkerSettled)).toBe(true)
    await visit.close()
    // A window of the old edition, which the new worker serves now, asks for a part that it has not had yet.
    await ana.page.locator('[data-action=room-care]').click()
    await ana.page.locator('[data-action=ask-forget]').waitFor()
    await ana.page.keyboard.press('Escape')
    await say(bo.page, 'To the old one')
    await hears(ana.page, 'To the old one')
    expect(ana.complaints.filter((text) => text.includes('/assets/'))).toEqual([])
  })

  it('loses nothing that was kept, and is there without the server too', async () => {
    await expect.poll(() => wordsOf(ana.page)).toHaveLength(3)
    const words = await wordsOf(ana.page)
    await ana.page.reload()
    await expect.poll(() => wordsOf(ana.page)).toEqual(words)
    expect(await shownEdition(ana.page)).toBe('next')
    await bo.context.close()
    await server.kill()
    await ana.page.reload()
    await expect.poll(() => wordsOf(ana.page)).toEqual(words)
    expect(await shownEdition(ana.page)).toBe('next')
  })
})

/** What is said there, from the first word to the last. */
function wordsOf(page: Page): Promise<string[]> {
  return page.locator('[data-message]').allTextContents()
}

/** The same page as another build would make it: every part has another name, and it can be told apart. */
function nextEdition({ html, parts }: BuiltPage): BuiltPage {
  const names = [...parts.keys()].flatMap((path) => /^\/assets\/(.+)\.js$/.exec(path)?.[1] ?? [])
  const renamed = (text: string): string =>
    names.reduce((all, name) => all.replaceAll(name, other(name)), text)
  const next = new Map([...parts].map(([path, text]) => [renamed(path), renamed(text)]))
  const edition = editionOf({ html, parts })
  next.set('/sw.js', (next.get('/sw.js') ?? '').replace(edition, other(edition)))
  return { html: renamed(html).replace('<html', '<html data-edition="next"'), parts: next }
}

/** Another name of the same length. */
const other = (name: string): string => name.slice(0, -1) + (name.endsWith('0') ? '1' : '0')

/** The version that a build has written into its worker. */
function editionOf({ parts }: BuiltPage): string {
  const [, version = ''] = /version:[`"'](\w+)/.exec(parts.get('/sw.js') ?? '') ?? []
  return version
}

/** Versions that the browser has whole, in the order of their coming. */
async function editionsKept(): Promise<readonly string[]> {
  const names: string[] = []
  for (const name of await caches.keys())
    if (await (await caches.open(name)).match('/')) names.push(name.replace('knothole-', ''))
  return names
}

/** Whether the worker that came last is the one that answers. */
async function isWorkerSettled(): Promise<boolean> {
  const registration = await navigator.serviceWorker.getRegistration()
  const isComing = registration?.installing ?? registration?.waiting
  return !isComing && registration?.active?.state === 'activated'
}

const shownEdition = (page: Page): Promise<string | null> =>
  page.locator('html').getAttribute('data-edition')
