// Asks rendezvous for a room. A part of the page that whoever opens a link does not need.
import { encodeBase64url, ROOMS_PATH, roomAnswer } from '@knothole/wire'
import type { Bytes, RoomAnswer, RoomPlace } from '@knothole/wire'
import { safeParse } from 'valibot'
import { EngineError } from '../shell/engine-error.ts'

/** A room as its first rendezvous made it, and where else it is. */
export interface MadeRoom {
  /** The link without its secret. */
  readonly url: string
  readonly also: readonly RoomPlace[]
}

/** Other rendezvous have this long to make a room, which is waited for. */
const OTHERS_WITHIN_MS = 2_000

/** Has a room made at an origin, and at others that answer in time. @throws EngineError */
export async function makeRoom(
  origin: string,
  others: readonly string[],
  admissionKey: Bytes,
): Promise<MadeRoom> {
  const places = others.map((other) => placeAt(other, admissionKey))
  const { url } = await askForRoom(origin, admissionKey)
  const also = (await Promise.all(places)).filter((place) => place !== undefined)
  return { url, also }
}

/** The room at another rendezvous; undefined when that does not answer soon: the room does without. */
async function placeAt(origin: string, admissionKey: Bytes): Promise<RoomPlace | undefined> {
  const late = AbortSignal.timeout(OTHERS_WITHIN_MS)
  const answer = await askForRoom(origin, admissionKey, late).catch(() => undefined)
  return answer === undefined ? undefined : { origin, room: answer.room }
}

async function askForRoom(
  origin: string,
  admissionKey: Bytes,
  signal: AbortSignal | null = null,
): Promise<RoomAnswer> {
  let response: Response
  try {
    response = await fetch(origin + ROOMS_PATH, {
      method: 'POST',
      signal,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ admissionKey: encodeBase64url(admissionKey) }),
    })
  } catch (cause) {
    throw new EngineError('rendezvous-unreachable', 'The server cannot be reached.', { cause })
  }
  const answer = safeParse(roomAnswer, await response.json().catch(() => undefined))
  if (response.ok && answer.success) return answer.output
  const message = `The server refused to make a room (${response.status}).`
  throw new EngineError('rendezvous-refused', message)
}
