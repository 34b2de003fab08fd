// Two servers that know of each other: the page of one may make rooms at the other, and nobody else's may.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { encodeBase64url, ROOMS_PATH } from '@knothole/wire'
import type { RunningServer } from './server.ts'
import { makeTestRoom, TestPeer } from './test-peer.testing.ts'
import { makeTestFolder, openTestServer } from './test-server.testing.ts'
import type { TestFolder } from './test-server.testing.ts'

const OTHER = 'https://other.example'
const HTML = '<script id="knothole-config" type="application/json">{}</script>'
const body = JSON.stringify({ admissionKey: encodeBase64url(new Uint8Array(32).fill(7)) })

let folder: TestFolder
let server: RunningServer
beforeAll(async () => {
  folder = await makeTestFolder()
  const page = join(folder.path, 'page')
  await mkdir(page)
  await writeFile(join(page, 'index.html'), HTML)
  server = await openTestServer(folder, ['--page', page, '--also', `${OTHER},http://[::1]:8080`])
})
afterAll(async () => {
  await server.close()
  await folder.remove()
})

const makeRoom = (origin: string): Promise<Response> =>
  fetch(server.url + ROOMS_PATH, {
    method: 'POST',
    headers: { origin, 'content-type': 'application/json' },
    body,
  })

it('R35 the page is told of the others, and its policy lets it reach them and nobody else', async () => {
  const answer = await fetch(server.url)
  expect(await answer.text()).toContain('"also":["https://other.example","http://[::1]:8080"]')
  const policy = answer.headers.get('content-security-policy') ?? ''
  const [, allowed] = /connect-src ([^;]*);/.exec(policy) ?? []
  expect(allowed?.split(' ')).toEqual([
    "'self'",
    server.url.replace('http', 'ws'),
    'https://other.example',
    'wss://other.example',
    'http://[::1]:8080',
    'ws://[::1]:8080',
  ])
  expect(policy.replace(allowed ?? '', '')).not.toContain('other.example')
})

it('R35 their page may make rooms here and read the answer', async () => {
  const headers = { origin: OTHER, 'access-control-request-method': 'POST' }
  const asked = await fetch(server.url + ROOMS_PATH, { method: 'OPTIONS', headers })
  expect([asked.status, asked.headers.get('access-control-allow-headers')]).toEqual([
    204,
    'content-type',
  ])
  const made = await makeRoom(OTHER)
  expect([made.status, made.headers.get('access-control-allow-origin')]).toEqual([201, OTHER])
})

it('R35 nobody else’s may read it', async () => {
  for (const origin of ['https://evil.example', 'http://other.example', 'null']) {
    const made = await makeRoom(origin)
    expect(made.headers.get('access-control-allow-origin')).toBe(null)
  }
})

it('R35 their page may open sockets here', async () => {
  const room = await makeTestRoom(server.url)
  const peer = new TestPeer(server.url, room, { origin: OTHER })
  expect((await peer.join()).participants).toEqual([])
  await peer.close()
})
