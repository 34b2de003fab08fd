import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import type { IncomingMessage, RequestOptions } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeBase64url, parseRoomId, ROOMS_PATH, socketPath } from '@knothole/wire'
import type { RunningServer } from '../server.ts'
import { makeTestRoom, TestPeer } from '../test-peer.testing.ts'
import { makeTestFolder, openTestServer } from '../test-server.testing.ts'
import type { TestFolder } from '../test-server.testing.ts'

const KEY = encodeBase64url(new Uint8Array(32).fill(7))
const FILLER = '<!-- a page is longer than one packet -->'.repeat(100)
const HTML = `<!doctype html><title>Knothole</title>${FILLER}
<script id="knothole-config" type="application/json">{ "stunUrls": [] }</script>
<style>p { margin: 0 }</style><script type="module">const answer = 42</script>`

let folder: TestFolder
let server: RunningServer
beforeAll(async () => {
  folder = await makeTestFolder()
  const page = join(folder.path, 'page')
  await mkdir(join(page, 'assets'), { recursive: true })
  await writeFile(join(page, 'index.html'), HTML)
  await writeFile(join(page, 'manifest.webmanifest'), '{}')
  await writeFile(join(page, 'assets', 'icon-a1B2c3D4.svg'), '<svg/>')
  await writeFile(join(page, 'types.d.ts'), 'export {}')
  const stun = ['--stun-hosts', 'stun.example.org,[2001:db8::1]']
  server = await openTestServer(folder, ['--page', page, '--trust-proxy', '127.0.0.2', ...stun])
})
afterAll(async () => {
  await server.close()
  await folder.remove()
})

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** A request as no browser would let us send it. */
async function ask(
  method: string,
  path: string,
  more: {
    readonly headers?: Record<string, string>
    readonly body?: string | Buffer
    readonly localAddress?: string
  } = {},
): Promise<Answer> {
  const { headers = {}, body, localAddress } = more
  const { port } = server
  const from = localAddress === undefined ? {} : { localAddress }
  const options: RequestOptions = { host: '127.0.0.1', port, method, path, headers, ...from }
  const sent = request({ ...options, agent: false })
  sent.end(body)
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  const { statusCode = 0 } = response
  return { status: statusCode, headers: response.headers, body: await text(response) }
}

const json = { 'content-type': 'application/json' }

/** Sends bytes that need not be HTTP; the answer until the server closes. */
async function sendRaw(bytes: string | Buffer): Promise<string> {
  const socket = connect(server.port, '127.0.0.1')
  socket.on('error', () => {})
  socket.end(bytes)
  return text(socket)
}

async function statusOf(path: string, headers: Record<string, string>): Promise<number> {
  return (await ask('GET', path, { headers })).status
}

