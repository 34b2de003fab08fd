// Answers STUN Binding requests on two addresses and two ports and honours CHANGE-REQUEST, for the
// self-test's probe and as the stock driver's STUN servers. It keeps no state and limits nothing:
// it is for the lab's closed network only.

import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

import { decodeBindingRequest, encodeBindingResponse } from './binding.ts'

/** Binds the four sockets, of one version of IP; returns what closes them. */
export async function openStunResponder(
  addresses: readonly [string, string],
  ports: readonly [number, number],
): Promise<{ close(): void }> {
  const sockets = await Promise.all(
    addresses.map((address) => Promise.all(ports.map((port) => bind(address, port)))),
  )
  for (const [a, row] of sockets.entries()) {
    for (const [p, socket] of row.entries()) {
      const answering = (change: { address: boolean; port: boolean }): Socket | undefined =>
        sockets[change.address ? 1 - a : a]?.[change.port ? 1 - p : p]
      answer(socket, answering)
    }
  }
  return { close: () => sockets.flat().forEach((socket) => socket.close()) }
}

function answer(
  socket: Socket,
  answering: (change: { address: boolean; port: boolean }) => Socket | undefined,
): void {
  socket.on('message', (bytes, from) => {
    const request = decodeBindingRequest(bytes)
    if (request === undefined) return
    const response = encodeBindingResponse({
      transactionId: request.transactionId,
      mapped: { address: from.address, port: from.port },
    })
    const send = (): void => {
      answering(request.change)?.send(response, from.port, from.address)
    }
    if (request.holdMs === 0) send()
    else setTimeout(send, request.holdMs)
  })
}

async function bind(address: string, port: number): Promise<Socket> {
  const type = address.includes(':') ? 'udp6' : 'udp4'
  const socket = createSocket({ type, ipv6Only: type === 'udp6' })
  socket.bind(port, address)
  await once(socket, 'listening')
  return socket
}
