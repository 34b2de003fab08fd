import type { Bytes } from '@knothole/wire'

/** A message socket to a rendezvous, as WebSocket is. Sending on one that is not open does nothing. */
export interface Socket {
  send(frame: Bytes): void
  close(): void
}

/** What a socket tells. `onClose` comes once, whoever closed it; 1006 when it never opened or broke. */
export interface SocketEvents {
  onOpen(): void
  onFrame(frame: Bytes): void
  onClose(code: number): void
}

/** Opens a socket to a ws: or wss: URL. */
export type OpenSocket = (url: string, events: SocketEvents) => Socket
