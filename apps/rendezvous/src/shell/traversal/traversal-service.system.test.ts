import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { createLogger } from '../logger.ts'
import type { StunOptions } from '../options/options.ts'
import type { PublicHost } from '../http/public-host.ts'
import { makeTestFolder } from '../test-server.testing.ts'
import { openTraversalService } from './traversal-service.ts'
import type { TraversalService } from './traversal-service.ts'
import type { OwnTurnOptions, TurnOptions } from '../options/turn-options.ts'
import { keepTurnSecret } from './turn-secret.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

const silent = createLogger('silent', () => {})

const hostOf = (hostname: string): PublicHost => ({ hostname, host: `${hostname}:8080` })

interface Given {
  readonly stun?: Partial<StunOptions>
  readonly turn?: TurnOptions
  readonly host?: string
  readonly onLog?: (line: string) => void
}

async function open({
  stun,
  turn = { mode: 'off' },
  host,
  onLog,
}: Given): Promise<TraversalService> {
  const folder = await makeTestFolder()
  cleanups.push(() => folder.remove())
  const base = { isOn: false, hosts: undefined, ports: [3478, 3479], isPortExplicit: false }
  const service = await openTraversalService(
    {
      stun: { ...base, ...stun },
      turn,
      turnThreads: 0,
      turnUdp: 'dgram',
      host,
      dataFolder: folder.path,
    },
    onLog === undefined ? silent : createLogger('warn', onLog),
  )
  cleanups.push(() => service.close())
  return service
}

/** The STUN URLs a page gets by each name. */
async function urlsOf(stun: Partial<StunOptions>, ...names: string[]): Promise<string[][]> {
  const service = await open({ stun })
  return names.map((name) => [...service.configFor(hostOf(name)).stunUrls])
}

/** A UDP port of loopback that somebody has. */
async function takePort(): Promise<number> {
  const socket = createSocket('udp4')
  cleanups.push(() => socket.close())
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket.address().port
}

const OWN: OwnTurnOptions = {
  mode: 'on',
  isExplicit: true,
  port: 0,
  tls: undefined,
  secret: undefined,
  relayPorts: { first: 49_152, last: 65_535 },
  publicAddresses: [],
  allowedPeers: [],
  quotas: {},
}
const stunOn = { isOn: true, ports: [0, 0] }

describe('what pages are told of STUN', () => {
  it('R24 is the host they came from, and nothing for a loopback name', async () => {
    const options = { isOn: true, ports: [0, 0] }
    expect(await urlsOf(options, 'chat.example.org', '[2001:db8::1]', 'localhost')).toEqual([
      ['stun:chat.example.org:0', 'stun:chat.example.org:0'],
      ['stun:[2001:db8::1]:0', 'stun:[2001:db8::1]:0'],
      [],
    ])
  })

  it('R24 is what was configured, by whatever name they came', async () => {
    const urls = ['stun:192.0.2.9:3478', 'stun:192.0.2.9:3479']
    const options = { hosts: ['192.0.2.9'] }
    expect(await urlsOf(options, 'localhost', 'chat.example.org')).toEqual([urls, urls])
  })

  it('R24 is nothing without STUN', async () => {
    expect(await urlsOf({}, 'chat.example.org')).toEqual([[]])
  })
})

describe('STUN ports that are taken', () => {
  it('R29 are a warning, and pages are told of none', async () => {
    const ports = [await takePort(), await takePort()]
    const lines: string[] = []
    const onLog = (line: string): unknown => lines.push(line)
    const turn = { ...OWN, isExplicit: false }
    const service = await open({ stun: { isOn: true, ports }, turn, host: '127.0.0.1', onLog })
    expect(lines).toEqual([expect.stringMatching(/ warn UDP port \d+ .* Going on without STUN/)])
    expect(service.configFor(hostOf('chat.example.org'))).toEqual({ stunUrls: [] })
  })

  it('R29 are an error when they were asked for', async () => {
    const ports = [await takePort(), await takePort()]
    const opening = open({ stun: { isOn: true, ports, isPortExplicit: true }, host: '127.0.0.1' })
    await expect(opening).rejects.toMatchObject({ code: 'port-in-use' })
  })
})

describe('the relay', () => {
  it('R108 is told by the name people came by, and to nobody by a loopback name', async () => {
    const service = await open({ stun: stunOn, turn: OWN, host: '127.0.0.1' })
    const urls = ['turn:chat.example.org:0', 'turn:chat.example.org:0?transport=tcp']
    expect(service.turnUrlsFor(hostOf('chat.example.org'))).toEqual(urls)
    expect(service.turnUrlsFor(hostOf('localhost'))).toEqual([])
  })

  it('R109 has a secret that is made once, kept, and read by its owner only', async () => {
    const folder = await makeTestFolder()
    cleanups.push(() => folder.remove())
    const made = await keepTurnSecret(folder.path)
    expect(made.length).toBeGreaterThanOrEqual(32)
    expect(await keepTurnSecret(folder.path)).toBe(made)
    const { mode } = await stat(join(folder.path, 'turn-secret'))
    expect(mode & 0o777).toBe(0o600)
    const service = await open({
      stun: stunOn,
      turn: { ...OWN, secret: 'given' },
      host: '127.0.0.1',
    })
    expect(service.turnSecret).toBe('given')
  })

  it('R109 is elsewhere when that was said, and nothing is opened here', async () => {
    const urls = ['turn:turn.example.org']
    const service = await open({ turn: { mode: 'external', urls, secret: 'shared' } })
    expect(service.turnUrlsFor(hostOf('localhost'))).toEqual(urls)
    expect(service.turnSecret).toBe('shared')
    expect(await service.probe({ address: '192.0.2.1', port: 1 })).toEqual({
      otherAddress: 'untested',
      otherPort: 'untested',
    })
  })

  it('R29 goes without when its port is taken and nobody asked for it; STUN goes on', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    cleanups.push(() => taken.close())
    await once(taken, 'listening')
    const address = taken.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const lines: string[] = []
    const given = { stun: stunOn, host: '127.0.0.1', onLog: (line: string) => lines.push(line) }
    const service = await open({ ...given, turn: { ...OWN, port, isExplicit: false } })
    expect(lines.join('')).toMatch(/TCP port \d+ on 127\.0\.0\.1 is in use .*without a relay/)
    expect(service.turnUrlsFor(hostOf('chat.example.org'))).toEqual([])
    expect(service.turnSecret).toBeUndefined()
    expect(service.configFor(hostOf('chat.example.org')).stunUrls).toHaveLength(2)
    const explicit = open({ ...given, turn: { ...OWN, port } })
    await expect(explicit).rejects.toMatchObject({ code: 'port-in-use' })
  })

  it('R29 says what is wrong with a certificate', async () => {
    const folder = await makeTestFolder()
    cleanups.push(() => folder.remove())
    const certFile = join(folder.path, 'cert.pem')
    await writeFile(certFile, 'no certificate')
    const tls = { port: 0, certFile, keyFile: certFile }
    const opening = open({ stun: stunOn, turn: { ...OWN, tls }, host: '127.0.0.1' })
    await expect(opening).rejects.toMatchObject({
      code: 'bad-certificate',
      message: expect.stringContaining('--turn-tls-cert'),
    })
  })
})
