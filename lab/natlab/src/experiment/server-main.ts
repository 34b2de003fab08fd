// A program: serves one page of somebody's experiment (and the files beside it) to the two browsers
// of the lab, carries what they say to each other over WebSocket, and answers STUN on two addresses
// and two ports. Nothing is checked or limited: it is for the lab's closed network only.
// Argument: the page's file.

import { readFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import { dirname, extname, join, resolve, sep } from 'node:path'

import { SERVER_ADDRESSES, SERVER_ADDRESSES6, STUN_PORTS, WEB_PORT } from '../addresses.ts'
import { acceptTextSocket, type TextSocket } from '../stock/web-socket.ts'
import { openStunResponder } from '../stun-responder.ts'

interface Room {
  readonly people: Set<TextSocket>
  /** What was said while only one was there; the second reads it on arrival. */
  readonly early: string[]
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
}

const page = resolve(process.argv[2] ?? '')
const folder = dirname(page)
const rooms = new Map<string, Room>()

await openStunResponder(SERVER_ADDRESSES, STUN_PORTS)
await openStunResponder(SERVER_ADDRESSES6, STUN_PORTS)
const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://experiment')
  // Browsers ask for it unasked; a 404 would only be noise in their consoles.
  if (pathname === '/favicon.ico') {
    response.statusCode = 204
    response.end()
    return
  }
  const file = pathname === '/' ? page : join(folder, decodeURIComponent(pathname))
  void answer(response, file)
})
server.on('upgrade', (request, stream) => {
  const id = new URL(request.url ?? '/', 'http://experiment').searchParams.get('room') ?? ''
  const room = rooms.get(id) ?? { people: new Set<TextSocket>(), early: [] }
  rooms.set(id, room)
  const events = {
    onText: (text: string) => say(room, { from: socket, text }),
    onClose: () => {
      room.people.delete(socket)
    },
  }
  const socket = acceptTextSocket(request, { stream, events })
  room.people.add(socket)
  if (room.people.size === 1) return
  for (const text of room.early.splice(0)) socket.send(text)
})
server.listen(WEB_PORT, '0.0.0.0')

function say(room: Room, word: { from: TextSocket; text: string }): void {
  if (room.people.size < 2) room.early.push(word.text)
  for (const person of room.people) if (person !== word.from) person.send(word.text)
}

async function answer(response: ServerResponse, file: string): Promise<void> {
  try {
    if (file !== page && !file.startsWith(folder + sep)) throw new Error('outside the folder')
    const body = await readFile(file)
    response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream')
    response.end(body)
  } catch {
    response.statusCode = 404
    response.end()
  }
}
