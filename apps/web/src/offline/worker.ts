// The service worker: ties the offline page to the browser's events. A file of its own (/sw.js), another
// one for every build, which takes over at once.
import { OfflinePage } from './offline-page.ts'
import type { Edition } from './offline-page.ts'

/** Written in by the build. */
declare const KNOTHOLE_EDITION: Edition

// The types of workers do not go together with those of windows; this is what is used of them.
interface WorkerEvent {
  waitUntil(done: Promise<unknown>): void
}

interface RequestEvent {
  readonly request: Request
  readonly preloadResponse: Promise<Response | undefined>
  respondWith(answer: Promise<Response>): void
}

interface WorkerScope {
  readonly clients: { claim(): Promise<void> }
  readonly registration: { readonly navigationPreload?: { enable(): Promise<void> } }
  skipWaiting(): Promise<void>
  addEventListener(type: 'install' | 'activate', listener: (event: WorkerEvent) => void): void
  addEventListener(type: 'fetch', listener: (event: RequestEvent) => void): void
}

const scope = globalThis as unknown as WorkerScope
const offline = new OfflinePage(KNOTHOLE_EDITION, {
  caches,
  fetch: (request) => fetch(request),
  pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
})

scope.addEventListener('install', (event) => {
  event.waitUntil(offline.install().then(() => scope.skipWaiting()))
})

scope.addEventListener('activate', (event) => {
  // The request goes out while this worker is still being started.
  const enabled = scope.registration.navigationPreload?.enable()
  event.waitUntil(Promise.all([enabled, offline.activate(), scope.clients.claim()]))
})

scope.addEventListener('fetch', (event) => {
  const ahead = event.request.mode === 'navigate' ? event.preloadResponse : undefined
  const answer = offline.answer(event.request, ahead)
  if (answer !== undefined) event.respondWith(answer)
})
