/**
 * The load of `load.c` in Node, word for word the same commands, for machines without a compiler. It
 * costs about as much per packet as the servers it measures, so it flatters slow ones.
 */
import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'

const loopback = '127.0.0.1'
const askMs = 2000
const drainMs = 300
const bufferBytes = 4 * 1024 * 1024
const [serverPort = 0, count = 0] = process.argv.slice(2).map(Number)

const clients = await Promise.all(Array.from({ length: count }, openSocket))
const peer = await openSocket()
const prefixes = clients.map(() => Buffer.alloc(0))
const relayPorts = clients.map(() => 0)
let got = 0

const commands: Record<string, (words: readonly string[]) => Promise<string> | string> = {
  ports: () => ['ports', ...[peer, ...clients].map((socket) => socket.address().port)].join(' '),
  ask: async ([client = '', hex = '']) => {
    const socket = clientAt(client)
    socket.send(Buffer.from(hex, 'hex'), serverPort, loopback)
    const [answer] = await firstMessage(socket)
    return `answer ${answer?.toString('hex') ?? '-'}`
  },
  prefix: ([client = '', hex = '']) => {
    prefixes[Number(client)] = Buffer.from(hex, 'hex')
    return 'ok'
  },
  learn: async ([client = '']) => {
    clientAt(client).send(packetOf(Number(client), 100), serverPort, loopback)
    const [, port = 0] = await firstMessage(peer)
    relayPorts[Number(client)] = port
    return `learned ${port}`
  },
  run: async (words) => run(words.map(Number)),
}

for (const socket of [...clients, peer]) socket.on('message', () => void (got += 1))
for await (const line of createInterface({ input: process.stdin })) {
  const [name = '', ...words] = line.split(' ')
  console.log((await commands[name]?.(words)) ?? 'what?')
}
for (const socket of [...clients, peer]) socket.close()

async function run(words: number[]): Promise<string> {
  const [rate = 0, ms = 0, size = 0, bunch = 1, up = 0, down = 0] = words
  const senders = clients.flatMap((socket, client) => {
    const packet = packetOf(client, size)
    const back = packet.subarray(packet.length - size)
    const relayPort = relayPorts[client] ?? 0
    return [
      ...(up === 1 ? [() => socket.send(packet, serverPort, loopback)] : []),
      ...(down === 1 ? [() => peer.send(back, relayPort, loopback)] : []),
    ]
  })
  const startMs = performance.now()
  let sent = 0
  got = 0
  for (let spentMs = 0; spentMs < ms; spentMs = performance.now() - startMs) {
    for (const due = (rate * spentMs) / 1000 - bunch; sent < due; sent += bunch) {
      const send = senders[(sent / bunch) % senders.length]
      for (let count = 0; count < bunch; count++) send?.()
    }
    await pause(1)
  }
  const tookUs = Math.round(1000 * (performance.now() - startMs))
  await drained()
  return `ran ${sent} ${got} ${tookUs}`
}

/** What is under way still counts: until a while passes without any. */
async function drained(): Promise<void> {
  for (let before = -1; before !== got;) {
    before = got
    await pause(drainMs)
  }
}

function packetOf(client: number, size: number): Buffer {
  const prefix = Buffer.from(prefixes[client] ?? [])
  if (prefix.length === 4) prefix.writeUInt16BE(size, 2)
  return Buffer.concat([prefix, Buffer.alloc(size, client)])
}

async function firstMessage(socket: Socket): Promise<[Buffer?, number?]> {
  try {
    const signal = AbortSignal.timeout(askMs)
    const [bytes, remote] = (await once(socket, 'message', { signal })) as [
      Buffer,
      { port: number },
    ]
    return [bytes, remote.port]
  } catch {
    return []
  }
}

function clientAt(index: string): Socket {
  const socket = clients[Number(index)]
  if (socket === undefined) throw new Error(`no client ${index}`)
  return socket
}

async function openSocket(): Promise<Socket> {
  const socket = createSocket({
    type: 'udp4',
    recvBufferSize: bufferBytes,
    lookup: (address, _options, callback) => callback(null, address, 4),
  })
  // A look-up that answers at once has the socket listen at once, too.
  const listening = once(socket, 'listening')
  socket.bind(0, loopback)
  await listening
  return socket
}
