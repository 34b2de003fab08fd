// Headless browsers that run one expression in an empty page and believe the test's certificate
// authority. Chromium by its DevTools protocol, Firefox by WebDriver BiDi; neither needs a driver.
import { execFile, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { chromium } from 'playwright-core'
import { WebSocket } from 'ws'
import { locate } from '../../../../tools/requirements.mjs'

const run = promisify(execFile)

export type BrowserName = 'chromium' | 'firefox'

export interface TestBrowser {
  /** The value of a promise in an empty page. */
  evaluate(expression: string): Promise<unknown>
  close(): Promise<void>
}

/** Starts a browser that trusts a certificate authority, a PEM file. */
export function openBrowser(name: BrowserName, authorityFile: string): Promise<TestBrowser> {
  return name === 'chromium' ? openChromium(authorityFile) : openFirefox(authorityFile)
}

function locateOrThrow(name: BrowserName): string {
  const path = locate(name)
  if (path === undefined) throw new Error(`${name} is not installed`)
  return path
}

/** Makes the NSS database of a folder trust an authority. */
async function trust(folder: string, authorityFile: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await run('certutil', ['-N', '-d', `sql:${folder}`, '--empty-password'])
  const add = ['-A', '-n', 'knothole tests', '-t', 'C,,', '-i', authorityFile]
  await run('certutil', [...add, '-d', `sql:${folder}`])
}

async function openChromium(authorityFile: string): Promise<TestBrowser> {
  const home = await mkdtemp(join(tmpdir(), 'knothole-chromium-'))
  await trust(join(home, '.pki/nssdb'), authorityFile)
  const browser = await chromium.launch({
    executablePath: locateOrThrow('chromium'),
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
    env: { ...process.env, HOME: home },
  })
  const page = await browser.newPage()
  return {
    evaluate: (expression) => page.evaluate(expression),
    async close() {
      await browser.close()
      await rm(home, { recursive: true, force: true })
    },
  }
}

const FIREFOX_PREFERENCES = [
  // Loopback is the only network of these tests.
  ['media.peerconnection.ice.loopback', true],
  ['media.peerconnection.ice.obfuscate_host_addresses', false],
  ['remote.active-protocols', 1],
  ['datareporting.policy.dataSubmissionEnabled', false],
  ['app.update.enabled', false],
] as const

async function openFirefox(authorityFile: string): Promise<TestBrowser> {
  const profile = await mkdtemp(join(tmpdir(), 'knothole-firefox-'))
  await trust(profile, authorityFile)
  const lines = FIREFOX_PREFERENCES.map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
  )
  await writeFile(join(profile, 'user.js'), lines.join('\n'))
  const args = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0']
  const child = spawn(locateOrThrow('firefox'), args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, HOME: profile },
  })
  const bidi = await connectBidi(await bidiUrlOf(child))
  const { contexts } = (await bidi.call('browsingContext.getTree', {})) as {
    contexts: readonly { readonly context: string }[]
  }
  const context = contexts[0]?.context
  return {
    async evaluate(expression) {
      // Values come in a form of BiDi's own; as JSON they come as they are.
      const answer = (await bidi.call('script.evaluate', {
        expression: `(${expression}).then((value) => JSON.stringify(value))`,
        target: { context },
        awaitPromise: true,
      })) as BidiEvaluation
      if (answer.type === 'success') return JSON.parse(answer.result.value) as unknown
      throw new Error(answer.exceptionDetails.text)
    },
    async close() {
      bidi.close()
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      await rm(profile, { recursive: true, force: true, maxRetries: 5 })
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
    if (url !== undefined) return url
  }
  throw new Error('Firefox ended before it listened')
}

interface Bidi {
  call(method: string, params: object): Promise<unknown>
  close(): void
}

async function connectBidi(url: string): Promise<Bidi> {
  const socket = new WebSocket(`${url}/session`)
  await once(socket, 'open')
  const waiting = new Map<number, (answer: BidiAnswer) => void>()
  socket.on('message', (data: Buffer) => {
    const answer = JSON.parse(data.toString()) as BidiAnswer
    if (answer.id !== undefined) waiting.get(answer.id)?.(answer)
  })
  let last = 0
  const call: Bidi['call'] = async (method, params) => {
    const id = ++last
    const answered = new Promise<BidiAnswer>((resolve) => waiting.set(id, resolve))
    socket.send(JSON.stringify({ id, method, params }))
    const answer = await answered
    waiting.delete(id)
    if (answer.type === 'error') throw new Error(`${method}: ${answer.message ?? answer.error}`)
    return answer.result
  }
  await call('session.new', { capabilities: {} })
  return { call, close: () => socket.close() }
}

interface BidiAnswer {
  readonly id?: number
  readonly type: 'success' | 'error' | 'event'
  readonly result?: unknown
  readonly error?: string
  readonly message?: string
}
