// Opens the socket, the first connection and the identity's store before the engine is there: the
// page's first script calls this while the rest of the page is still arriving, which saves up to two
// round trips to the server.
// Small, and imports little, because it stands in the page before everything else.
import { AHEAD, CHALLENGE, joinPath, parseRoomId, socketPath } from '@knothole/wire'
import type { KeyPair } from '../ports/index.ts'
import { loadIdentity } from './identity-store.ts'
import { openConnection } from './open-connection.ts'
import type { OpenedConnection } from './open-connection.ts'
import { webCrypto } from './web-crypto.ts'

/** What was opened ahead; the engine's first socket and first connection become these. */
export interface HeadStart {
  readonly socketUrl: string
  readonly socket: WebSocket
  /** By which we may join before the socket is open, where a challenge came with the page. */
  readonly ahead: Ahead | undefined
  /** Messages that came before the engine was there, and what ends their keeping. */
  readonly messages: MessageEvent<unknown>[]
  readonly keeping: AbortController
  readonly opened: OpenedConnection
  /** The connection's offer is being made. */
  readonly offered: Promise<void>
  readonly identity: Promise<KeyPair>
}

/** What a join ahead of its socket needs. */
export interface Ahead {
  readonly joinUrl: string
  readonly challenge: string
  readonly token: string
}

declare global {
  var knotholeHeadStart: HeadStart | undefined
}

/** Shortest fragment that can be a room secret; a shorter one means a link cut short. */
const SECRET_LENGTH = 22

/** Opens ahead when the page is at a room's link and may use WebRTC. */
export function headStart(stunUrls: readonly string[]): void {
  const { origin, pathname, hash } = location
  const room = parseRoomId(pathname.split('/')[2] ?? '')
  if (room === undefined || !pathname.startsWith('/r/') || hash.length <= SECRET_LENGTH) return
  if (!isSecureContext || typeof RTCPeerConnection === 'undefined') return
  // First, because a database that is not there yet takes longest of all.
  const identity = loadIdentity(webCrypto())
  const socketUrl = socketUrlOf(origin) + socketPath(room)
  const ahead = aheadOf(joinPath(room))
  const query = ahead === undefined ? '' : `?${AHEAD}=${ahead.token}`
  const socket = new WebSocket(socketUrl + query)
  const messages: MessageEvent<unknown>[] = []
  socket.binaryType = 'arraybuffer'
  const keeping = new AbortController()
  const keep = (message: MessageEvent<unknown>): number => messages.push(message)
  socket.addEventListener('message', keep, { signal: keeping.signal })
  const opened = openConnection(stunUrls)
  const offered = opened.connection.setLocalDescription()
  globalThis.knotholeHeadStart = {
    socketUrl,
    socket,
    ahead,
    messages,
    keeping,
    opened,
    offered,
    identity,
  }
}

/** The head start for a socket URL, once. One that was meant for another is closed. */
export function takeHeadStart(socketUrl: string): HeadStart | undefined {
  const start = globalThis.knotholeHeadStart
  globalThis.knotholeHeadStart = undefined
  if (start === undefined || start.socketUrl === socketUrl) return start
  start.socket.close()
  start.opened.connection.close()
  return undefined
}

/** Reads the challenge that came with the page (Server Timing, section 4); not every browser shows it. */
function aheadOf(joinUrl: string): Ahead | undefined {
  const [page] = performance.getEntriesByType(
    'navigation',
  ) as Partial<PerformanceNavigationTiming>[]
  const challenge = page?.serverTiming?.find(({ name }) => name === CHALLENGE)?.description
  return challenge === undefined ? undefined : { joinUrl, challenge, token: crypto.randomUUID() }
}

/** The WebSocket scheme and host of a page's origin. */
export function socketUrlOf(origin: string): string {
  return origin.replace(/^http/, 'ws')
}
