// How every RoomStore behaves: a suite to run against each of them.
import { afterEach, describe, expect, it } from 'vitest'
import { roomIdOf } from '@knothole/wire'
import type { Room, RoomStore } from './room-store.ts'

const NOW_MS = 1_800_000_000_000

/** A room whose id and key are made of one byte. */
export function testRoom(byte: number, more: Partial<Room> = {}): Room {
  return {
    id: roomIdOf(new Uint8Array(16).fill(byte)),
    admissionKey: new Uint8Array(32).fill(byte),
    createdAtMs: NOW_MS,
    lastUsedAtMs: NOW_MS,
    expiresAtMs: NOW_MS + 1000,
    ...more,
  }
}

/** Runs the suite. `open` gives a store with nothing in it; the suite closes it. */
export function describeRoomStore(name: string, open: () => Promise<RoomStore>): void {
  describe(`${name} as a room store`, () => {
    let store: RoomStore | undefined
    const opened = async (): Promise<RoomStore> => (store = await open())
    afterEach(async () => {
      await store?.close()
      store = undefined
    })

    it('R4 finds what was created, and nothing else', async () => {
      const rooms = await opened()
      await rooms.create(testRoom(1))
      await rooms.create(testRoom(2))
      expect(await rooms.find(testRoom(1).id)).toEqual(testRoom(1))
      expect(await rooms.find(testRoom(2).id)).toEqual(testRoom(2))
      expect(await rooms.find(testRoom(3).id)).toBeUndefined()
    })

    it('R4 creates no room twice', async () => {
      const rooms = await opened()
      await rooms.create(testRoom(1))
      const other = testRoom(1, { admissionKey: new Uint8Array(32).fill(9) })
      await expect(rooms.create(other)).rejects.toBeInstanceOf(Error)
      expect(await rooms.find(other.id)).toEqual(testRoom(1))
    })

    it('R4 renews a use, and never backwards', async () => {
      const rooms = await opened()
      const { id } = testRoom(1)
      await rooms.create(testRoom(1))
      await rooms.renew({ id, lastUsedAtMs: NOW_MS + 5, expiresAtMs: NOW_MS + 5000 })
      await rooms.renew({ id, lastUsedAtMs: NOW_MS + 4, expiresAtMs: NOW_MS + 4000 })
      expect(await rooms.find(id)).toEqual(
        testRoom(1, { lastUsedAtMs: NOW_MS + 5, expiresAtMs: NOW_MS + 5000 }),
      )
    })

    it('R4 makes no room of a renewal', async () => {
      const rooms = await opened()
      const { id } = testRoom(1)
      await rooms.renew({ id, lastUsedAtMs: NOW_MS, expiresAtMs: NOW_MS })
      expect(await rooms.find(id)).toBeUndefined()
    })

    it('R4 sweeps what has expired and counts it', async () => {
      const rooms = await opened()
      await rooms.create(testRoom(1, { expiresAtMs: NOW_MS - 1 }))
      await rooms.create(testRoom(2, { expiresAtMs: NOW_MS }))
      await rooms.create(testRoom(3, { expiresAtMs: NOW_MS + 1 }))
      expect(await rooms.sweep(NOW_MS)).toBe(2)
      expect(await rooms.sweep(NOW_MS)).toBe(0)
      expect(await rooms.find(testRoom(2).id)).toBeUndefined()
      expect(await rooms.find(testRoom(3).id)).toBeDefined()
    })
  })
}
