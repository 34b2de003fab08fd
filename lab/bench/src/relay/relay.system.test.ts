import { existsSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { missing } from '../../../../tools/requirements.mjs'
import { relayForwarder, relayNodeLoad, rendezvousProgram } from '../places.ts'
import { findFreePort, startServer } from '../server-process.ts'
import { canShareAPort, relayContenders } from './contenders.ts'
import type { LoadProgram } from './load.ts'
import { openLoad, prepareLoad } from './load.ts'
import { openStage } from './stage.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

/** So few that the busiest machine carries them. */
const gently = { rate: 400, ms: 500, sizeBytes: 300, bunch: 2, directions: 'both' } as const
const inNode: LoadProgram = { command: process.execPath, args: [relayNodeLoad], what: 'Node' }
const unbuilt = [relayNodeLoad, relayForwarder, rendezvousProgram].filter(
  (file) => !existsSync(file),
)

describe.skipIf(unbuilt.length > 0)(`the load of the relay bench ${unbuilt.join(' ')}`, () => {
  it.each([
    ['that is compiled here', prepareLoad],
    ['in Node', () => inNode],
  ])('%s counts what went through a forwarder, both ways', async (_, program) => {
    const port = await findFreePort()
    const load = await openLoad(program(), port, 3)
    cleanups.push(() => load.close())
    const args = [String(port), String(load.peerPort)]
    const server = await startServer({ program: relayForwarder, args, port })
    cleanups.push(() => server.close())
    const seen = new Set<number>()
    for (let client = 0; client < 3; client++) seen.add(await load.learn(client))
    expect([seen.size, seen.has(0)]).toEqual([3, false])
    const both = await load.run(gently)
    expect(both.got).toBe(both.sent)
    expect(both.sent).toBeGreaterThan(100)
    const { sent, got } = await load.run({ ...gently, directions: 'up' })
    expect([got, sent > 100]).toEqual([sent, true])
  })

  it('counts what a dead server loses', async () => {
    const load = await openLoad(prepareLoad(), await findFreePort(), 1)
    cleanups.push(() => load.close())
    expect(await load.ask(0, Uint8Array.of(1))).toBeUndefined()
    const { sent, got } = await load.run({ ...gently, directions: 'up' })
    expect([sent > 100, got]).toEqual([true, 0])
  })
})

describe.skipIf(unbuilt.length > 0)('servers of the relay bench', () => {
  it.for(['node-udp', 'knothole', 'coturn'])('%s relays everything', async (name, { skip }) => {
    const reason = name === 'coturn' ? missing('turnutils') : undefined
    skip(reason !== undefined, reason)
    const contender = relayContenders.find((one) => one.name === name)
    if (contender === undefined) throw new Error(`no contender ${name}`)
    const stage = await openStage(contender, prepareLoad())
    cleanups.push(() => stage.close())
    const measured = await stage.measure('peer', gently)
    expect(measured.lostShare).toBe(0)
    expect(measured.packetsPerSecond).toBeGreaterThan(100)
    if (!stage.hasSiblings) return
    expect((await stage.measure('siblings', { ...gently, directions: 'up' })).lostShare).toBe(0)
  })

  it.each([
    ['20.19.0', false],
    ['22.11.0', false],
    ['22.12.0', true],
    ['23.0.0', false],
    ['23.1.0', true],
    ['24.0.0', true],
  ])('threads of Node %s share a port: %s', (version, can) => {
    expect(canShareAPort(version)).toBe(can)
  })
})
