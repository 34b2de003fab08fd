// Sealed stores over tables in memory, opened as a runtime opens them.
import type { Bytes } from '@knothole/wire'
import type { Subtle } from '../../ports/index.ts'
import type { MemoryRows } from './memory-rows.testing.ts'
import { RestSeals } from '../seals/rest-seals.ts'
import { SealedLogStore } from './sealed-log-store.ts'

export const subtle = globalThis.crypto.subtle as unknown as Subtle

export const randomBytes = (length: number): Bytes =>
  globalThis.crypto.getRandomValues(new Uint8Array(length))

/** The secret of a room. */
export const secretOf = (room: number): Bytes => new Uint8Array(16).fill(room)

/** A store of a room over a table. */
export async function openOver(rows: MemoryRows, room = 1): Promise<SealedLogStore> {
  const seals = await RestSeals.of(secretOf(room), { subtle, randomBytes })
  return new SealedLogStore(rows, seals, randomBytes)
}
