import { createHash } from 'node:crypto'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { chooseRepresentation, encodeBody, matchesEtag } from './encoded-body.ts'
import { Page } from './page.ts'
import { parsePublicHost } from './public-host.ts'
import { pagePolicy } from './security-headers.ts'

const SCRIPT = 'const a = 1 < 2'
const STYLE = 'p { color: red }'
const HTML = `<!doctype html><script id="knothole-config" type="application/json">
  {}
</script><style>${STYLE}</style><script type="module">${SCRIPT}</script>`

const hashOf = (text: string): string =>
  `sha256-${createHash('sha256').update(text).digest('base64')}`

it('R25 names the inline script and style by hash, and not the configuration', () => {
  const { hashes } = new Page(HTML)
  expect(hashes).toEqual({ scripts: [hashOf(SCRIPT)], styles: [hashOf(STYLE)] })
  const host = parsePublicHost('chat.example.org:8443')
  if (host === undefined) throw new Error('it is a host')
  const policy = pagePolicy(hashes, { host, isHttps: true, also: [] })
  expect(policy).toContain(`script-src 'self' '${hashOf(SCRIPT)}';`)
  expect(policy).toContain("connect-src 'self' wss://chat.example.org:8443;")
  expect(policy).not.toContain('unsafe')
})

it('R24 writes the configuration where no text can end its element', async () => {
  const body = await new Page(HTML).bodyFor({ stunUrls: ['</script><script>alert(1)//'] })
  const html = String(chooseRepresentation(body, undefined).body)
  const json = /application\/json">([\s\S]*?)<\/script>/.exec(html)?.[1] ?? ''
  expect(JSON.parse(json)).toEqual({ stunUrls: ['</script><script>alert(1)//'] })
  expect(html.match(/<script/g)).toHaveLength(2)
})

it('R24 keeps few configurations, whatever hosts are asked for', async () => {
  const page = new Page(HTML)
  const first = page.bodyFor({ stunUrls: ['0'] })
  expect(page.bodyFor({ stunUrls: ['0'] })).toBe(first)
  for (let n = 1; n <= 16; n++) void page.bodyFor({ stunUrls: [String(n)] })
  expect(page.bodyFor({ stunUrls: ['0'] })).not.toBe(first)
})

it('R24 takes no page without a place for its configuration', () => {
  expect(() => new Page('<p>hello</p>')).toThrow(/knothole-config/)
})

it('R26 gives each client the smallest encoding it takes', async () => {
  const original = Buffer.from('knothole '.repeat(1000))
  const body = await encodeBody(original)
  const chosen = (accept: string | undefined): string => chooseRepresentation(body, accept).encoding
  expect(chosen('gzip, deflate, br, zstd')).toBe('br')
  expect(chosen('gzip;q=0.5, br;q=0')).toBe('gzip')
  expect(chosen('GZIP')).toBe('gzip')
  expect(chosen(undefined)).toBe('identity')
  expect(brotliDecompressSync(chooseRepresentation(body, 'br').body)).toEqual(original)
  expect(gunzipSync(chooseRepresentation(body, 'gzip').body)).toEqual(original)
  expect(new Set(body.map(({ etag }) => etag)).size).toBe(3)
})

it('R26 compresses nothing that is small', async () => {
  expect(await encodeBody(Buffer.from('hello'))).toHaveLength(1)
})

it('R26 knows its entity tags', () => {
  expect(matchesEtag('"a", W/"b"', '"b"')).toBe(true)
  expect(matchesEtag('*', '"b"')).toBe(true)
  expect(matchesEtag('"bb"', '"b"')).toBe(false)
  expect(matchesEtag(undefined, '"b"')).toBe(false)
})
