// The HTTP interface of the rendezvous (JSON) and what its page is told: paths, bodies and answers.
import * as v from 'valibot'
import { decodeBase64url } from './bytes.ts'
import type { RoomId } from './ids.ts'
import { MAX_OTHER_PLACES, MAX_STUN_URLS, MAX_URL_LENGTH } from './limits.ts'
import { KEY_BYTES } from './rendezvous-frames.ts'
import { count, roomId, textUpTo } from './schemas.ts'

/** `POST` makes a room. */
export const ROOMS_PATH = '/api/rooms'

/** The WebSocket of a room. */
export function socketPath(room: RoomId): string {
  return `${ROOMS_PATH}/${room}/socket`
}

/** Body of `POST /api/rooms`: the admission public key, base64url. */
export interface RoomRequest {
  readonly admissionKey: string
}

/** Answer of `POST /api/rooms`. `url` lacks the secret, which its maker adds as the fragment. */
export interface RoomAnswer {
  readonly room: RoomId
  readonly url: string
  readonly expiresAtMs: number
}

/** Body of every HTTP error. */
export interface ErrorAnswer {
  readonly error: { readonly code: string; readonly message: string }
}

/** What the rendezvous writes into its page for the engine: STUN servers as RTCIceServer URLs. */
export interface PageConfig {
  readonly stunUrls: readonly string[]
  /** Origins of other rendezvous at which new rooms are made too. */
  readonly also?: readonly string[] | undefined
}

export const roomRequest: v.GenericSchema<RoomRequest> = v.strictObject({
  admissionKey: v.custom<string>(
    (value) => typeof value === 'string' && decodeBase64url(value)?.length === KEY_BYTES,
  ),
})

export const roomAnswer: v.GenericSchema<RoomAnswer> = v.object({
  room: roomId,
  url: textUpTo(MAX_URL_LENGTH),
  expiresAtMs: count,
})

export const pageConfig: v.GenericSchema<PageConfig> = v.object({
  stunUrls: v.pipe(v.array(textUpTo(MAX_URL_LENGTH)), v.maxLength(MAX_STUN_URLS)),
  also: v.optional(v.pipe(v.array(textUpTo(MAX_URL_LENGTH)), v.maxLength(MAX_OTHER_PLACES))),
})