describe('POST /api/rooms', () => {
  it('R1 makes a room', async () => {
    const body = JSON.stringify({ admissionKey: KEY })
    const answer = await ask('POST', ROOMS_PATH, { headers: json, body })
    expect(answer.status).toBe(201)
    const room = JSON.parse(answer.body) as Record<string, unknown>
    expect(parseRoomId(String(room['room']))).toBeDefined()
    expect(room['url']).toBe(`${server.url}/r/${String(room['room'])}`)
    expect(room['expiresAtMs']).toBeGreaterThan(Date.now() + 29 * 86_400_000)
  })

  it.each([
    ['no body', '', 400],
    ['broken JSON', '{"admissionKey":', 400],
    ['JSON of another type', '[]', 400],
    ['null', 'null', 400],
    ['a missing key', '{}', 400],
    ['a number for a key', '{"admissionKey":5}', 400],
    ['a list for a key', `{"admissionKey":["${KEY}"]}`, 400],
    ['a short key', '{"admissionKey":"AAAA"}', 400],
    ['a key that is no base64url', `{"admissionKey":"${'!'.repeat(43)}"}`, 400],
    ['a field too many', `{"admissionKey":"${KEY}","room":"mine"}`, 400],
    ['a poisoned prototype', `{"admissionKey":"${KEY}","__proto__":{"a":1}}`, 400],
    ['a body too large', `{"admissionKey":"${'A'.repeat(5000)}"}`, 413],
    ['deep nesting', '['.repeat(1000), 400],
  ])('R32 refuses %s', async (_what, body, status) => {
    const answer = await ask('POST', ROOMS_PATH, { headers: json, body })
    expect(answer.status).toBe(status)
    expect(JSON.parse(answer.body)).toMatchObject({ error: { code: expect.any(String) } })
  })

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'a', ''])(
    'R32 refuses the content type %j, so that other sites cannot make rooms',
    async (type) => {
      const body = JSON.stringify({ admissionKey: KEY })
      const answer = await ask('POST', ROOMS_PATH, { headers: { 'content-type': type }, body })
      expect(answer.status).toBe(415)
    },
  )

  it.each(['GET', 'PUT', 'DELETE', 'PATCH'])('R32 takes no %s', async (method) => {
    const answer = await ask(method, ROOMS_PATH)
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'POST' } })
  })

  it('R32 refuses a host that is none', async () => {
    const headers = { ...json, host: "a'; script-src *" }
    const body = JSON.stringify({ admissionKey: KEY })
    expect((await ask('POST', ROOMS_PATH, { headers, body })).status).toBe(400)
  })

  it('R27 names https when a trusted proxy says so', async () => {
    const headers = { ...json, host: 'chat.example.org', 'x-forwarded-proto': 'https' }
    const body = JSON.stringify({ admissionKey: KEY })
    const direct = await ask('POST', ROOMS_PATH, { headers, body })
    const proxied = await ask('POST', ROOMS_PATH, { headers, body, localAddress: '127.0.0.2' })
    expect(direct.body).toContain('"http://chat.example.org/r/')
    expect(proxied.body).toContain('"https://chat.example.org/r/')
  })
})

describe('a proxy that nobody configured', () => {
  it('R27 is warned of, once', async () => {
    const lines: string[] = []
    const own = await makeTestFolder()
    const other = await openTestServer(own, ['--page', own.path], (line) => lines.push(line))
    const headers = { 'x-forwarded-for': '198.51.100.1' }
    for (let n = 0; n < 2; n++) await fetch(new URL('/api/health', other.url), { headers })
    await other.close()
    await own.remove()
    expect(lines.filter((line) => line.includes('--trust-proxy'))).toHaveLength(1)
  })
})

describe('the page', () => {
  it.each(['/', '/r/AAAA', '/r', '/r/', '/r/a/b', '/?utm=1'])('R24 is at %s', async (path) => {
    const answer = await ask('GET', path)
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(answer.body).toContain('const answer = 42')
    const config = /application\/json">(.*?)<\/script>/.exec(answer.body)?.[1] ?? ''
    expect(JSON.parse(config)).toEqual({
      stunUrls: ['stun.example.org', '[2001:db8::1]'].flatMap((host) => [
        `stun:${host}:3478`,
        `stun:${host}:3479`,
      ]),
    })
  })

  it('R25 has a policy that names its parts, and every answer the other headers', async () => {
    const page = await ask('GET', '/', { headers: { host: 'chat.example.org:81' } })
    const policy = String(page.headers['content-security-policy'])
    expect(policy).toMatch(
      /default-src 'none'; script-src 'self' 'sha256-[^']{44}'; style-src 'sha256-/,
    )
    expect(policy).toContain("connect-src 'self' ws://chat.example.org:81;")
    for (const path of ['/', '/api/health', '/api/none', '/none', '/manifest.webmanifest', '/%']) {
      const { headers } = await ask('GET', path)
      expect(headers['content-security-policy']).toContain("default-src 'none'")
      expect(headers).toMatchObject({
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      })
      expect(headers['set-cookie']).toBeUndefined()
    }
  })

  it('R26 is compressed, has a tag, and is not sent twice', async () => {
    const zipped = await fetch(server.url, { headers: { 'accept-encoding': 'gzip' } })
    expect(zipped.headers.get('content-encoding')).toBe('gzip')
    expect(await zipped.text()).toContain('const answer = 42')
    const first = await ask('GET', '/', { headers: { 'accept-encoding': 'gzip, br' } })
    expect(first.headers['content-encoding']).toBe('br')
    const headers = { 'if-none-match': String(first.headers['etag']), 'accept-encoding': 'br' }
    const again = await ask('GET', '/', { headers })
    expect(again).toMatchObject({ status: 304, body: '' })
    expect((await ask('GET', '/')).headers['cache-control']).toBe('no-cache')
    expect((await ask('HEAD', '/')).body).toBe('')
  })

  it('R26 serves files of the build for ever when their name has a hash', async () => {
    const icon = await ask('GET', '/assets/icon-a1B2c3D4.svg')
    expect(icon).toMatchObject({ status: 200, body: '<svg/>' })
    expect(icon.headers['cache-control']).toContain('immutable')
    const manifest = await ask('GET', '/manifest.webmanifest')
    expect(manifest.headers['cache-control']).toBe('no-cache')
  })
})

