/**
 * What relaying costs in Node at the least: a UDP forwarder, `node forwarder.js PORT PEER-PORT`, that
 * gives every client a socket of its own towards the peer, as a relay does, and nothing else. With the
 * same large buffers and immediate look-ups as ours, so that only the protocol differs.
 */
import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { createServer } from 'node:net'

const loopback = '127.0.0.1'
const bufferBytes = 4 * 1024 * 1024
const [port = 0, peerPort = 0] = process.argv.slice(2).map(Number)

const front = openSocket(port)
const upstreams = new Map<string, Socket>()

front.on('message', (packet, client) => {
  const key = `${client.address}:${client.port}`
  const known = upstreams.get(key)
  if (known !== undefined) return known.send(packet, peerPort, loopback)
  const socket = openSocket(0)
  upstreams.set(key, socket)
  socket.on('message', (answer) => front.send(answer, client.port, client.address))
  socket.send(packet, peerPort, loopback)
})
// The bench waits for a TCP port that answers.
createServer((socket) => socket.end()).listen(port, loopback)

function openSocket(port: number): Socket {
  const socket = createSocket({
    type: 'udp4',
    recvBufferSize: bufferBytes,
    sendBufferSize: bufferBytes,
    lookup: (address, _options, callback) => callback(null, address, 4),
  })
  socket.bind(port, loopback)
  return socket
}
