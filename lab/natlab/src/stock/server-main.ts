// A program: the server of the stock baseline. Serves one page, carries signals between the people of
// a room over WebSocket and, unless told of ICE servers, answers STUN. Nothing is kept, checked or
// limited: it is for the lab's closed network only. Argument: the stock plan as JSON.

import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'

import { SERVER_ADDRESSES, SERVER_ADDRESSES6, STUN_PORTS, WEB_PORT } from '../addresses.ts'
import { openStunResponder } from '../stun-responder.ts'
import type { StockPlan } from './stock-plan.ts'
import { acceptTextSocket, type TextSocket } from './web-socket.ts'

const SCRIPT = readFileSync(new URL('stock-page.js', import.meta.url))
const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Stock WebRTC</title>
<main id="room"></main><script type="module" src="/stock-page.js"></script></html>`

const answers = new Map<string, readonly [type: string, body: string | Buffer]>([
  ['/stock-page.js', ['text/javascript', SCRIPT]],
])

/** Person to connection, per room. */
const rooms = new Map<string, Map<string, TextSocket>>()

const plan = JSON.parse(process.argv[2] ?? '') as StockPlan

if (plan.iceServers === undefined) {
  await openStunResponder(SERVER_ADDRESSES, STUN_PORTS)
  await openStunResponder(SERVER_ADDRESSES6, STUN_PORTS)
}
const iceServers = plan.iceServers ?? [
  { urls: SERVER_ADDRESSES.map((address) => `stun:${address}:${STUN_PORTS[0]}`) },
  { urls: `stun:[${SERVER_ADDRESSES6[0]}]:${STUN_PORTS[0]}` },
]
answers.set('/ice-servers', ['application/json', JSON.stringify(iceServers)])
const server = createServer((request, response) => {
  const [type, body] = answers.get(request.url ?? '') ?? ['text/html', PAGE]
  response.setHeader('content-type', type)
  response.end(body)
})
server.on('upgrade', (request, stream) => {
  const roomId = new URL(request.url ?? '/', 'http://stock').searchParams.get('room') ?? ''
  const people = rooms.get(roomId) ?? new Map<string, TextSocket>()
  rooms.set(roomId, people)
  const me = randomUUID()
  const events = {
    onText: (text: string) => forward(people, { from: me, text }),
    onClose: () => people.delete(me),
  }
  const socket = acceptTextSocket(request, { stream, events })
  // The newcomer learns who is there, and makes the offers.
  socket.send(JSON.stringify({ type: 'present', people: [...people.keys()] }))
  people.set(me, socket)
})
server.listen(WEB_PORT, '0.0.0.0')

function forward(
  people: ReadonlyMap<string, TextSocket>,
  letter: { from: string; text: string },
): void {
  const { to, signal } = JSON.parse(letter.text) as { to: string; signal: unknown }
  people.get(to)?.send(JSON.stringify({ type: 'signal', from: letter.from, signal }))
}
