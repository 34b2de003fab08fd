// Who may join: the answer to a challenge is checked against the room. Two signatures over one
// transcript: the admission key's proves that the link is held, the session key's that the place
// is the peer's own.
import { joinBytes, PROTOCOL_VERSION } from '@knothole/wire'
import type { Bytes, JoinFrame, RefusalCode, RoomId } from '@knothole/wire'
import type { CryptoPort } from './crypto-port.ts'
import type { Room } from './room-store.ts'

/** What a join is checked against. */
export interface JoinCheck {
  readonly roomId: RoomId
  readonly room: Room | undefined
  readonly nonce: Bytes
  readonly nowMs: number
  readonly crypto: CryptoPort
}

/** Why a join is refused, or undefined when it is good. */
export function refusalOfJoin(join: JoinFrame, check: JoinCheck): RefusalCode | undefined {
  const { roomId, room, nonce, nowMs, crypto } = check
  if (join.version !== PROTOCOL_VERSION) return 'unsupported-version'
  if (room === undefined || room.expiresAtMs <= nowMs) return 'room-not-found'
  const { session, card, offer } = join
  const data = joinBytes({ room: roomId, nonce, session, card, offer })
  const admitted = crypto.verify({ key: room.admissionKey, data, signature: join.admission })
  const proven = crypto.verify({ key: session, data, signature: join.proof })
  return admitted && proven ? undefined : 'not-admitted'
}
