import { createSocket } from 'node:dgram'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { encodeMessage, STUN_METHODS, toTransportAddress } from '@knothole/traversal'
import type { TransportAddress } from '@knothole/traversal'
import { createLogger } from '../logger.ts'
import { buildServer, makeTestFolder } from '../test-server.testing.ts'
import type { TraversalOptions } from './traversal-server.ts'
import { UDP_KINDS } from '../udp/udp-kinds.testing.ts'
import type { UdpKind } from '../udp/udp-network.ts'
import { openTraversalThreads } from './traversal-threads.ts'
import type { Traversal } from './traversal-threads.ts'

beforeAll(buildServer)

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

const PROGRAM = fileURLToPath(
  new URL('../../../dist/shell/traversal/traversal-worker.js', import.meta.url),
)

/** A thread's program that fails when a datagram of one byte comes to a port of its own. */
async function makeFragileProgram(): Promise<URL> {
  const folder = await makeTestFolder()
  cleanups.push(() => folder.remove())
  const file = join(folder.path, 'fragile.mjs')
  const lines = [
    `import { Socket } from 'node:dgram'`,
    `const fail = () => { throw new Error('a packet of 127.0.0.1 broke me') }`,
    `const { emit } = Socket.prototype`,
    `Socket.prototype.emit = function (name, bytes) {`,
    `  if (name === 'message' && bytes.length === 1) fail()`,
    `  return emit.apply(this, arguments)`,
    `}`,
    // Batches are cut out of one large piece of memory.
    `const { subarray } = Buffer.prototype`,
    `Buffer.prototype.subarray = function (start, end) {`,
    `  if (this.length > 1_000_000 && end - start === 1) fail()`,
    `  return subarray.apply(this, arguments)`,
    `}`,
    `await import(${JSON.stringify(pathToFileURL(PROGRAM).href)})`,
  ]
  await writeFile(file, lines.join('\n'))
  return pathToFileURL(file)
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  await once(socket, 'close')
  return port
}

function optionsOn(port: number, udpKind: UdpKind): TraversalOptions {
  return { hosts: ['127.0.0.1'], udpPorts: [port], tcpPorts: [], isShared: false, udpKind }
}

function bindingRequest(): Uint8Array {
  const transactionId = randomBytes(12)
  const method = STUN_METHODS.binding
  return encodeMessage({ class: 'request', method, transactionId, attributes: [] })
}

/** How long an answer may take on a machine that is busy elsewhere. */
const SERVED_MS = 30_000

/** Asks until there is an answer: a thread that starts again hears nothing meanwhile. */
async function becomesServed(traversal: Traversal): Promise<void> {
  const { address, port } = first(traversal)
  const client = createSocket('udp4')
  const ask = setInterval(() => client.send(bindingRequest(), port, address), 100)
  try {
    await once(client, 'message', { signal: AbortSignal.timeout(SERVED_MS) })
  } finally {
    clearInterval(ask)
    client.close()
  }
}

function first({ udp }: Traversal): TransportAddress {
  const [address] = udp
  if (address === undefined) throw new Error('no socket is open')
  return address
}

describe.each(UDP_KINDS)('threads of STUN and TURN over UDP %s', (udpKind) => {
  it('R107 serve, answer questions, and leave their ports free when closed', async () => {
    const logger = createLogger('silent', () => {})
    const threads = [optionsOn(await freePort(), udpKind)]
    const traversal = await openTraversalThreads({ threads, logger })
    await becomesServed(traversal)
    const nobody = toTransportAddress('127.0.0.1', 9)
    if (nobody === null) throw new Error('127.0.0.1 is an address')
    const untested = { otherAddress: 'untested', otherPort: 'untested' }
    expect(await traversal.probe(nobody)).toEqual(untested)
    expect((await traversal.counts())[0]?.stun.answered).toBeGreaterThan(0)
    await Promise.all([traversal.close(), traversal.close()])
    const again = await openTraversalThreads({ threads, logger })
    cleanups.push(() => again.close())
    await becomesServed(again)
  })

  it('R106 probe from the thread that told the place', async () => {
    const logger = createLogger('silent', () => {})
    const threads = [optionsOn(await freePort(), udpKind)]
    const traversal = await openTraversalThreads({ threads, logger })
    cleanups.push(() => traversal.close())
    const client = createSocket('udp4')
    cleanups.push(() => client.close())
    const { address, port } = first(traversal)
    client.send(bindingRequest(), port, address)
    await once(client, 'message')
    const place = toTransportAddress('127.0.0.1', client.address().port)
    if (place === null) throw new Error('127.0.0.1 is an address')
    const verdicts = { otherAddress: 'untested', otherPort: 'silent' }
    expect(await traversal.probe(place)).toEqual(verdicts)
  })

  it('R107 that cannot open say why, and leave nothing behind', async () => {
    const logger = createLogger('silent', () => {})
    const taken = createSocket('udp4')
    cleanups.push(() => taken.close())
    taken.bind(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address()
    const free = await freePort()
    const threads = [optionsOn(free, udpKind), optionsOn(port, udpKind)]
    await expect(openTraversalThreads({ threads, logger })).rejects.toMatchObject({
      name: 'ListenError',
      code: 'port-in-use',
      message: expect.stringContaining(`UDP port ${port} on 127.0.0.1 is in use`),
    })
    const again = await openTraversalThreads({ threads: [optionsOn(free, udpKind)], logger })
    cleanups.push(() => again.close())
    await becomesServed(again)
  })

  it('R107 are started again when they fail, and the log names nobody', async () => {
    const lines: string[] = []
    const logger = createLogger('info', (line) => lines.push(line))
    const traversal = await openTraversalThreads({
      threads: [optionsOn(await freePort(), udpKind)],
      logger,
      program: await makeFragileProgram(),
    })
    cleanups.push(() => traversal.close())
    const { address, port } = first(traversal)
    for (let time = 1; time <= 2; time++) {
      await becomesServed(traversal)
      const client = createSocket('udp4')
      client.send(new Uint8Array(1), port, address)
      await expect.poll(() => lines.join('').match(/ended; starting another/g)?.length).toBe(time)
      client.close()
      await becomesServed(traversal)
    }
    expect(lines.join('')).toMatch(/error a thread of STUN and TURN failed \{"error":"Error"\}/)
    expect(lines.join('')).toMatch(/serves again/)
    expect(lines.join('')).not.toContain('127.0.0.1')
  })
})
