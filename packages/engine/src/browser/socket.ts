// The browser's WebSocket behind the engine's port.
import type { OpenSocket, Socket, SocketEvents } from '../ports/index.ts'
import { ABNORMAL, AheadSocket } from './ahead-socket.ts'
import type { HeadStart } from './head-start.ts'

/** How long a knock is waited for: four round trips of a bad network, and four knocks fit a browser's connections to one server. */
const KNOCK_MS = 2_000

/** The browser's WebSocket. */
export const openBrowserSocket: OpenSocket = (url, events) => attach(new WebSocket(url), events)

/** A socket opened ahead, with the messages it has brought so far. */
export function adoptSocket(start: HeadStart, events: SocketEvents): Socket {
  const { socket, ahead, messages, keeping } = start
  keeping.abort()
  if (ahead !== undefined && socket.readyState === WebSocket.CONNECTING) {
    return new AheadSocket(socket, ahead, events)
  }
  // Its owner must have it in hand before it speaks.
  queueMicrotask(() => {
    if (socket.readyState === WebSocket.OPEN) events.onOpen()
    for (const message of messages) read(message, events)
    if (socket.readyState >= WebSocket.CLOSING) events.onClose(ABNORMAL)
  })
  return attach(socket, events)
}

/**
 * Whether the server of a socket URL answers anything. Leaves no connection behind that a dead path would
 * keep.
 */
export async function knock(socketUrl: string): Promise<boolean> {
  const url = new URL('/api/health', socketUrl.replace(/^ws/, 'http'))
  const signal = AbortSignal.timeout(KNOCK_MS)
  const answer = await fetch(url, { cache: 'no-store', signal }).catch(() => undefined)
  return answer !== undefined
}

function attach(socket: WebSocket, events: SocketEvents): Socket {
  socket.binaryType = 'arraybuffer'
  socket.addEventListener('open', () => events.onOpen())
  socket.addEventListener('message', (message) => read(message, events))
  socket.addEventListener('close', ({ code }) => events.onClose(code || ABNORMAL))
  return {
    send(frame) {
      if (socket.readyState === WebSocket.OPEN) socket.send(frame)
    },
    close: () => socket.close(),
  }
}

function read({ data }: MessageEvent<unknown>, events: SocketEvents): void {
  if (data instanceof ArrayBuffer) events.onFrame(new Uint8Array(data))
}
