// Real browsers that may use nothing but the relay: ours over UDP, TCP and TLS, and another's with the
// credentials we mint.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { connect, isIP } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { IceServers } from '@knothole/wire'
import { missing } from '../../../../tools/requirements.mjs'
import { freePorts } from '../shell/free-ports.testing.ts'
import { makeTestRoom, TestPeer } from '../shell/test-peer.testing.ts'
import { buildServer, makeTestFolder, openTestServer } from '../shell/test-server.testing.ts'
import { makeTestCertificate } from './certificate.testing.ts'
import { openBrowser } from './browsers.testing.ts'
import type { BrowserName, TestBrowser } from './browsers.testing.ts'
import { gatherExpression, relayExpression } from './relay-page.testing.ts'
import type { RelayResult } from './relay-page.testing.ts'
import { startTurnProcess, TURN_SECRET } from './turn-process.testing.ts'
import type { TurnProcess } from './turn-process.testing.ts'

const MESSAGES = 50
/** Those who are admitted connect in half a second on a quiet machine. */
const LIMIT_MS = 20_000
const FORGED_LIMIT_MS = 3000

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

/** What a peer who joins is told of relays, by a server that is reached by that URL. */
async function iceServersFrom(url: string): Promise<IceServers> {
  const alice = new TestPeer(url, await makeTestRoom(url))
  cleanups.push(() => alice.socket.close())
  const { iceServers } = await alice.join()
  if (iceServers === undefined) throw new Error('no relay is offered')
  return iceServers
}

type Relays = Pick<IceServers, 'username' | 'credential'> & { readonly limitMs?: number }

async function relay(browser: TestBrowser, relays: Relays, url: string): Promise<RelayResult> {
  const { username, credential, limitMs = LIMIT_MS } = relays
  const expression = relayExpression({ url, username, credential, messages: MESSAGES, limitMs })
  return (await browser.evaluate(expression)) as RelayResult
}

const echoedBy = (relayProtocol: string): object => ({
  echoed: MESSAGES,
  localType: 'relay',
  remoteType: 'relay',
  relayProtocol,
})

const browsers: readonly BrowserName[] = ['chromium', 'firefox']

describe.each(browsers)('%s through our relay', (name) => {
  const reason = missing(name, 'openssl', 'certutil')
  let server: TurnProcess
  let browser: TestBrowser
  beforeAll(async () => {
    if (reason !== undefined) return
    await buildServer()
    server = await startTurnProcess({ hosts: ['127.0.0.1', '127.0.0.2'] })
    browser = await openBrowser(name, server.certificate.authorityFile)
  })
  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  it.for([
    ['udp', /^turn:127\.0\.0\.1:\d+$/],
    ['tcp', /^turn:.*\?transport=tcp$/],
    ['tls', /^turns:/],
  ] as const)('R107 R100 connects over %s', async ([protocol, pattern], { skip }) => {
    skip(reason !== undefined, reason)
    const ice = await iceServersFrom(server.server.url)
    const url = ice.urls.find((one) => pattern.test(one)) ?? `no URL like ${pattern.source}`
    // Firefox checks certificates against names only.
    const named = protocol === 'tls' ? url.replace('127.0.0.1', 'localhost') : url
    expect(await relay(browser, ice, named)).toEqual(echoedBy(protocol))
  })

  it('R106 answers packets out of the blue, so that the server can tell filtering', async ({
    skip,
  }) => {
    skip(reason !== undefined, reason)
    const { port: stunPort, server: running } = server
    const expression = gatherExpression(`stun:127.0.0.1:${stunPort}`)
    const candidates = (await browser.evaluate(expression)) as readonly string[]
    const alice = new TestPeer(running.url, await makeTestRoom(running.url))
    cleanups.push(() => alice.socket.close())
    await alice.join()
    const verdicts = []
    for (const text of candidates) {
      const [, , protocol = '', , address = '', port = ''] = text.split(' ')
      if (protocol.toLowerCase() !== 'udp') continue
      // Host candidates may hide their address, which is loopback then.
      const place = { address: isIP(address) === 0 ? '127.0.0.1' : address, port: Number(port) }
      alice.send({ type: 'probe', ...place })
      const { otherAddress, otherPort } = await alice.next('probed')
      verdicts.push({ otherAddress, otherPort })
    }
    expect(verdicts).toContainEqual({
      otherAddress: 'answered',
      otherPort: 'answered',
    })
  })

  it('R107 gets nowhere with credentials that were not minted', async ({ skip }) => {
    skip(reason !== undefined, reason)
    const ice = await iceServersFrom(server.server.url)
    const credential = createHmac('sha1', 'guess').update(ice.username).digest('base64')
    const forged = { ...ice, credential, limitMs: FORGED_LIMIT_MS }
    await expect(relay(browser, forged, ice.urls[0] ?? '')).rejects.toThrow(/401|not in/)
  })
})

describe('Chromium with our credentials', () => {
  const reason = missing('chromium', 'turnutils', 'openssl', 'certutil')

  it('R109 connects through a coturn that shares our secret', async ({ skip }) => {
    skip(reason !== undefined, reason)
    const folder = await makeTestFolder()
    cleanups.push(() => folder.remove())
    const [port = 0, tlsPort = 0] = await freePorts(2)
    const { authorityFile, certFile, keyFile } = await makeTestCertificate(folder.path)
    const options = {
      '--listening-port': String(port),
      '--tls-listening-port': String(tlsPort),
      '--cert': certFile,
      '--pkey': keyFile,
      '--pidfile': join(folder.path, 'pid'),
      '--db': join(folder.path, 'db'),
    }
    const coturn = await startCoturn(tlsPort, Object.entries(options).flat())
    cleanups.push(() => coturn.kill('SIGKILL'))
    const urls = [
      `turn:127.0.0.1:${port}`,
      `turn:127.0.0.1:${port}?transport=tcp`,
      `turns:localhost:${tlsPort}?transport=tcp`,
    ]
    const external = ['--turn-external-urls', urls.join(','), '--turn-secret', TURN_SECRET]
    const server = await openTestServer(folder, ['--turn', 'external', ...external])
    cleanups.push(() => server.close())
    const browser = await openBrowser('chromium', authorityFile)
    cleanups.push(() => browser.close())
    const ice = await iceServersFrom(server.url)
    expect(ice.urls).toEqual(urls)
    for (const [at, protocol] of ['udp', 'tcp', 'tls'].entries()) {
      expect(await relay(browser, ice, urls[at] ?? '')).toEqual(echoedBy(protocol))
    }
  })
})

/** A coturn on loopback with our secret, that takes connections at a port. */
async function startCoturn(port: number, more: readonly string[]): Promise<ChildProcess> {
  const secret = ['--use-auth-secret', '--static-auth-secret', TURN_SECRET, '--realm', 'coturn']
  const lab = ['-n', '--no-cli', '--allow-loopback-peers', '--listening-ip', '127.0.0.1']
  const args = [...lab, ...secret, '--log-file', 'stdout', ...more]
  const child = spawn('turnserver', args, { stdio: 'ignore' })
  await expect.poll(() => isListening(port), { timeout: 10_000 }).toBe(true)
  return child
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
