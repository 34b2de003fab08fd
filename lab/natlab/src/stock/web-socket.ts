// The part of WebSocket (RFC 6455) the stock server needs: text messages in one frame each, and
// close. No extensions, no fragments, no ping; enough for signals between pages of the lab itself.
//
//   |fin, opcode| mask, length | length 16 or 64 bit | mask key (4) | payload |

import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

/** One open connection. */
export interface TextSocket {
  send(text: string): void
}

/** What happens on a connection. */
export interface TextSocketEvents {
  onText(text: string): void
  onClose(): void
}

const ACCEPT_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const OPCODE_TEXT = 1
const OPCODE_CLOSE = 8
const FIN = 0x80

/** Answers an upgrade request and serves the connection. */
export function acceptTextSocket(
  request: IncomingMessage,
  connection: { stream: Duplex; events: TextSocketEvents },
): TextSocket {
  const { stream, events } = connection
  const key = request.headers['sec-websocket-key'] ?? ''
  const accept = createHash('sha1')
    .update(key + ACCEPT_SUFFIX)
    .digest('base64')
  const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade']
  stream.write([...head, `Sec-WebSocket-Accept: ${accept}`, '', ''].join('\r\n'))
  let received: Buffer = Buffer.alloc(0)
  stream.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk])
    for (;;) {
      const frame = decodeFrame(received)
      if (frame === undefined) return
      received = received.subarray(frame.sizeBytes)
      if (frame.opcode === OPCODE_TEXT) events.onText(frame.payload.toString())
      if (frame.opcode === OPCODE_CLOSE) stream.end(encodeFrame(OPCODE_CLOSE, frame.payload))
    }
  })
  // A page that is closed resets its connection; `close` follows and is all we need.
  stream.on('error', () => undefined)
  stream.on('close', () => events.onClose())
  return {
    send: (text) => {
      stream.write(encodeFrame(OPCODE_TEXT, Buffer.from(text)))
    },
  }
}

/** Writes an unmasked frame, as servers do. */
export function encodeFrame(opcode: number, payload: Buffer): Buffer {
  if (payload.length < 126) {
    return Buffer.concat([Buffer.from([FIN | opcode, payload.length]), payload])
  }
  const head = Buffer.alloc(4)
  head.writeUInt8(FIN | opcode, 0)
  head.writeUInt8(126, 1)
  head.writeUInt16BE(payload.length, 2)
  return Buffer.concat([head, payload])
}

/** Reads the first frame and unmasks it; undefined while it is incomplete. */
export function decodeFrame(
  bytes: Buffer,
): { opcode: number; payload: Buffer; sizeBytes: number } | undefined {
  const [first, second] = bytes
  if (first === undefined || second === undefined) return undefined
  const length = decodeLength(bytes, second & 0x7f)
  if (length === undefined) return undefined
  const keyBytes = (second & 0x80) === 0 ? 0 : 4
  const start = length.end + keyBytes
  const sizeBytes = start + length.payloadBytes
  if (bytes.length < sizeBytes) return undefined
  const key = bytes.subarray(length.end, start)
  const payload = Buffer.from(bytes.subarray(start, sizeBytes))
  if (keyBytes > 0) unmask(payload, key)
  return { opcode: first & 0x0f, payload, sizeBytes }
}

function decodeLength(
  bytes: Buffer,
  short: number,
): { payloadBytes: number; end: number } | undefined {
  if (short === 126) {
    return bytes.length < 4 ? undefined : { payloadBytes: bytes.readUInt16BE(2), end: 4 }
  }
  if (short === 127) {
    return bytes.length < 10
      ? undefined
      : { payloadBytes: Number(bytes.readBigUInt64BE(2)), end: 10 }
  }
  return { payloadBytes: short, end: 2 }
}

function unmask(payload: Buffer, key: Buffer): void {
  for (const [index, byte] of payload.entries()) payload[index] = byte ^ (key[index % 4] ?? 0)
}
