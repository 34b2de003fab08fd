import { describe, expect, it } from 'vitest'
import { OfflinePage, PAGE_PATH } from './offline-page.ts'
import type { Surroundings } from './offline-page.ts'

const origin = 'https://knothole.example'
const SECRET = 'theSecretOfTheRoom'

/** Caches in memory, of as much as is used; a server that has files, or is away. */
class Browser implements Surroundings {
  readonly stored = new Map<string, Map<string, string>>()
  readonly asked: string[] = []
  files: ReadonlyMap<string, string> | 'away' | 'silent' | 'broken' = new Map()
  waited = 0

  readonly caches = {
    open: async (name: string) => this.#cache(name),
    keys: async () => [...this.stored.keys()],
    delete: async (name: string) => this.stored.delete(name),
    match: async (request: Request) => {
      const { pathname } = new URL(request.url)
      const found = [...this.stored.values()].find((cache) => cache.has(pathname))
      return found && new Response(found.get(pathname))
    },
  } as unknown as CacheStorage

  async fetch(request: Request): Promise<Response> {
    this.asked.push(request.url)
    if (this.files === 'away') throw new TypeError('no network')
    if (this.files === 'broken') return new Response('bad gateway', { status: 502 })
    if (this.files === 'silent') return new Promise(() => undefined)
    const { pathname } = new URL(request.url)
    const text = this.files.get(pathname) ?? this.files.get(PAGE_PATH)
    return new Response(text)
  }

  async pause(ms: number): Promise<void> {
    this.waited += ms
    if (this.files !== 'silent') await new Promise(() => undefined)
  }

  #cache(name: string) {
    const cache = this.stored.get(name) ?? new Map<string, string>()
    this.stored.set(name, cache)
    return {
      addAll: async (paths: readonly string[]) => {
        for (const path of paths) {
          const answer = await this.fetch(new Request(origin + path))
          cache.set(path, await answer.text())
        }
      },
      match: async (path: string) => {
        const text = cache.get(path)
        return text === undefined ? undefined : new Response(text)
      },
    }
  }
}

const files = (version: string) =>
  new Map([
    [PAGE_PATH, `page ${version}`],
    [`/assets/room-${version}.js`, `room ${version}`],
  ])

const edition = (version: string) => ({ version, files: [`/assets/room-${version}.js`] })

async function installed(browser: Browser, version = 'one'): Promise<OfflinePage> {
  browser.files = files(version)
  const offline = new OfflinePage(edition(version), browser)
  await offline.install()
  await offline.activate()
  return offline
}

/** A request as a browser makes it for a link. */
function navigation(path: string): Request {
  const request = new Request(origin + path)
  Object.defineProperty(request, 'mode', { value: 'navigate' })
  return request
}

const said = async (answer: Promise<Response> | undefined): Promise<string | undefined> =>
  (await answer)?.text()

describe('the offline page', () => {
  it('gives out what the server has while there is one', async () => {
    const browser = new Browser()
    const offline = await installed(browser)
    browser.files = files('two')
    expect(await said(offline.answer(navigation('/r/room')))).toBe('page two')
    const ahead = Promise.resolve(new Response('came ahead'))
    expect(await said(offline.answer(navigation('/'), ahead))).toBe('came ahead')
  })

  it.each(['away', 'broken', 'silent'] as const)(
    'gives out its copy at every address of the page where the server is %s',
    async (how) => {
      const browser = new Browser()
      const offline = await installed(browser)
      browser.files = how
      for (const path of ['/', '/r', `/r/room#${SECRET}`, '/doctor'])
        expect(await said(offline.answer(navigation(path)))).toBe('page one')
      expect(await said(offline.answer(new Request(`${origin}/assets/room-one.js`)))).toBe(
        'room one',
      )
    },
  )

  it('gives out the server’s own words where there is no copy', async () => {
    const browser = new Browser()
    browser.files = 'broken'
    const offline = new OfflinePage(edition('one'), browser)
    expect((await offline.answer(navigation('/')))?.status).toBe(502)
  })

  it('leaves everything else alone', async () => {
    const offline = await installed(new Browser())
    for (const path of ['/api/health', '/sw.js', '/readme.txt', '/rooms'])
      expect(offline.answer(navigation(path))).toBeUndefined()
    expect(offline.answer(new Request(`${origin}/r/room`))).toBeUndefined()
    const post = new Request(`${origin}/api/rooms`, { method: 'POST' })
    expect(offline.answer(post)).toBeUndefined()
  })

  it('keeps no address that was opened, and no key', async () => {
    const browser = new Browser()
    const offline = await installed(browser)
    await offline.answer(navigation(`/r/room#${SECRET}`))
    const kept = [...browser.stored.values()].flatMap((cache) => [...cache.keys()])
    expect(kept).toEqual([PAGE_PATH, '/assets/room-one.js'])
  })

  it('keeps the parts of the edition before, for windows that still show it, and no older', async () => {
    const browser = new Browser()
    await installed(browser, 'one')
    await installed(browser, 'two')
    const offline = await installed(browser, 'three')
    expect([...browser.stored.keys()]).toEqual(['knothole-two', 'knothole-three'])
    browser.files = 'away'
    expect(await said(offline.answer(navigation('/')))).toBe('page three')
    expect(await said(offline.answer(new Request(`${origin}/assets/room-two.js`)))).toBe('room two')
  })

  it('installs all of an edition or nothing', async () => {
    const browser = new Browser()
    browser.files = 'away'
    await expect(new OfflinePage(edition('one'), browser).install()).rejects.toThrow('no network')
  })
})
