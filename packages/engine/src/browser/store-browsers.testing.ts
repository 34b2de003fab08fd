// Headless browsers for tests of storage: with a profile that the test may look into, several pages at
// once, private windows. Chromium by playwright, Firefox by WebDriver BiDi, which needs no driver.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { chromium } from 'playwright-core'
import type { Page } from 'playwright-core'
import { build } from 'vite'
import { WebSocket } from 'ws'
import { locate } from '../../../../tools/requirements.mjs'

export type BrowserName = 'chromium' | 'firefox'

export interface StorePage {
  /** The value of a promise in the page, as JSON carries it. */
  evaluate(expression: string): Promise<unknown>
  close(): Promise<void>
}

export interface StoreBrowser {
  open(url: string): Promise<StorePage>
  /** Ends at once, as a crash does. */
  kill(): Promise<void>
  close(): Promise<void>
}

export interface ProfileOptions {
  readonly profile: string
  readonly isPrivate?: boolean
}

/** Serves a page whose script is an entry file, as `store`. */
export async function serveScript(
  entry: string,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['source', 'module', 'browser', 'import', 'default'] },
    build: { write: false, lib: { entry, formats: ['iife'], name: 'store' } },
  })
  const [chunk] = [built].flat().flatMap((one) => ('output' in one ? one.output : []))
  if (chunk?.type !== 'chunk') throw new Error('nothing was built')
  const { code } = chunk
  const server = createServer((request, response) => {
    const isScript = request.url === '/script.js'
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
    response.end(isScript ? code : '<!doctype html><script src="/script.js"></script>')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://localhost:${port}/`,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Calls a function of the page's script. */
export function call(page: StorePage, name: string, ...args: unknown[]): Promise<unknown> {
  return page.evaluate(`store.${name}(${args.map((arg) => JSON.stringify(arg)).join(', ')})`)
}

/** Profiles for a test file, which are gone after it. */
export class Profiles {
  readonly #folders: string[] = []

  async make(): Promise<string> {
    const profile = await mkdtemp(join(tmpdir(), 'knothole-store-'))
    this.#folders.push(profile)
    return profile
  }

  async remove(): Promise<void> {
    for (const folder of this.#folders.splice(0))
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

export function openStoreBrowser(
  name: BrowserName,
  options: ProfileOptions,
): Promise<StoreBrowser> {
  return name === 'chromium' ? openChromium(options) : openFirefox(options)
}

/** A page of Chromium as Playwright has it, for what only its DevTools can do. */
export const chromiumPages: WeakMap<StorePage, Page> = new WeakMap()

async function openChromium({ profile, isPrivate }: ProfileOptions): Promise<StoreBrowser> {
  const options = {
    executablePath: locate('chromium') ?? '',
    chromiumSandbox: false,
    args: ['--disable-gpu', '--disable-quic', '--disable-background-networking'],
  }
  const browser = isPrivate === true ? await chromium.launch(options) : undefined
  const context =
    browser === undefined
      ? await chromium.launchPersistentContext(profile, options)
      : await browser.newContext()
  return {
    async open(url) {
      const page = await context.newPage()
      await page.goto(url)
      const opened: StorePage = {
        evaluate: (expression) => page.evaluate(expression),
        close: () => page.close(),
      }
      chromiumPages.set(opened, page)
      return opened
    },
    async kill() {
      const client = await context.newCDPSession(await context.newPage())
      const gone = new Promise((resolve) => context.once('close', resolve))
      // reason: the answer to this call never comes.
      client.send('Browser.crash').catch(() => undefined)
      await gone
    },
    async close() {
      await context.close()
      await browser?.close()
    },
  }
}

const FIREFOX_PREFERENCES = [
  ['remote.active-protocols', 1],
  ['datareporting.policy.dataSubmissionEnabled', false],
  ['app.update.enabled', false],
  // Pages in the background are not put off.
  ['dom.min_background_timeout_value', 4],
] as const

async function openFirefox({ profile, isPrivate = false }: ProfileOptions): Promise<StoreBrowser> {
  const preferences = [
    ...FIREFOX_PREFERENCES,
    ['browser.privatebrowsing.autostart', isPrivate] as const,
  ]
  const lines = preferences.map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
  )
  await writeFile(join(profile, 'user.js'), lines.join('\n'))
  const args = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0']
  const child = spawn(locate('firefox') ?? '', args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, HOME: profile },
  })
  const bidi = await connectBidi(await bidiUrlOf(child))
  const ended = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
  return {
    open: (url) => openFirefoxPage(bidi, url),
    async kill() {
      child.kill('SIGKILL')
      await ended()
      bidi.close()
    },
    async close() {
      await bidi.call('browser.close', {}).catch(() => child.kill())
      await ended()
      bidi.close()
    },
  }
}

async function openFirefoxPage(bidi: Bidi, url: string): Promise<StorePage> {
  const { context } = (await bidi.call('browsingContext.create', { type: 'tab' })) as {
    readonly context: string
  }
  await bidi.call('browsingContext.navigate', { context, url, wait: 'complete' })
  return {
    async evaluate(expression) {
      // Values come in a form of BiDi's own; as JSON they come as they are.
      const answer = (await bidi.call('script.evaluate', {
        expression: `(async () => JSON.stringify(await (${expression})) ?? 'null')()`,
        target: { context },
        awaitPromise: true,
      })) as BidiEvaluation
      if (answer.type === 'success') return JSON.parse(answer.result.value) as unknown
      throw new Error(answer.exceptionDetails.text)
    },
    async close() {
      await bidi.call('browsingContext.close', { context })
    },
  }
}

type BidiEvaluation =
  | { readonly type: 'success'; readonly result: { readonly value: string } }
  | { readonly type: 'exception'; readonly exceptionDetails: { readonly text: string } }

async function bidiUrlOf(child: ChildProcess): Promise<string> {
  if (child.stderr === null) throw new Error('Firefox has no stderr')
  for await (const line of createInterface({ input: child.stderr })) {
    const url = /WebDriver BiDi listening on (ws:\S+)/.exec(line)?.[1]
    if (url !== undefined) {
      child.stderr.resume()
      return url
    }
  }
  throw new Error('Firefox ended before it listened')
}

interface Bidi {
  call(method: string, params: object): Promise<unknown>
  close(): void
}

interface BidiAnswer {
  readonly id?: number
  readonly type: 'success' | 'error' | 'event'
  readonly result?: unknown
  readonly message?: string
}

async function connectBidi(url: string): Promise<Bidi> {
  const socket = new WebSocket(`${url}/session`)
  await once(socket, 'open')
  const waiting = new Map<number, (answer: BidiAnswer) => void>()
  socket.on('message', (data: Buffer) => {
    const answer = JSON.parse(data.toString()) as BidiAnswer
    if (answer.id !== undefined) waiting.get(answer.id)?.(answer)
  })
  socket.on('close', () => {
    for (const answer of waiting.values()) answer({ type: 'error', message: 'Firefox is gone' })
  })
  let last = 0
  const call: Bidi['call'] = async (method, params) => {
    const id = ++last
    const answered = new Promise<BidiAnswer>((resolve) => waiting.set(id, resolve))
    socket.send(JSON.stringify({ id, method, params }))
    const answer = await answered
    waiting.delete(id)
    if (answer.type === 'error') throw new Error(`${method}: ${answer.message ?? 'refused'}`)
    return answer.result
  }
  await call('session.new', { capabilities: {} })
  return { call, close: () => socket.close() }
}
