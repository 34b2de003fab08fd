// The headers that make a browser keep to what the page needs: no foreign code, no foreign requests,
// no framing, no referrer. There are no cookies.
import type { PublicHost } from './public-host.ts'

/** Half a year, the least that browsers' preload lists and auditors accept. */
const HSTS_SECONDS = 15_552_000

/**
 * What the page may ask a browser for: copying a link. Features that browsers do not all know are left
 * out, because Chromium complains on the console; of those, sharing is ours by default.
 */
const PERMISSIONS = [
  'accelerometer=()',
  'browsing-topics=()',
  'camera=()',
  'clipboard-read=()',
  'clipboard-write=(self)',
  'display-capture=()',
  'geolocation=()',
  'gyroscope=()',
  'hid=()',
  'magnetometer=()',
  'microphone=()',
  'midi=()',
  'payment=()',
  'serial=()',
  'usb=()',
].join(', ')

/** Headers of every answer. */
export function commonHeaders(isHttps: boolean): Readonly<Record<string, string>> {
  return {
    'content-security-policy': "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': PERMISSIONS,
    ...(isHttps ? { 'strict-transport-security': `max-age=${HSTS_SECONDS}` } : {}),
  }
}

/** Lets the page of a rendezvous that we were told of read our answers; nobody else's. */
export function sharingHeaders(
  origin: string | undefined,
  also: readonly URL[],
): Readonly<Record<string, string>> {
  if (also.length === 0) return {}
  const isKnown = also.some((url) => url.origin === origin)
  return {
    vary: 'origin',
    ...(isKnown && origin !== undefined
      ? {
          'access-control-allow-origin': origin,
          'access-control-allow-methods': 'POST',
          'access-control-allow-headers': 'content-type',
        }
      : {}),
  }
}

/** Hashes of what the page carries inline, as `sha256-…`. */
export interface InlineHashes {
  readonly scripts: readonly string[]
  readonly styles: readonly string[]
}

/** Where a page is from, and the other rendezvous it may ask. */
export interface PageOrigin {
  readonly host: PublicHost
  readonly isHttps: boolean
  readonly also: readonly URL[]
}

/** The policy of the page: its own script and style by hash, what its own server has besides, and nothing else. */
export function pagePolicy(hashes: InlineHashes, { host, isHttps, also }: PageOrigin): string {
  // 'self' covers WebSockets in today's browsers; Safari before 15.4 needs them named.
  const socket = `${isHttps ? 'wss' : 'ws'}://${host.host}`
  return [
    "default-src 'none'",
    // 'self' for the parts of the page that it fetches when they are wanted.
    `script-src 'self' ${sources(hashes.scripts)}`.trim(),
    `style-src ${hashes.styles.length === 0 ? "'none'" : sources(hashes.styles)}`,
    `connect-src ${["'self'", socket, ...also.flatMap(reachable)].join(' ')}`,
    "img-src 'self' data:",
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** Requests and sockets of another rendezvous. */
function reachable(url: URL): string[] {
  return [url.origin, url.origin.replace(/^http/, 'ws')]
}

/** Where the page's service worker is. */
export const WORKER_PATH = '/sw.js'

/** The policy of the service worker: it may ask its own server, for the page it keeps. */
export const WORKER_POLICY = "default-src 'none'; connect-src 'self'"

function sources(hashes: readonly string[]): string {
  return hashes.map((hash) => `'${hash}'`).join(' ')
}
