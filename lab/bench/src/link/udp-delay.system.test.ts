import type { Socket } from 'node:dgram'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { UdpDelay } from './udp-delay.ts'

const roundTripMs = 40
let delay: UdpDelay
let from: Socket
let to: Socket

beforeEach(async () => {
  delay = new UdpDelay(roundTripMs)
  from = createSocket('udp4')
  // What Chromium reads from.
  to = createSocket({ type: 'udp4', recvBufferSize: 64 * 1024 })
  for (const socket of [from, to]) {
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
  }
})

afterEach(async () => {
  await delay.close()
  from.close()
  to.close()
})

const candidateOf = (socket: Socket): string =>
  `candidate:1 1 udp 2122260223 127.0.0.1 ${socket.address().port} typ host`

it('a burst waits half a round trip and arrives whole and in order, at a receiver with little room', async () => {
  const stand = /127\.0\.0\.1 (\d+)/.exec(await delay.replace(candidateOf(to)))?.[1]
  const came: number[] = []
  const whole = new Promise<void>((resolve) => {
    to.on('message', (packet) => {
      came.push(packet.readUInt16BE(0))
      if (came.length === 150) resolve()
    })
  })
  const begunMs = performance.now()
  const sent = Array.from({ length: 150 }, (_, number) => number)
  for (const number of sent) {
    const packet = Buffer.alloc(1_200)
    packet.writeUInt16BE(number, 0)
    from.send(packet, Number(stand), '127.0.0.1')
  }
  await whole
  expect(came).toEqual(sent)
  expect(performance.now() - begunMs).toBeGreaterThanOrEqual(roundTripMs / 2 - 1)
})
