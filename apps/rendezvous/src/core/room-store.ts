// Where rooms are kept: five facts a room, and nothing of the people in it.
import type { Bytes, RoomId } from '@knothole/wire'

/** A room as the database knows it. Times are ms since 1970. */
export interface Room {
  readonly id: RoomId
  /** Ed25519 public key whose signature admits. */
  readonly admissionKey: Bytes
  readonly createdAtMs: number
  readonly lastUsedAtMs: number
  readonly expiresAtMs: number
}

/** A room was used: from when to when it lives now. */
export interface RoomUse {
  readonly id: RoomId
  readonly lastUsedAtMs: number
  readonly expiresAtMs: number
}

/** A store of rooms; a promise that settles means that it is on disk. `room-store.testing.ts` says how it behaves. */
export interface RoomStore {
  /** Keeps a new room. Rejects when its id is taken. */
  create(room: Room): Promise<void>
  find(id: RoomId): Promise<Room | undefined>
  /** Notes a use; one that is older than what is known, or of a room that is gone, changes nothing. */
  renew(use: RoomUse): Promise<void>
  /** Forgets rooms that expired at `atMs` or before; answers how many. */
  sweep(atMs: number): Promise<number>
  close(): Promise<void>
}
