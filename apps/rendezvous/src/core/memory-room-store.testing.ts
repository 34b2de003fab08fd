// Rooms in memory, for tests.
import type { RoomId } from '@knothole/wire'
import type { Room, RoomStore } from './room-store.ts'

export function createMemoryRoomStore(): RoomStore {
  const rooms = new Map<RoomId, Room>()
  return {
    async create(room) {
      if (rooms.has(room.id)) throw new Error('the id is taken')
      rooms.set(room.id, room)
    },
    async find(id) {
      return rooms.get(id)
    },
    async renew({ id, lastUsedAtMs, expiresAtMs }) {
      const room = rooms.get(id)
      if (room === undefined || room.lastUsedAtMs > lastUsedAtMs) return
      rooms.set(id, { ...room, lastUsedAtMs, expiresAtMs })
    },
    async sweep(atMs) {
      const expired = [...rooms.values()].filter((room) => room.expiresAtMs <= atMs)
      for (const { id } of expired) rooms.delete(id)
      return expired.length
    },
    async close() {},
  }
}
