import type { OpenSocket } from '../ports/index.ts'

/** Close code of a WebSocket that never opened or broke (RFC 6455, section 7.4.1). */
const ABNORMAL = 1006

/** The browser's WebSocket. */
export const openBrowserSocket: OpenSocket = (url, events) => {
  const socket = new WebSocket(url)
  socket.binaryType = 'arraybuffer'
  socket.addEventListener('open', () => events.onOpen())
  socket.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (data instanceof ArrayBuffer) events.onFrame(new Uint8Array(data))
  })
  socket.addEventListener('close', ({ code }) => events.onClose(code || ABNORMAL))
  return {
    send(frame) {
      if (socket.readyState === WebSocket.OPEN) socket.send(frame)
    },
    close: () => socket.close(),
  }
}
