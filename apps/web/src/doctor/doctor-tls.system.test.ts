// The doctor against a server that relays over TLS too: whether the page says that it works where it
// does, and that it does not pass where the browser does not believe the certificate.
import { execFile } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { missing } from '../../../../tools/requirements.mjs'
import { buildPage, launchChromium, openWindow } from '../story/browser.testing.ts'
import { startRendezvous } from '../story/rendezvous.testing.ts'
import type { Rendezvous } from '../story/rendezvous.testing.ts'

const reason = missing('chromium', 'openssl')
const run = promisify(execFile)

/** Ports that nothing else in this checkout asks for. */
const RELAYING =
  '--host 0.0.0.0 --stun-hosts 127.0.0.1,127.0.0.2 --stun-port 23488 --stun-alt-port 23489 --turn-allow-peers 127.0.0.0/8 --turn-threads 0 --turn-tls-port 23490'.split(
    ' ',
  )

describe.skipIf(reason !== undefined)(`doctor, relay over TLS ${reason ?? ''}`, () => {
  let folder: string
  let server: Rendezvous
  let certificate: X509Certificate
  let browser: Browser | undefined

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'knothole-doctor-'))
    const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const files = ['-keyout', keyFile, '-out', certFile]
    const what = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1,IP:127.0.0.2']
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
    await run('openssl', ['req', '-x509', '-days', '2', ...kind, ...files, ...what])
    certificate = new X509Certificate(await readFile(certFile))
    const tls = ['--turn-tls-cert', certFile, '--turn-tls-key', keyFile]
    server = await startRendezvous(await buildPage('index.html'), [...RELAYING, ...tls])
  })

  afterEach(async () => {
    await browser?.close()
  })

  afterAll(async () => {
    await server?.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** What the page found of a relay: how the line looks, and what it says. */
  async function examine(flags: readonly string[]): Promise<Readonly<Record<string, string>>> {
    browser = await launchChromium(flags)
    const { page } = await openWindow(browser)
    await page.goto(`${server.origin}/doctor`)
    await page.locator('[data-action=copy-report]').waitFor()
    const found: Record<string, string> = {}
    for (const id of ['relay-udp', 'relay-tcp', 'relay-tls']) {
      const line = page.locator(`[data-finding=${id}]`)
      found[id] = (await line.getAttribute('data-tone')) ?? ''
    }
    found['report'] = (await page.locator('pre').textContent()) ?? ''
    return found
  }

  it('says that it works where it does', async () => {
    const key = certificate.publicKey.export({ type: 'spki', format: 'der' })
    const hash = createHash('sha256').update(key).digest('base64')
    const found = await examine([`--ignore-certificate-errors-spki-list=${hash}`])
    expect(found).toMatchObject({ 'relay-udp': 'good', 'relay-tcp': 'good', 'relay-tls': 'good' })
    expect(found['report']).toMatch(/Relay over TLS: Works · \d+ ms/)
  })

  it('says that it does not pass where the browser does not believe the certificate', async () => {
    const found = await examine([])
    expect(found).toMatchObject({ 'relay-udp': 'good', 'relay-tcp': 'good', 'relay-tls': 'bad' })
    expect(found['report']).toContain('Relay over TLS: Does not pass')
  })
})
