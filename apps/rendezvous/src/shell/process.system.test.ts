import { once } from 'node:events'
import { createSocket } from 'node:dgram'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { closeCodeOf } from '@knothole/wire'
import { CLOSE_WITHIN_MS } from './server.ts'
import { createTestKeys, joinTestRoom, makeTestRoom, TestPeer } from './test-peer.testing.ts'
import {
  buildServer,
  makeTestFolder,
  runTestProcess,
  startTestProcess,
} from './test-server.testing.ts'
import type { TestProcess } from './test-server.testing.ts'

beforeAll(buildServer)

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

async function newFolder(): Promise<string> {
  const folder = await makeTestFolder()
  cleanups.push(() => folder.remove())
  return folder.path
}

async function start(folder: string, flags: readonly string[] = []): Promise<TestProcess> {
  const base = ['--host', '127.0.0.1', '--port', '0', '--no-stun', '--page', folder]
  const running = await startTestProcess([...base, '--data', folder, ...flags])
  cleanups.push(() => kill(running, 'SIGKILL'))
  return running
}

async function kill({ child }: TestProcess, signal: NodeJS.Signals): Promise<unknown[]> {
  if (child.exitCode !== null || child.signalCode !== null) return [child.exitCode]
  child.kill(signal)
  return once(child, 'exit')
}

describe('the process', () => {
  it('R3 keeps rooms over kill -9', async () => {
    const folder = await newFolder()
    const first = await start(folder)
    const room = await makeTestRoom(first.url)
    await joinTestRoom(first.url, room)
    await kill(first, 'SIGKILL')
    const second = await start(folder)
    const alice = await joinTestRoom(second.url, room)
    const bob = new TestPeer(second.url, room)
    const { participants } = await bob.join()
    expect(participants.map(({ peer }) => peer)).toEqual([alice.id])
  })

  it('R30 refuses everybody going-away and ends with 0 on SIGTERM', async () => {
    const launchedMs = Date.now()
    const server = await start(await newFolder())
    // A busy machine ends a process no faster than it starts one.
    const spareMs = Math.max(1000, Date.now() - launchedMs)
    const room = await makeTestRoom(server.url)
    const alice = await joinTestRoom(server.url, room)
    const deaf = await joinTestRoom(server.url, room)
    deaf.socket.pause()
    const startedMs = Date.now()
    const exit = kill(server, 'SIGTERM')
    expect((await alice.ended).code).toBe(closeCodeOf('going-away'))
    expect((await alice.next('refused')).code).toBe('going-away')
    expect(await exit).toEqual([0, null])
    expect(Date.now() - startedMs).toBeLessThan(CLOSE_WITHIN_MS + spareMs)
  })

  it('R30 ends at once on a second signal', async () => {
    const server = await start(await newFolder())
    const deaf = await joinTestRoom(server.url, await makeTestRoom(server.url))
    const alice = await joinTestRoom(server.url, await makeTestRoom(server.url))
    deaf.socket.pause()
    const exit = once(server.child, 'exit')
    server.child.kill('SIGINT')
    await alice.ended
    server.child.kill('SIGINT')
    expect(await exit).toEqual([130, null])
  })

  it('R29 prints its address and nothing else', async () => {
    const folder = await newFolder()
    const quiet = await start(folder, ['--log-level', 'error'])
    await makeTestRoom(quiet.url)
    await kill(quiet, 'SIGTERM')
    expect(quiet.stdout).toEqual([`Knothole is at ${quiet.url}`])
    expect(quiet.stderr).toEqual([])
  })

  it('R29 listens on all addresses unless told otherwise', async () => {
    const folder = await newFolder()
    const base = ['--port', '0', '--no-stun', '--data', folder, '--page', folder]
    const running = await startTestProcess(base)
    cleanups.push(() => kill(running, 'SIGKILL'))
    expect(running.url).toMatch(/^http:\/\/localhost:\d+$/)
    const viaIpv4 = new URL(running.url)
    viaIpv4.hostname = '127.0.0.1'
    expect((await fetch(new URL('/api/health', viaIpv4))).status).toBe(200)
  })

  it('R24 says how to build the page when there is none', async () => {
    const server = await start(await newFolder())
    const response = await fetch(server.url)
    expect(response.status).toBe(503)
    expect(await response.text()).toContain('npm run build')
    expect(server.stderr.join('\n')).toContain('npm run build')
  })

  it('R29 says what to do when its port is taken', async () => {
    const folder = await newFolder()
    const server = await start(folder)
    const { port } = new URL(server.url)
    const flags = ['--host', '127.0.0.1', '--port', port, '--no-stun', '--data', folder]
    const second = await runTestProcess([...flags, '--page', folder, '--log-level', 'error'])
    expect(second).toMatchObject({ code: 1, stdout: '' })
    expect(second.stderr).toMatch(/^knothole: port \d+ is in use .* --port\n$/)
  })

  it('R29 ends when STUN ports that were asked for are taken', async () => {
    const folder = await newFolder()
    const other = createSocket('udp4')
    cleanups.push(() => other.close())
    other.bind(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address()
    const stun = ['--stun-port', String(port), '--stun-alt-port', String(port === 1 ? 2 : port - 1)]
    const flags = ['--host', '127.0.0.1', '--port', '0', '--data', folder, '--page', folder]
    const ended = await runTestProcess([...flags, ...stun, '--log-level', 'error'])
    expect(ended).toMatchObject({ code: 1, stdout: '' })
    expect(ended.stderr).toContain(`UDP port ${port}`)
  })

  it('R28 ends with 2 and the name of a wrong option', async () => {
    const wrong = await runTestProcess(['--prot', '1'])
    expect(wrong).toMatchObject({ code: 2, stdout: '' })
    expect(wrong.stderr).toContain('--prot')
    const variable = await runTestProcess([], { KNOTHOLE_LOG_LEVEL: 'loud' })
    expect(variable).toMatchObject({ code: 2, stdout: '' })
    expect(variable.stderr).toContain('KNOTHOLE_LOG_LEVEL')
  })

  it('R28 prints every option with --help', async () => {
    const help = await runTestProcess(['--help'])
    expect(help).toMatchObject({ code: 0, stderr: '' })
    expect(help.stdout).toContain('--stun-alt-port PORT')
  })

  it('R31 logs nobody, not even at debug', async () => {
    const server = await start(await newFolder(), ['--log-level', 'debug'])
    const room = await makeTestRoom(server.url)
    const alice = await joinTestRoom(server.url, room)
    const stranger = new TestPeer(server.url, { ...room, admission: createTestKeys() })
    await expect(stranger.join()).rejects.toThrow('refused')
    await fetch(new URL(`/r/${room.id}`, server.url))
    alice.send({ type: 'leave' })
    await alice.ended
    await kill(server, 'SIGTERM')
    const log = server.stderr.join('\n')
    expect(log).toContain('socket joined')
    expect(log).toContain('not-admitted')
    for (const secret of ['127.0.0.1', room.id, alice.id, stranger.id]) {
      expect(log).not.toContain(secret)
    }
  })
})
