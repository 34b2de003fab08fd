// The link people share: https://host/r/<room>#<secret>. The secret lives in the fragment, which
// browsers send to no server; so do other rendezvous of the room, each with its own id there. Refuses whatever two programs could read as two different hosts.
import { decodeBase64url, encodeBase64url } from './bytes.ts'
import type { Bytes } from './bytes.ts'
import { parseRoomId } from './ids.ts'
import type { RoomId } from './ids.ts'
import { MAX_OTHER_PLACES, MAX_URL_LENGTH } from './limits.ts'

/** Bytes of a room secret: 128 random bits. */
export const SECRET_BYTES = 16

/** A room at one rendezvous. `origin` is scheme, host and, unless the scheme's own, port. */
export interface RoomPlace {
  readonly origin: string
  readonly room: RoomId
}

/** A room link taken apart. */
export interface RoomLink extends RoomPlace {
  readonly secret: Bytes
  /** Where else the room is, in the order in which people go there when the first does not answer. */
  readonly also?: readonly RoomPlace[] | undefined
}

/** Why a text is not a room link. */
export type RoomLinkFault = 'not-a-link' | 'no-room' | 'no-secret'

/** Scheme, host and port; path; secret. The query, where trackers write, is not kept. */
const LINK = /^(https?:\/\/[^/?#\s]+)(\/[^?#\s]*)?(?:\?[^#\s]*)?(?:#(.*))?$/i

/**
 * A host is a bracketed IPv6 address or free of what the URL standard forbids in a host: an `@` or a
 * backslash would make the name a reader sees another than the one a browser asks.
 */
const ORIGIN = /^(https?):\/\/(\[[\d:.a-f]+\]|[^[\]@\\:<>^|%"\p{Cc}\p{Cf}\p{Cs}]+)(?::(\d{1,5}))?$/u

const DEFAULT_PORTS: ReadonlyMap<string | undefined, number> = new Map([
  ['http', 80],
  ['https', 443],
])

/** The link as text. */
export function formatRoomLink(link: RoomLink): string {
  const also = (link.also ?? []).map(({ origin, room }) => {
    const [, scheme, host] = /^(https?):\/\/(.+)$/.exec(origin) ?? []
    return `/${scheme === 'http' ? 'http:' : ''}${host}/${room}`
  })
  return `${link.origin}/r/${link.room}#${encodeBase64url(link.secret)}${also.join('')}`
}

/** Takes a link apart, or says what is wrong with it. Space around it does not matter. */
export function parseRoomLink(text: string): RoomLink | RoomLinkFault {
  const match = text.length <= MAX_URL_LENGTH ? LINK.exec(text.trim()) : null
  const origin = parseOrigin(match?.[1] ?? '')
  if (match === null || origin === undefined) return 'not-a-link'
  const room = roomOf(match[2] ?? '')
  if (room === undefined) return 'no-room'
  const fragment = parseFragment(match[3] ?? '')
  return fragment === undefined ? 'no-secret' : { origin, room, ...fragment }
}

/** The secret, and other places behind it. */
function parseFragment(text: string): Pick<RoomLink, 'secret' | 'also'> | undefined {
  const [first = '', ...others] = text.split('/')
  const secret = decodeBase64url(first)
  const also = placesOf(others)
  if (secret?.length !== SECRET_BYTES || also === undefined) return undefined
  return also.length === 0 ? { secret } : { secret, also }
}

/** Pairs of a host and a room; undefined when they are anything else. */
function placesOf(parts: readonly string[]): RoomPlace[] | undefined {
  if (parts.length > 2 * MAX_OTHER_PLACES) return undefined
  const places: RoomPlace[] = []
  for (let at = 0; at < parts.length; at += 2) {
    const [, http, host = ''] = /^(http:)?(.*)$/.exec(parts[at] ?? '') ?? []
    const origin = parseOrigin(`${http ?? 'https:'}//${host}`)
    const room = parseRoomId(parts[at + 1] ?? '')
    if (origin === undefined || room === undefined) return undefined
    places.push({ origin, room })
  }
  return places
}

function roomOf(path: string): RoomId | undefined {
  return parseRoomId(/^\/r\/([^/]+)\/?$/.exec(path)?.[1] ?? '')
}

/** An origin in its one spelling, as browsers write it: lower case, without the scheme's own port. */
function parseOrigin(text: string): string | undefined {
  const [, scheme, host, digits] = ORIGIN.exec(text.toLowerCase()) ?? []
  if (host === undefined) return undefined
  const port = digits === undefined ? DEFAULT_PORTS.get(scheme) : Number(digits)
  if (port === undefined || port === 0 || port > 65535) return undefined
  return `${scheme}://${host}${port === DEFAULT_PORTS.get(scheme) ? '' : `:${port}`}`
}
