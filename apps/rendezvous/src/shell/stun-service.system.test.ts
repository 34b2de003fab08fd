import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { createLogger } from './logger.ts'
import type { StunOptions } from './options.ts'
import type { PublicHost } from './public-host.ts'
import { openStunService } from './stun-service.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

const silent = createLogger('silent', () => {})

const hostOf = (hostname: string): PublicHost => ({ hostname, host: `${hostname}:8080` })

/** The STUN URLs a page gets by each name. */
async function urlsOf(options: Partial<StunOptions>, ...names: string[]): Promise<string[][]> {
  const base = { isOn: false, hosts: undefined, ports: [3478, 3479], isPortExplicit: false }
  const stun = await openStunService({ ...base, ...options }, { host: undefined, logger: silent })
  cleanups.push(() => stun.close())
  return names.map((name) => [...stun.configFor(hostOf(name)).stunUrls])
}

/** A UDP port of loopback that somebody has. */
async function takePort(): Promise<number> {
  const socket = createSocket('udp4')
  cleanups.push(() => socket.close())
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket.address().port
}

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
    const logger = createLogger('warn', (line) => lines.push(line))
    const options = { isOn: true, hosts: undefined, ports, isPortExplicit: false }
    const stun = await openStunService(options, { host: '127.0.0.1', logger })
    cleanups.push(() => stun.close())
    expect(lines.join('')).toMatch(/ warn UDP port \d+ .* Going on without STUN/)
    expect(stun.configFor(hostOf('chat.example.org'))).toEqual({ stunUrls: [] })
  })

  it('R29 are an error when they were asked for', async () => {
    const ports = [await takePort(), await takePort()]
    const options = { isOn: true, hosts: undefined, ports, isPortExplicit: true }
    const opening = openStunService(options, { host: '127.0.0.1', logger: silent })
    await expect(opening).rejects.toMatchObject({ code: 'port-in-use' })
  })
})
