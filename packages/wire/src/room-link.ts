// The link people share: https://host/r/<room>#<secret>. The secret lives in the fragment, which
// browsers send to no server.
import { decodeBase64url, encodeBase64url } from './bytes.ts'
import type { Bytes } from './bytes.ts'
import { parseRoomId } from './ids.ts'
import type { RoomId } from './ids.ts'

/** Bytes of a room secret: 128 random bits. */
export const SECRET_BYTES = 16

/** A room link taken apart. `origin` is scheme, host and port. */
export interface RoomLink {
  readonly origin: string
  readonly room: RoomId
  readonly secret: Bytes
}

/** Why a text is not a room link. */
export type RoomLinkFault = 'not-a-link' | 'no-room' | 'no-secret'

/** The link as text. */
export function formatRoomLink(link: RoomLink): string {
  return `${link.origin}/r/${link.room}#${encodeBase64url(link.secret)}`
}

/** Takes a link apart, or says what is wrong with it. */
export function parseRoomLink(text: string): RoomLink | RoomLinkFault {
  const match = /^(https?:\/\/[^/?#\s]+)(\/[^?#\s]*)?(?:\?[^#\s]*)?(?:#(.*))?$/.exec(text.trim())
  if (match?.[1] === undefined) return 'not-a-link'
  const room = parseRoomId(/^\/r\/([^/]+)\/?$/.exec(match[2] ?? '')?.[1] ?? '')
  if (room === undefined) return 'no-room'
  const secret = decodeBase64url(match[3] ?? '')
  if (secret?.length !== SECRET_BYTES) return 'no-secret'
  return { origin: match[1], room, secret }
}