describe('other addresses', () => {
  it('R24 says that the server is well', async () => {
    const answer = await ask('GET', '/api/health')
    expect(JSON.parse(answer.body)).toEqual({ status: 'ok', version: expect.stringMatching(/^\d/) })
  })

  it('R32 answers JSON below /api and text elsewhere', async () => {
    const api = await ask('GET', '/api/none')
    expect(api.status).toBe(404)
    expect(JSON.parse(api.body)).toMatchObject({ error: { code: 'not-found' } })
    const other = await ask('GET', '/none')
    expect(other).toMatchObject({ status: 404, body: 'There is no page at this address.\n' })
  })

  it.each([
    '/../package.json',
    '/..%2f..%2fpackage.json',
    '/assets/../../rooms.sqlite',
    '/rooms.sqlite',
    '/types.d.ts',
    '/index.html/..',
    '//etc/passwd',
    '/%00',
  ])('R32 finds nothing at %s', async (path) => {
    expect([400, 404]).toContain((await ask('GET', path)).status)
  })

  it('R32 refuses headers without end and bytes that are not HTTP', async () => {
    const long = `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`
    expect(await sendRaw(long)).toMatch(/^HTTP\/1\.1 431 /)
    expect(await sendRaw('\u0000\u0001\u0002 hello\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
    expect(await sendRaw('GET / HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
    expect(await sendRaw(Buffer.alloc(100_000, 0xff))).toMatch(/^HTTP\/1\.1 400 |^$/)
  })

  it('R33 opens WebSockets at a room only, and for no other page', async () => {
    const room = await makeTestRoom(server.url)
    const upgrade = { connection: 'Upgrade', upgrade: 'websocket' }
    const handshake = {
      ...upgrade,
      'sec-websocket-version': '13',
      'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    }
    const path = socketPath(room.id)
    expect(await statusOf('/', handshake)).toBe(404)
    expect(await statusOf(`${ROOMS_PATH}/short/socket`, handshake)).toBe(404)
    expect(await statusOf(`${path}/more`, handshake)).toBe(404)
    expect(await statusOf(path, { ...handshake, upgrade: 'h2c' })).toBe(426)
    expect(await statusOf(path, upgrade)).toBe(400)
    expect(await statusOf(path, { ...handshake, origin: 'https://evil.example' })).toBe(403)
    expect(await statusOf(path, { ...handshake, origin: 'null' })).toBe(403)
    const own = new TestPeer(server.url, room, { origin: server.url })
    expect((await own.join()).participants).toEqual([])
    await own.close()
  })
})
