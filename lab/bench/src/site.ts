/**
 * A web site with one page, perhaps a script, and one WebSocket address, for contenders that bring
 * no server of their own. The page is the same at every path; all is sent in one piece and
 * uncompressed (there is no rate limit).
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { WebSocket } from 'ws'
import { WebSocketServer } from 'ws'

/** A running site. */
export interface Site {
  readonly port: number
  close(): Promise<void>
}

/** The page, and what to do with a WebSocket opened at a path. */
export interface SiteOptions {
  readonly html: string
  /** Served at `/script.js`. */
  readonly script?: string
  readonly onSocket?: (socket: WebSocket, path: string) => void
}

/** Starts a site on a port of the system's choice. */
export async function openSite({ html, script, onSocket }: SiteOptions): Promise<Site> {
  const page = asset('text/html', html)
  const others = new Map([['/favicon.ico', asset('image/x-icon', '')]])
  if (script !== undefined) others.set('/script.js', asset('text/javascript', script))
  const server = createServer((request, response) => {
    const { headers, body } = others.get(request.url ?? '/') ?? page
    response.writeHead(200, headers)
    response.end(body)
  })
  const sockets = new WebSocketServer({ server, perMessageDeflate: false })
  sockets.on('connection', (socket, request) => {
    socket.on('error', () => socket.terminate())
    onSocket?.(socket, request.url ?? '/')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('not a TCP server')
  return {
    port: address.port,
    async close() {
      const closed = once(server, 'close')
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

function asset(type: string, text: string) {
  const body = Buffer.from(text)
  const headers = {
    'content-type': `${type}; charset=utf-8`,
    'content-length': body.length,
    'cache-control': 'no-store',
  }
  return { headers, body }
}
