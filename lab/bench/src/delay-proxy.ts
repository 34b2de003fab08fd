/**
 * A TCP proxy on 127.0.0.1 that puts a server further away: half a round trip each way, bytes in
 * order, any number under way. A local connection opens at once, so the round trip that TCP's
 * handshake would have taken is made up for: no byte of the client leaves before it would be over.
 * It shapes no rate, loses nothing and knows no TLS.
 */
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import type { DelayLine } from './delay-line.ts'
import { createDelayLine } from './delay-line.ts'

/** A running proxy. */
export interface DelayProxy {
  readonly port: number
  /** Ends all connections and stops listening. */
  close(): Promise<void>
}

/** Where the proxy leads, and how far away that shall be. */
export interface DelayProxyOptions {
  readonly targetPort: number
  readonly roundTripMs: number
}

type Parcel = Buffer | 'end'

/** Starts a proxy on a port of the system's choice. */
export async function openDelayProxy(options: DelayProxyOptions): Promise<DelayProxy> {
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const target = connect({ port: options.targetPort, host: '127.0.0.1', allowHalfOpen: true })
    const handshakeOverMs = performance.now() + options.roundTripMs
    const lines = [
      carry({ from: client, to: target, oneWayMs: options.roundTripMs / 2, handshakeOverMs }),
      carry({ from: target, to: client, oneWayMs: options.roundTripMs / 2, handshakeOverMs: 0 }),
    ]
    const pair = [client, target]
    for (const socket of pair) {
      sockets.add(socket)
      socket.setNoDelay(true)
      // A broken connection is broken on both sides; the 'close' that follows does it.
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        if (socket.errored === null) return
        for (const line of lines) line.close()
        for (const other of pair) other.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: portOf(server.address()),
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

interface Leg {
  readonly from: Socket
  readonly to: Socket
  readonly oneWayMs: number
  readonly handshakeOverMs: number
}

function carry({ from, to, oneWayMs, handshakeOverMs }: Leg): DelayLine<Parcel> {
  const line = createDelayLine<Parcel>(oneWayMs, (parcel) => {
    if (to.destroyed) return
    if (parcel === 'end') to.end()
    else to.write(parcel)
  })
  from.on('data', (bytes: Buffer) => line.push(bytes, handshakeOverMs))
  from.on('end', () => line.push('end', handshakeOverMs))
  return line
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new TypeError('not a TCP server')
  return address.port
}
