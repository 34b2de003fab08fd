// Has the browser keep a copy of the page for when there is no server, once it has nothing better to do.
import { whenIdle } from '../parts/when-idle.ts'

/** Where the service worker is. */
const WORKER = '/sw.js'

/** Links come up and parts are fetched before. */
const AFTER_MS = 3_000

/** A page that is never idle gets its copy all the same. */
const WITHIN_MS = 10_000

/** Registers the service worker, where there can be one. */
export function keepCopyLater(): void {
  if (!('serviceWorker' in navigator)) return
  setTimeout(() => {
    whenIdle(() => {
      // reason: private windows and full disks refuse; the page is there while its server is.
      navigator.serviceWorker.register(WORKER, { updateViaCache: 'none' }).catch(() => undefined)
    }, WITHIN_MS)
  }, AFTER_MS)
}
