import { once } from 'node:events'
import type { Server, Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { DelayProxy } from './delay-proxy.ts'
import { openDelayProxy } from './delay-proxy.ts'

const roundTripMs = 80
let server: Server
let proxy: DelayProxy
let client: Socket

beforeEach(async () => {
  server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined)
    socket.pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  proxy = await openDelayProxy({ targetPort: address.port, roundTripMs })
  client = connect({ port: proxy.port, host: '127.0.0.1' })
  await once(client, 'connect')
})

afterEach(async () => {
  client.destroy()
  await proxy.close()
  server.close()
  await once(server, 'close')
})

/** Sends and waits until as many bytes are back; returns them and the time it took. */
async function echo(bytes: Buffer): Promise<{ back: Buffer; tookMs: number }> {
  const parts: Buffer[] = []
  const begunMs = performance.now()
  const done = new Promise<void>((resolve) => {
    const onData = (part: Buffer) => {
      parts.push(part)
      if (Buffer.concat(parts).length < bytes.length) return
      client.off('data', onData)
      resolve()
    }
    client.on('data', onData)
  })
  client.write(bytes)
  await done
  return { back: Buffer.concat(parts), tookMs: performance.now() - begunMs }
}

it('takes two round trips for the first bytes and one for those after', async () => {
  const first = await echo(Buffer.from('a'))
  const later: number[] = []
  for (const letter of 'bcdefg') later.push((await echo(Buffer.from(letter))).tookMs)
  // The handshake is counted from the proxy's accept, up to a few ms before the client's write.
  expect(first.tookMs).toBeGreaterThan(2 * roundTripMs - 20)
  expect(Math.min(...later)).toBeGreaterThanOrEqual(roundTripMs - 1)
  // Not the handshake's round trip again; the fastest counts, since the machine may be busy.
  expect(Math.min(...later)).toBeLessThan(2 * roundTripMs)
})

it('keeps many messages under way at once, in order', async () => {
  await echo(Buffer.from('warm'))
  const messages = Array.from({ length: 100 }, (_, index) => Buffer.from(`message ${index};`))
  const { back, tookMs } = await echo(Buffer.concat(messages))
  expect(back.toString()).toBe(messages.join(''))
  // One after the other they would take a hundred round trips.
  expect(tookMs).toBeLessThan(25 * roundTripMs)
})

it('carries a large body whole', async () => {
  const body = Buffer.alloc(3 * 1024 * 1024, 'knothole')
  const { back } = await echo(body)
  expect(back.equals(body)).toBe(true)
})

it('passes the end on after the last byte', async () => {
  const parts: Buffer[] = []
  client.on('data', (part: Buffer) => parts.push(part))
  client.end('last')
  await once(client, 'end')
  expect(Buffer.concat(parts).toString()).toBe('last')
})

it('breaks the client when the target is gone', async () => {
  const orphan = await openDelayProxy({ targetPort: 1, roundTripMs: 0 })
  const lost = connect({ port: orphan.port, host: '127.0.0.1' })
  lost.on('error', () => undefined)
  await once(lost, 'close')
  expect(lost.destroyed).toBe(true)
  await orphan.close()
})
