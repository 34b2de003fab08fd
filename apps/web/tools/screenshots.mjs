// Photographs the real page for the documents: starts the built server, lets real windows meet and
// talk, and writes docs/screenshots. Run after `npm run build`: `node apps/web/tools/screenshots.mjs`.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { locate } from '../../../tools/requirements.mjs'

const checkout = fileURLToPath(new URL('../../..', import.meta.url))
const album = join(checkout, 'docs/screenshots')
const DESKTOP = { width: 1280, height: 800 }
const SMALL_DESKTOP = { width: 1024, height: 640 }
const PHONE = { width: 390, height: 844 }

/** STUN and a relay, for the doctor. */
const RELAY = {
  '--stun-hosts': '127.0.0.1,127.0.0.2',
  '--stun-port': '13478',
  '--stun-alt-port': '13479',
  '--turn-allow-peers': '127.0.0.0/8',
}

/** Who says what: said one after the other, each once the one before was seen by all. */
const TALK = [
  ['Ana', 'Evening! The fence is up, and I can hear you through the hole.'],
  ['Bo', 'Loud and clear. Is that the server humming in the background?'],
  ['Ana', 'It only introduced us. You can switch it off now.'],
  [
    'Carol',
    'Then nobody minds if I post the recipe here:\n\n  6 apples, Boskoop\n  120 g butter\n  a lot of patience',
  ],
  ['Bo', 'https://apples.example/boskoop says four are enough.'],
  ['Ana', 'Six. Always six.'],
]

/** @param {string} data @returns {Promise<{ origin: string, stop: () => Promise<unknown> }>} */
async function startServer(data) {
  const main = join(checkout, 'apps/rendezvous/dist/shell/main.js')
  const flags = [
    '--host',
    '0.0.0.0',
    '--port',
    '0',
    '--data',
    data,
    ...Object.entries(RELAY).flat(),
  ]
  const server = spawn(process.execPath, [main, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await once(createInterface({ input: server.stdout }), 'line')
  const { port } = new URL(String(line).replace(/^.* /, ''))
  const stop = () => (server.kill(), once(server, 'exit'))
  return { origin: `http://localhost:${port}`, stop }
}

/**
 * Someone's window, in which their name is already kept.
 * @param {import('playwright-core').Browser} browser
 * @param {string} origin
 * @param {{ name: string } & import('playwright-core').BrowserContextOptions} options
 */
async function openWindow(browser, origin, { name, ...options }) {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  await page.goto(origin)
  await page.waitForSelector('[data-action=create-room]')
  await page.evaluate(keepName, name)
  return page
}

/** Puts a chosen name where the page reads it from. @param {string} name @returns {Promise<void>} */
function keepName(name) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('keyval-store')
    opening.addEventListener('error', () => reject(opening.error))
    opening.addEventListener('success', () => {
      const change = opening.result.transaction('keyval', 'readwrite')
      change.objectStore('keyval').put({ name, chosen: true }, 'knothole-name')
      change.addEventListener('complete', () => resolve())
    })
  })
}

/** @param {import('playwright-core').Page} page @param {string} name */
async function photograph(page, name) {
  // Away from the field, so that no caret is caught half-way through its blink.
  await page.evaluate(
    () => document.activeElement instanceof HTMLElement && document.activeElement.blur(),
  )
  await page.screenshot({ path: join(album, `${name}.png`), animations: 'disabled' })
  console.log(`docs/screenshots/${name}.png`)
}

/** @param {import('playwright-core').Browser} browser @param {string} origin */
async function photographAll(browser, origin) {
  const ana = await openWindow(browser, origin, { name: 'Ana', viewport: SMALL_DESKTOP })
  await ana.goto(origin)
  await photograph(ana, 'home')
  await ana.setViewportSize(DESKTOP)
  await ana.click('[data-action=create-room]')
  await ana.waitForSelector('[data-stage=waiting]')
  await photograph(ana, 'empty-room')
  const link = (await ana.getAttribute('[data-room-link]', 'data-room-link')) ?? ''
  const touch = { hasTouch: true, isMobile: true }
  const bo = await openWindow(browser, origin, { name: 'Bo', viewport: PHONE, ...touch })
  const night = { viewport: DESKTOP, colorScheme: /** @type {const} */ ('dark') }
  const carol = await openWindow(browser, origin, { name: 'Carol', ...night })
  const windows = { Ana: ana, Bo: bo, Carol: carol }
  for (const page of [bo, carol]) await page.goto(link)
  const linked = '[data-member][data-state=connected][data-path][data-rtt]'
  for (const page of Object.values(windows))
    await page.waitForFunction((linked) => document.querySelectorAll(linked).length === 2, linked)
  for (const [index, [name, text]] of TALK.entries()) {
    const page = windows[/** @type {keyof typeof windows} */ (name)]
    await page.fill('[data-composer]', text ?? '')
    await page.press('[data-composer]', 'Enter')
    for (const other of Object.values(windows))
      await other.waitForFunction(
        (count) => document.querySelectorAll('[data-message]').length === count,
        index + 1,
      )
  }
  await photograph(ana, 'chat')
  await photograph(bo, 'phone')
  await photograph(carol, 'dark')
  await photographDoctor(ana, origin)
}

/** @param {import('playwright-core').Page} page @param {string} origin */
async function photographDoctor(page, origin) {
  await page.goto(`${origin}/doctor`)
  await page.waitForSelector('[data-action=copy-report]')
  await page.setViewportSize({ width: 1024, height: 1240 })
  await photograph(page, 'doctor')
}

const data = await mkdtemp(join(tmpdir(), 'knothole-album-'))
await mkdir(album, { recursive: true })
const server = await startServer(data)
const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : []
const browser = await chromium.launch({
  executablePath: locate('chromium') ?? '',
  args: ['--disable-gpu', '--disable-quic', '--no-first-run', ...asRoot],
})
try {
  await photographAll(browser, server.origin)
} finally {
  await browser.close()
  await server.stop()
  await rm(data, { recursive: true, force: true })
}
