// Invitations on paper between real browsers, with no server at all: it made the room and is gone.
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { chromium } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { locate, missing } from '../../../tools/requirements.mjs'
import type { PaperPage } from './paper-page.testing.ts'
import { bundlePage } from './page-script.testing.ts'
import { makeTestFolder, openTestServer } from './shell/test-server.testing.ts'

const reason = missing('chromium')

/** Loopback, and addresses instead of names that only a network with mDNS resolves. */
const FLAGS = [
  '--allow-loopback-in-peer-connection',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
  '--disable-quic',
  '--disable-gpu',
]

/** What paper-page.testing.ts puts into a page. */
declare const paperPage: PaperPage

/** An empty page for whoever asks: browsers want a secure context, and no more is there. */
async function serveNothing(): Promise<{ server: Server; url: string }> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html')
    response.end('<!doctype html>')
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const until = (page: Page, names: string[]): Promise<unknown> =>
  page.waitForFunction((wanted) => paperPage.linked().join() === wanted, names.join(), {
    polling: 50,
    timeout: 20_000,
  })

/** The answer to an invitation that one page wrote for another. */
const invite = async (host: Page, guest: Page): Promise<string> => {
  const text = await host.evaluate(() => paperPage.invite())
  expect(text).toMatch(/^knothole\.[\w-]{300,1200}$/)
  const answer = await guest.evaluate((given) => paperPage.answer(given), text)
  expect(answer).toMatch(/^knothole\.[\w-]{300,1200}$/)
  return answer
}

describe.skipIf(reason !== undefined)(`invitations on paper in Chromium ${reason ?? ''}`, () => {
  let browser: Browser
  let code = ''
  let nothing: Awaited<ReturnType<typeof serveNothing>>

  beforeAll(async () => {
    code = await bundlePage('paper-page')
    nothing = await serveNothing()
    browser = await chromium.launch({
      executablePath: locate('chromium') ?? '',
      chromiumSandbox: false,
      args: FLAGS,
    })
  })

  afterAll(async () => {
    await browser.close()
    nothing.server.close()
  })

  const open = async (url: string): Promise<Page> => {
    const context = await browser.newContext({ bypassCSP: true })
    const page = await context.newPage()
    await page.goto(url)
    await page.evaluate(code)
    return page
  }

  /** Alice in a room of her own, whose server is gone. */
  const alone = async (): Promise<{ alice: Page; link: string }> => {
    const folder = await makeTestFolder()
    const server = await openTestServer(folder)
    const alice = await open(`${server.url}/api/health`)
    const link = await alice.evaluate((origin) => paperPage.create(origin), server.url)
    await alice.waitForFunction(() => paperPage.server() === 'online')
    await server.close()
    await folder.remove()
    await alice.waitForFunction(() => paperPage.server() === 'reconnecting')
    return { alice, link }
  }

  test('E443: brings somebody in with no server; the third meets both, and what they say arrives', async () => {
    const { alice, link } = await alone()
    const bob = await open(nothing.url)
    await bob.evaluate((url) => paperPage.join(url, 'Bob'), link)
    const answer = await invite(alice, bob)
    expect(await alice.evaluate((text) => paperPage.accept(text), answer)).toBe('accepted')
    await Promise.all([until(alice, ['Bob']), until(bob, ['Alice'])])
    await bob.evaluate(() => paperPage.say('with no server at all'))
    await alice.waitForFunction(() => paperPage.heard().includes('with no server at all'))

    const carol = await open(nothing.url)
    await carol.evaluate((url) => paperPage.join(url, 'Carol'), link)
    const second = await invite(bob, carol)
    expect(await bob.evaluate((text) => paperPage.accept(text), second)).toBe('accepted')
    await until(bob, ['Alice', 'Carol'])
    await Promise.all([until(alice, ['Bob', 'Carol']), until(carol, ['Alice', 'Bob'])])
    for (const page of [alice, bob, carol]) await page.evaluate(() => paperPage.close())
  })

  test('E443: an invitation is good once, and not when it was withdrawn', async () => {
    const { alice, link } = await alone()
    const [bob, carol] = [await open(nothing.url), await open(nothing.url)]
    for (const page of [bob, carol])
      await page.evaluate((url) => paperPage.join(url, 'Guest'), link)
    const text = await alice.evaluate(() => paperPage.invite())
    const answer = (page: Page): Promise<string> =>
      page.evaluate((given) => paperPage.answer(given), text)
    const accept = (given: string): Promise<string> =>
      alice.evaluate((written) => paperPage.accept(written), given)
    expect(await accept(await answer(bob))).toBe('accepted')
    await until(alice, ['Guest'])
    expect(await accept(await answer(carol))).toBe('used')
    const late = await invite(alice, carol)
    await alice.evaluate(() => paperPage.withdraw())
    expect(await accept(late)).toBe('used')
    for (const page of [alice, bob, carol]) await page.evaluate(() => paperPage.close())
  })

  test('E443: of two who answer at the same time the first is linked, undisturbed, and the other is told', async () => {
    const { alice, link } = await alone()
    const guests = [await open(nothing.url), await open(nothing.url)] as const
    const [bob, carol] = guests
    await bob.evaluate((url) => paperPage.join(url, 'Bob'), link)
    await carol.evaluate((url) => paperPage.join(url, 'Carol'), link)
    const text = await alice.evaluate(() => paperPage.invite())
    const answers = await Promise.all(
      guests.map((page) => page.evaluate((given) => paperPage.answer(given), text)),
    )
    // Both have knocked at the addresses on the invitation for as long as theirs were gathered.
    const taken = await alice.evaluate(
      (given) => Promise.all(given.map((answer) => paperPage.accept(answer))),
      answers,
    )
    expect(taken).toEqual(['accepted', 'used'])
    await Promise.all([until(alice, ['Bob']), until(bob, ['Alice'])])
    await bob.evaluate(() => paperPage.say('undisturbed'))
    await alice.waitForFunction(() => paperPage.heard().includes('undisturbed'))
    expect(await carol.evaluate(() => paperPage.linked())).toEqual([])
    const another = await invite(bob, carol)
    expect(await bob.evaluate((given) => paperPage.accept(given), another)).toBe('accepted')
    await Promise.all([until(alice, ['Bob', 'Carol']), until(carol, ['Alice', 'Bob'])])
    for (const page of [alice, bob, carol]) await page.evaluate(() => paperPage.close())
  })

  test('E442: what is none, of another room or of the other kind is said to be so', async () => {
    const { alice, link } = await alone()
    const { alice: other, link: otherLink } = await alone()
    const bob = await open(nothing.url)
    await bob.evaluate((url) => paperPage.join(url, 'Bob'), link)
    expect(link).not.toBe(otherLink)
    const foreign = await other.evaluate(() => paperPage.invite())
    const own = await alice.evaluate(() => paperPage.invite())
    const answer = (text: string): Promise<string> =>
      bob.evaluate((given) => paperPage.answer(given), text)
    expect(await answer('hello')).toBe('not-paper')
    const changed = own.slice(0, 60) + (own[60] === 'A' ? 'B' : 'A') + own.slice(61)
    expect(await answer(changed)).toBe('other-room')
    expect(await answer(foreign)).toBe('other-room')
    expect(await alice.evaluate((text) => paperPage.accept(text), own)).toBe('wrong-kind')
    for (const page of [alice, other, bob]) await page.evaluate(() => paperPage.close())
  })
})
