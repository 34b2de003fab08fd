// The engine in a browser: make a room, join a room.
import {
  encodeBase64url,
  formatRoomLink,
  parseRoomLink,
  SECRET_BYTES,
  socketPath,
} from '@knothole/wire'
import type { Bytes, PageConfig, RoomLink } from '@knothole/wire'
import type { KeyPair, Subtle } from '../ports/index.ts'
import { EngineError } from '../shell/engine-error.ts'
import type { Credentials } from '../shell/seals/introducer.ts'
import { generateRelayKey } from '../shell/seals/relay-key.ts'
import { deriveRoomKeys } from '../shell/seals/room-keys.ts'
import { checkName } from '../shell/name.ts'
import { openRoom } from '../shell/room.ts'
import type { Room, RoomPorts } from '../shell/room.ts'
import { generateKeyPair, memberOf, peerOf, signingKeyOf } from '../shell/seals/signing-key.ts'
import type { LoadDetours } from '../shell/detours-module.ts'
import type { LoadLog } from '../shell/talk/log-module.ts'
import { browserClock } from './clock.ts'
import { socketUrlOf, takeHeadStart } from './head-start.ts'
import type { HeadStart } from './head-start.ts'
import { loadIdentity } from './identity-store.ts'
import { openConnection } from './open-connection.ts'
import { BrowserRtcConnection } from './rtc-connection.ts'
import { watchNetwork } from './network.ts'
import { adoptSocket, knock, openBrowserSocket } from './socket.ts'
import { webCrypto } from './web-crypto.ts'

export * from '../core/room-state.ts'
export type * from '../core/talk/message.ts'
export { EngineError } from '../shell/engine-error.ts'
export type { EngineErrorCode } from '../shell/engine-error.ts'
export type { ImportReport } from '../shell/talk/log-module.ts'
export type { PaperAnswer, PaperFault, PaperInvite } from '../shell/paper/paper.ts'
export type { PaperApi } from '../shell/paper/room-paper.ts'
export type { Room, RoomEvents } from '../shell/room.ts'

export interface JoinOptions extends PageConfig {
  /** As others will see it. A promise while it is being looked up: joining begins meanwhile. */
  readonly name: string | Promise<string>
  /**
   * Join by relays only, so that members do not learn our address. A promise while it is being looked
   * up: the socket is opened meanwhile.
   */
  readonly hideAddress?: boolean | Promise<boolean> | undefined
  /** Nothing will be said: neither the code of the log is fetched nor a store of the room opened. */
  readonly isSilent?: boolean | undefined
  /** The code of the log is fetched after this: a page that is about to show its first words has no time for it. */
  readonly afterFirstWords?: Promise<void> | undefined
}

/** What this browser or page lacks, if anything. */
export function browserFault(): 'insecure-page' | 'no-webrtc' | 'no-webcrypto' | undefined {
  if (!globalThis.isSecureContext) return 'insecure-page'
  if (typeof RTCPeerConnection === 'undefined') return 'no-webrtc'
  return typeof crypto === 'undefined' || !('subtle' in crypto) ? 'no-webcrypto' : undefined
}

/** Asks the rendezvous at `origin` for a room and joins it. @throws EngineError */
export async function createRoom(
  options: JoinOptions & { readonly origin: string },
): Promise<Room> {
  const subtle = checkedCrypto()
  const secret = randomBytes(SECRET_BYTES)
  const { admission } = await deriveRoomKeys(subtle, secret)
  const { makeRoom } = await import('./make-room.ts').catch((cause: unknown) => {
    throw new EngineError('rendezvous-unreachable', 'The server cannot be reached.', { cause })
  })
  const { url, also } = await makeRoom(options.origin, options.also ?? [], admission.publicKey)
  const link = parseRoomLink(`${url}#${encodeBase64url(secret)}`)
  if (typeof link !== 'string')
    return join(also.length === 0 ? link : { ...link, also }, true, options)
  const words = 'The server answered with something that is not a room.'
  throw new EngineError('rendezvous-refused', words)
}

/** Joins the room of a link; close it when the page goes. Resolves before the rendezvous has answered. @throws EngineError */
export async function joinRoom(link: string, options: JoinOptions): Promise<Room> {
  const parsed = parseRoomLink(link)
  if (typeof parsed === 'string') throw new EngineError(parsed, LINK_WORDS[parsed])
  // The grammar of links is wider than that of URLs in host names: `https://k。443` names no host.
  if (!URL.canParse(parsed.origin)) throw new EngineError('not-a-link', LINK_WORDS['not-a-link'])
  return join(parsed, false, options)
}

/** Erases what this browser keeps of a room that is not open. @throws EngineError */
export async function forgetRoom(link: string): Promise<void> {
  const parsed = parseRoomLink(link)
  if (typeof parsed === 'string') throw new EngineError(parsed, LINK_WORDS[parsed])
  const { logId } = await deriveRoomKeys(checkedCrypto(), parsed.secret)
  const { eraseIndexedDbLog } = await import('./log.ts')
  await eraseIndexedDbLog(logId)
}

