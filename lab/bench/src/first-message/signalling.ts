/** Minimal WebSocket signalling: what one says in a room, the others in it hear. Nothing is kept. */
import type { WebSocket } from 'ws'

/** A handler for a site's sockets; a room is a path. */
export function relayWithinRooms(): (socket: WebSocket, path: string) => void {
  const rooms = new Map<string, Set<WebSocket>>()
  return (socket, path) => {
    const room = rooms.get(path) ?? new Set()
    rooms.set(path, room.add(socket))
    socket.on('message', (frame, binary) => {
      for (const other of room) if (other !== socket) other.send(frame, { binary })
    })
    socket.on('close', () => {
      room.delete(socket)
      if (room.size === 0) rooms.delete(path)
    })
  }
}
