// Runs the first example of the README as it stands, on another port, and relays through it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'

import type { TransportAddress } from './address.ts'
import type { ReceivedStunMessage } from './stun/stun-message.ts'
import {
  TestClient,
  UDP,
  addressOf,
  bytesOf,
  channelData,
  codeOf,
  decoded,
  peersOf,
  textOf,
  valueOf,
} from './turn/turn-world.testing.ts'

const folder = fileURLToPath(new URL('..', import.meta.url))
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

function example(port: number): string {
  const readme = readFileSync(`${folder}README.md`, 'utf8')
  const [, code = ''] = /```js\n([\s\S]*?)```/.exec(readme) ?? []
  return code.replaceAll('3478', String(port))
}

async function open(): Promise<{ socket: Socket; address: TransportAddress }> {
  const socket = createSocket('udp4')
  cleanups.push(() => socket.close())
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return { socket, address: addressOf('127.0.0.1', socket.address().port) }
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const { socket, address } = await open()
  cleanups.pop()
  socket.close()
  await once(socket, 'close')
  return address.port
}

/** The next datagram that is wanted; answers to repeated questions are passed over. */
async function received(
  socket: Socket,
  isWanted: (bytes: Uint8Array) => boolean = () => true,
): Promise<Uint8Array> {
  for (;;) {
    const [bytes] = (await once(socket, 'message')) as [Buffer]
    if (isWanted(bytes)) return new Uint8Array(bytes)
  }
}

describe('the example of the README', () => {
  it('T200 relays, as it stands', async () => {
    const port = await freePort()
    const child = spawn(process.execPath, ['--input-type=module', '--eval', example(port)], {
      cwd: folder,
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    cleanups.push(() => child.kill())
    const [mine, peer] = [await open(), await open()]
    const send = (bytes: Uint8Array): void => mine.socket.send(bytes, port, '127.0.0.1')
    const alice = new TestClient('alice', send, { realm: 'example.org', password: 'secret' })
    const knocking = setInterval(() => send(alice.bare('allocate', [UDP])), 50)
    cleanups.push(() => clearInterval(knocking))
    alice.nonce = valueOf(decoded(await received(mine.socket)), 'nonce')
    clearInterval(knocking)

    const ask = async (request: Uint8Array): Promise<ReceivedStunMessage> => {
      send(request)
      return decoded(await received(mine.socket, (bytes) => codeOf(decoded(bytes)) === 0))
    }
    const allocated = await ask(alice.sealed('allocate', [UDP]))
    const relayed = valueOf(allocated, 'xor-relayed-address')
    const channel = { type: 'channel-number', value: 0x40_00 } as const
    await ask(alice.sealed('channelBind', [channel, ...peersOf(peer.address)]))
    send(channelData(0x40_00, bytesOf('through')))
    expect(textOf(await received(peer.socket))).toBe('through')
    peer.socket.send(bytesOf('and back'), relayed.port, relayed.address)
    expect(await received(mine.socket)).toEqual(channelData(0x40_00, bytesOf('and back')))
  })
})
