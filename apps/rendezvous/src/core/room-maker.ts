// Makes rooms: an id nobody can guess, an admission key, a life span. Refuses a network that makes
// too many.
import { createSourceRateLimit } from '@knothole/traversal'
import type { SourceRateLimit, TransportAddress } from '@knothole/traversal'
import { ID_BYTES, roomIdOf } from '@knothole/wire'
import type { Bytes } from '@knothole/wire'
import type { CryptoPort } from './crypto-port.ts'
import { MAX_NETWORKS, ROOM_RATE } from './limits.ts'
import type { Room } from './room-store.ts'

export interface RoomMakerOptions {
  readonly crypto: Pick<CryptoPort, 'randomBytes'>
  /** How long an unused room lives. */
  readonly roomLifeMs: number
  /** Whether one network may make only so many. */
  readonly limitNetworks: boolean
}

export class RoomMaker {
  readonly #options: RoomMakerOptions
  readonly #rate: SourceRateLimit = createSourceRateLimit({
    ...ROOM_RATE,
    maxSources: MAX_NETWORKS,
  })

  constructor(options: RoomMakerOptions) {
    this.#options = options
  }

  /** A new room, not yet stored; undefined when its network has made too many. */
  make(admissionKey: Bytes, remote: TransportAddress, nowMs: number): Room | undefined {
    if (this.#options.limitNetworks && !this.#rate.take(remote, nowMs)) return undefined
    return {
      id: roomIdOf(this.#options.crypto.randomBytes(ID_BYTES)),
      admissionKey,
      createdAtMs: nowMs,
      lastUsedAtMs: nowMs,
      expiresAtMs: nowMs + this.#options.roomLifeMs,
    }
  }
}
