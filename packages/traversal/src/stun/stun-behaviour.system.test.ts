// The behaviour server on real sockets, asked by coturn's clients. Two loopback addresses stand for
// two public ones; nothing translates between, so everything must look open.
import { execFile } from 'node:child_process'
import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { toTransportAddress } from '../address.ts'
import { createStunBehaviourServer } from './stun-behaviour-server.ts'

const ADDRESSES = ['127.0.0.1', '127.0.0.2']
const NAT_DISCOVERY = '/usr/bin/turnutils_natdiscovery'
const STUN_CLIENT = '/usr/bin/turnutils_stunclient'
const run = promisify(execFile)

let sockets: Socket[] = []
let ports: number[] = []

async function bind(address: string, port: number): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.bind({ address, port, exclusive: true })
  await once(socket, 'listening')
  return socket
}

beforeAll(async () => {
  const first = await Promise.all([0, 0].map((port) => bind('127.0.0.1', port)))
  ports = first.map((socket) => socket.address().port)
  const second = await Promise.all(ports.map((port) => bind('127.0.0.2', port)))
  sockets = [...first, ...second]
  const own = ADDRESSES.flatMap((address) =>
    ports.flatMap((port) => toTransportAddress(address, port) ?? []),
  )
  const server = createStunBehaviourServer({ sockets: own })
  for (const [index, socket] of sockets.entries()) {
    socket.on('message', (datagram, { address, port }) => {
      const source = toTransportAddress(address, port)
      if (source === null) return
      const answer = server.answer(datagram, { source, socket: index }, performance.now())
      if (answer.type === 'silence') return
      sockets[answer.socket]?.send(answer.bytes, answer.to.port, answer.to.address)
    })
  }
})

afterAll(async () => {
  await Promise.all(
    sockets.map((socket) => new Promise<void>((done) => socket.close(() => done()))),
  )
})

async function ask(tool: string, ...options: string[]): Promise<string> {
  const { stdout } = await run(tool, [...options, '-p', String(ports[0]), '127.0.0.1'], {
    timeout: 30_000,
  })
  return stdout
}

describe("coturn's clients", () => {
  it.for([
    { name: 'without padding', padding: [] },
    { name: 'with padding', padding: ['-P'] },
  ])('T34, T36 natdiscovery finds everything open $name', async ({ padding }, { skip }) => {
    if (!existsSync(NAT_DISCOVERY)) skip('needs turnutils_natdiscovery of the package coturn')
    const text = await ask(NAT_DISCOVERY, '-m', '-f', '-H', ...padding)
    expect(text).toContain('NAT with Endpoint Independent Mapping!')
    expect(text).toContain('NAT with Endpoint Independent Filtering!')
    expect(text).toContain('successful hairpinning')
    expect(text).toContain(`Response origin: : 127.0.0.2:${ports[1]}`)
    expect(text).not.toMatch(/timeout|error|ALG detected/)
  })

  it('T35 natdiscovery gets the answer on the port it names', async ({ skip }) => {
    if (!existsSync(NAT_DISCOVERY)) skip('needs turnutils_natdiscovery of the package coturn')
    const text = await ask(NAT_DISCOVERY, '-t', '-T', '1')
    expect(text).toContain('RFC 5780 response 2')
    expect(text).not.toMatch(/timeout|error/)
  })

  it('T33 natdiscovery asks from two addresses and one port', async ({ skip }) => {
    if (!existsSync(NAT_DISCOVERY)) skip('needs turnutils_natdiscovery of the package coturn')
    const text = await ask(NAT_DISCOVERY, '-c', '-L', '127.0.0.1', '-A', '127.0.0.3')
    expect(text).toContain('RFC 5780 response 2')
    expect(text).toMatch(/UDP reflexive addr: 127\.0\.0\.3/)
  })

  it.for([
    { name: 'plain', options: [] },
    { name: 'forced to RFC 5780', options: ['-f'] },
  ])('T34 stunclient, $name, gets every answer', async ({ options }, { skip }) => {
    if (!existsSync(STUN_CLIENT)) skip('needs turnutils_stunclient of the package coturn')
    const text = await ask(STUN_CLIENT, ...options)
    expect(text).toContain('RFC 5780 response 3')
    expect(text).not.toMatch(/timeout|error/)
  })
})
