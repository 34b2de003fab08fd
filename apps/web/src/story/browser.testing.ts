// What the page's system tests share: a page built and served under the policy the rendezvous sets,
// and a Chromium that reports everything it complains of.
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { chromium } from 'playwright-core'
import { build } from 'vite'
import { locate } from '../../../../tools/requirements.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A built page: its HTML, and what it fetches later by path. */
export interface BuiltPage {
  readonly html: string
  readonly parts: ReadonlyMap<string, string>
}

/** Builds a page of this app as it ships. */
export async function buildPage(input: 'index.html' | 'story.html'): Promise<BuiltPage> {
  const outDir = await mkdtemp(join(tmpdir(), 'knothole-page-'))
  try {
    await build({
      root,
      logLevel: 'warn',
      build: { outDir, rolldownOptions: { input: join(root, input) } },
    })
    const parts = new Map<string, string>()
    for (const name of await readdir(join(outDir, 'assets')))
      parts.set(`/assets/${name}`, await readFile(join(outDir, 'assets', name), 'utf8'))
    const worker = await readFile(join(outDir, 'sw.js'), 'utf8').catch(() => undefined)
    if (worker !== undefined) parts.set('/sw.js', worker)
    return { html: await readFile(join(outDir, input), 'utf8'), parts }
  } finally {
    await rm(outDir, { recursive: true, force: true })
  }
}

/** A server of one page at every path but those of its parts, under the strict policy. */
export interface PageServer {
  readonly origin: string
  close(): Promise<void>
}

export async function servePage({ html, parts }: BuiltPage): Promise<PageServer> {
  const hashes = (tag: RegExp): string =>
    [...html.matchAll(tag)]
      .map(([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`)
      .join(' ')
  const policy = [
    "default-src 'none'",
    `script-src 'self' ${hashes(/<script type="module">([\s\S]*?)<\/script>/g)}`,
    `style-src ${hashes(/<style>([\s\S]*?)<\/style>/g)}`,
    "img-src 'self' data:",
  ].join('; ')
  const server = createServer((request, response) => {
    const part = parts.get(request.url ?? '')
    if (part !== undefined) {
      response.writeHead(200, { 'content-type': 'text/javascript; charset=utf-8' })
      response.end(part)
      return
    }
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy,
    })
    response.end(html)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/** Starts the Chromium of this machine. Its sandbox refuses to run as root. */
export async function launchChromium(flags: readonly string[] = []): Promise<Browser> {
  const executablePath = locate('chromium') ?? ''
  const quiet = ['--disable-gpu', '--disable-quic', '--no-first-run']
  const offline = [
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ]
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return chromium.launch({ executablePath, args: [...quiet, ...offline, ...asRoot, ...flags] })
}

/** A window and what it complained of. */
export interface Watched {
  readonly context: BrowserContext
  readonly page: Page
  readonly complaints: string[]
}

/** A window of its own, with its own storage. */
export async function openWindow(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<Watched> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  return { context, page, complaints }
}

/** What axe finds wrong with the page as it stands. */
export async function axeFindings(page: Page): Promise<readonly string[]> {
  const source = await readFile(
    createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
    'utf8',
  )
  // Through the debugger, which the page's policy does not bind.
  await page.evaluate(source)
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: {
        run(): Promise<{
          violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[]
        }>
      }
    }
    const { violations } = await axe.run()
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary}`),
    )
  })
}
