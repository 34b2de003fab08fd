// The page where there is no network, or its server is gone: one copy of the page and of its parts, taken
// when the browser had time, and given out only when the network has nothing better. Keeps nothing that
// was asked for: the page is kept under one name, whichever room was opened, and no key ever gets here.

/** What this version of the page is made of. */
export interface Edition {
  /** Another for every build. */
  readonly version: string
  /** Paths of its parts. */
  readonly files: readonly string[]
}

/** What is needed of the browser. */
export interface Surroundings {
  readonly caches: Pick<CacheStorage, 'open' | 'keys' | 'delete' | 'match'>
  fetch(request: Request): Promise<Response>
  /** Resolves after so many ms. */
  pause(ms: number): Promise<void>
}

/** The one name under which the page is kept. */
export const PAGE_PATH = '/'

/** Begins the names of our caches. */
const CACHE = 'knothole-'

/** A server that has not answered by then is as good as gone, where there is a copy. */
export const PATIENCE_MS = 4_000

/** The edition before stays: a window of it may still want its parts. */
const EDITIONS_KEPT = 2

/** Paths that the page draws; others are files, or the server's own. */
const PAGES = /^\/(?:r(?:\/.*)?|doctor)?$/

/** Parts, whose names mean one content for ever. */
const PARTS = /^\/assets\/[\w-]+\.js$/

/** Answers for the server. */
export class OfflinePage {
  readonly #edition: Edition
  readonly #browser: Surroundings

  constructor(edition: Edition, browser: Surroundings) {
    this.#edition = edition
    this.#browser = browser
  }

  /** Takes a whole copy, or none. */
  async install(): Promise<void> {
    const cache = await this.#browser.caches.open(CACHE + this.#edition.version)
    await cache.addAll([PAGE_PATH, ...this.#edition.files])
  }

  /** Lets go of editions long past. */
  async activate(): Promise<void> {
    const { caches } = this.#browser
    const current = CACHE + this.#edition.version
    const ours = (await caches.keys()).filter((name) => name.startsWith(CACHE) && name !== current)
    const past = ours.slice(0, Math.max(0, ours.length - (EDITIONS_KEPT - 1)))
    await Promise.all(past.map((name) => caches.delete(name)))
  }

  /** The answer to a request; undefined for what is none of our business. */
  answer(request: Request, ahead?: Promise<Response | undefined>): Promise<Response> | undefined {
    if (request.method !== 'GET') return undefined
    const { pathname } = new URL(request.url)
    if (request.mode === 'navigate' && PAGES.test(pathname)) return this.#page(request, ahead)
    return PARTS.test(pathname) ? this.#part(request) : undefined
  }

  /** The network's page while it has one: so a new edition is there at the next visit. */
  async #page(
    request: Request,
    ahead: Promise<Response | undefined> | undefined,
  ): Promise<Response> {
    const fetched = this.#fetched(request, ahead)
    const answer = await Promise.race([
      // reason: without a network the copy is the answer.
      fetched.catch(() => undefined),
      this.#browser.pause(PATIENCE_MS),
    ])
    if (answer !== undefined && answer.status < 500) return answer
    const cache = await this.#browser.caches.open(CACHE + this.#edition.version)
    return (await cache.match(PAGE_PATH)) ?? fetched
  }

  async #fetched(
    request: Request,
    ahead: Promise<Response | undefined> | undefined,
  ): Promise<Response> {
    return (await ahead) ?? this.#browser.fetch(request)
  }

  async #part(request: Request): Promise<Response> {
    return (await this.#browser.caches.match(request)) ?? this.#browser.fetch(request)
  }
}