const LINK_WORDS = {
  'not-a-link': 'This is not a link to a room.',
  'no-room': 'This link names no room.',
  'no-secret': 'This link is not complete: the part after # is missing or cut short.',
}

async function join(link: RoomLink, roomIsNew: boolean, options: JoinOptions): Promise<Room> {
  const subtle = checkedCrypto()
  const socketUrl = socketUrlOf(link.origin) + socketPath(link.room)
  const start = roomIsNew ? undefined : takeHeadStart(socketUrl)
  const credentials = credentialsFor(subtle, link.secret, start?.identity ?? loadIdentity(subtle))
  // Whoever opens the room is told; until then nobody listens.
  credentials.catch(() => undefined)
  // The identity is waited for anyway, and comes from the same store.
  const hidden = (await options.hideAddress) === true
  const card = { name: '', device: device() }
  if (hidden) start?.opened.connection.close()
  return openRoom(
    {
      room: link.room,
      link: formatRoomLink(link),
      socketUrl,
      also: link.also?.map(({ origin, room }) => ({
        room,
        socketUrl: socketUrlOf(origin) + socketPath(room),
      })),
      card: hidden ? { ...card, hidden } : { ...card, relays: card.device === 'desktop' },
      roomIsNew,
      credentials,
      name: Promise.resolve(options.name).then(checkName),
    },
    {
      clock: browserClock,
      randomBytes,
      subtle,
      loadDetours: loadDetours(options.stunUrls),
      loadLog:
        options.isSilent === true ? undefined : loadLog(link.secret, options.afterFirstWords),
      watchNetwork,
      knock,
      loadPaper: () => import('./paper.ts'),
      ...openers(options.stunUrls, start),
    },
  )
}

/** Fetches what a conversation needs. */
function loadLog(secret: Bytes, afterFirstWords: Promise<void> | undefined): LoadLog {
  return async () => {
    await afterFirstWords
    return (await import('./log.ts')).browserLog(secret)
  }
}

/** Fetches what most pairs never need. */
function loadDetours(stunUrls: readonly string[]): LoadDetours {
  return async (hooks) => {
    const { BrowserDetours } = await import('./detours.ts')
    return new BrowserDetours({ stunUrls, nowMs: () => browserClock.nowMs() }, hooks)
  }
}

/** Opens sockets and connections; the first of each is the head start's, where there is one. */
function openers(
  stunUrls: readonly string[],
  start: HeadStart | undefined,
): Pick<RoomPorts, 'openSocket' | 'openRtc'> {
  let socket = start
  let connection = start
  return {
    openSocket(url, events) {
      const ahead = socket
      socket = undefined
      if (ahead === undefined) return openBrowserSocket(url, events)
      return adoptSocket(ahead, events)
    },
    openRtc(onEvent, options) {
      const ahead = connection
      connection = undefined
      if (ahead === undefined || options !== undefined) {
        ahead?.opened.connection.close()
        return new BrowserRtcConnection(openConnection(stunUrls, options), onEvent)
      }
      return new BrowserRtcConnection(ahead.opened, onEvent, ahead.offered)
    },
  }
}

async function credentialsFor(
  subtle: Subtle,
  secret: Bytes,
  stored: Promise<KeyPair>,
): Promise<Credentials> {
  const [keys, identity, session, relay] = await Promise.all([
    deriveRoomKeys(subtle, secret),
    stored.then((pair) => signingKeyOf(subtle, pair)),
    generateKeyPair(subtle).then((pair) => signingKeyOf(subtle, pair)),
    generateRelayKey(subtle),
  ]).catch((cause: unknown) => {
    // The one step that a browser with Web Cryptography may lack is Ed25519 (2024 to 2025 in all of them).
    throw new EngineError('no-webcrypto', 'This browser is too old: it lacks Ed25519.', { cause })
  })
  const [peer, member] = await Promise.all([
    peerOf(subtle, session.publicKey),
    memberOf(subtle, identity.publicKey),
  ])
  return { keys, identity, session, peer, member, relay }
}

function checkedCrypto(): Subtle {
  const fault = browserFault()
  if (fault !== undefined) throw new EngineError(fault, FAULT_WORDS[fault])
  return webCrypto()
}

const FAULT_WORDS = {
  'insecure-page': 'The page must be opened over https or on localhost.',
  'no-webrtc': 'This browser has no WebRTC.',
  'no-webcrypto': 'This browser has no Web Cryptography.',
}

function randomBytes(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length))
}

function device(): 'desktop' | 'phone' {
  return matchMedia('(pointer: coarse)').matches ? 'phone' : 'desktop'
}
