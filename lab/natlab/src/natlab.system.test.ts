// The laboratory measured by itself: that every place does what it claims, that the self-test can
// fail, that the stock baseline gives the known results, and that nothing is left behind.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, constants, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterEach, describe, expect, test } from 'vitest'

import { NOBODY_ADDRESS, SERVER_ADDRESSES } from './addresses.ts'
import { runCell, type CellPlan } from './cell.ts'
import { FAIR_WEATHER } from './delay-hop.ts'
import { createLab, type Lab, type LabOptions } from './lab.ts'
import { listNamespaces, sweepNamespaces } from './namespaces.ts'
import { parsePlace, plainPlace, type Place } from './place.ts'
import { PRESET_NAMES, PRESETS } from './presets.ts'
import { routerRuleset } from './ruleset.ts'
import type { RunResult } from './run.ts'
import { requireClaims, selfTest } from './self-test.ts'
import { chromiumSupport, labSupport, type Support } from './support.ts'
import { startWebServer } from './web-server.ts'

const lab = labSupport()
const browser: Support = lab.ok ? chromiumSupport() : lab
const tun: Support = lab.ok ? await tunSupport() : lab
const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url))

/** Sends 400 Binding requests, counts the answers until none has come for a second, and prints it. */
const COUNT_ANSWERS = `
const socket = require('node:dgram').createSocket('udp4')
let answered = 0
const end = setTimeout(() => { console.log(answered); socket.close() }, 1000)
socket.on('message', () => { answered += 1; end.refresh() })
for (let n = 0; n < 400; n += 1) {
  const id = n.toString(16).padStart(24, '0')
  setTimeout(() => socket.send(Buffer.from('000100002112a442' + id, 'hex'), 3478, '203.0.113.10'), n)
}`

let open: Lab | undefined

async function openLab(options: LabOptions = {}): Promise<Lab> {
  open = await createLab(options)
  return open
}

afterEach(async () => {
  await open?.close()
  open = undefined
})

async function tunSupport(): Promise<Support> {
  try {
    await access('/dev/net/tun', constants.R_OK | constants.W_OK)
    return { ok: true }
  } catch {
    return { ok: false, reason: 'no access to /dev/net/tun' }
  }
}

function place(label: string): Place {
  const found = parsePlace(label)
  if (found === undefined) throw new Error(`${label} is no place`)
  return found
}

function reason(support: Support): string {
  return support.ok ? '' : ` (skipped: ${support.reason})`
}

describe.skipIf(!lab.ok)(`the network${reason(lab)}`, () => {
  test('every place does what its preset claims', async () => {
    const lab = await openLab()
    for (const name of PRESET_NAMES) await lab.addHost(name)
    const hosts = lab.sites.flatMap((site) => site.hosts)
    const results = await selfTest(lab, hosts)
    expect(results.map(({ place, differences }) => [place, differences])).toEqual(
      PRESET_NAMES.map((name) => [name, []]),
    )
  })

  test('so do places behind an operator, and mappings live as long as they should', async () => {
    const labels = ['C3/Ss', 'C3/Sr', 'Ss/C3', 'C3h/C3', 'C3/C3h', 'C1/C2', 'C3@4', 'C1@4']
    const lab = await openLab()
    const hosts = await Promise.all(labels.map(async (label) => lab.addHost(place(label))))
    const results = await selfTest(lab, hosts)
    expect(results.map(({ place, differences }) => [place, differences])).toEqual(
      labels.map((label) => [label, []]),
    )
  })

  test('two homes of one operator: their operator tells whether they reach each other outside', async () => {
    const lab = await openLab()
    const first = await lab.addSite(place('C3/C3h'))
    const hosts = [
      await first.addHost(),
      await (await lab.addSite(place('C3/C3h'), first)).addHost(),
    ]
    expect(new Set(hosts.map(({ site }) => site.publicAddress)).size).toBe(1)
    expect(new Set(hosts.map(({ site }) => site.routers[0]?.name)).size).toBe(1)
    requireClaims(await selfTest(lab, hosts))
  })

  test('neighbours take as many ports a second out of a sequence as the place says', async () => {
    const lab = await openLab()
    const host = await lab.addHost(place('Ss+50'))
    requireClaims(await selfTest(lab, [host]))
    await lab.startNeighbours()
    const router = host.site.routers[0]
    const taken = async (): Promise<number> => {
      const listing = (await router?.run(['conntrack', '-L', '-p', 'udp'])) ?? ''
      return listing.split('\n').filter((line) => line.includes(`dst=${NOBODY_ADDRESS}`)).length
    }
    await expect.poll(taken, { timeout: 10_000 }).toBeGreaterThan(0)
    const [before, startMs] = [await taken(), performance.now()]
    await expect.poll(taken, { timeout: 10_000 }).toBeGreaterThan(before + 100)
    const flowsPerSecond = ((await taken()) - before) / ((performance.now() - startMs) / 1000)
    expect(flowsPerSecond).toBeGreaterThan(30)
    expect(flowsPerSecond).toBeLessThan(75)
  })

  test('a place that does something else is found out', async () => {
    const lab = await openLab()
    const host = await lab.addHost('home')
    const [corporate] = PRESETS.corporate.routers
    if (corporate === undefined) throw new Error('corporate has no router')
    const [router] = host.site.routers
    await router?.loadRuleset(
      routerRuleset(corporate, { externalAddress: host.site.publicAddress }),
    )
    const results = await selfTest(lab, [host])
    expect(results[0]?.differences.map((line) => line.split(':')[0])).toEqual([
      'mapping',
      'allocation',
    ])
    expect(() => requireClaims(results)).toThrow('home: mapping: claimed endpoint-independent')
  })

  test('two hosts of one site share its public address; it can change, and both still get out', async () => {
    const lab = await openLab()
    const site = await lab.addSite('sequential')
    const hosts = [await site.addHost(), await site.addHost()]
    const before = site.publicAddress
    await site.changePublicAddress(lab.unusedPublicAddress())
    expect(site.publicAddress).not.toBe(before)
    // One after the other: two at once take ports out of each other's sequence.
    for (const host of hosts) requireClaims(await selfTest(lab, [host]))
    const counted = await lab.core.counters()
    const sources = new Set(
      counted.flows.filter(({ to }) => SERVER_ADDRESSES.includes(to)).map(({ from }) => from),
    )
    expect([...sources]).toEqual([site.publicAddress])
  })

  test('the way out moves to another router; a router that is cut lets nothing through', async () => {
    const lab = await openLab()
    const site = await lab.addSite('home')
    const host = await site.addHost()
    const server = await startWebServer(lab, 'stock')
    lab.beforeClose(() => server.kill())
    const reaches = async (): Promise<number> => {
      const words = [process.execPath, '-e', COUNT_ANSWERS]
      return Number(await host.run(words))
    }
    await site.changeRouter(lab.unusedPublicAddress())
    expect(await reaches()).toBe(400)
    const { flows } = await lab.core.counters()
    expect(flows.filter(({ to }) => SERVER_ADDRESSES.includes(to)).map(({ from }) => from)).toEqual(
      [site.publicAddress],
    )
    await site.cut(true)
    expect(await reaches()).toBe(0)
    await site.cut(false)
    expect(await reaches()).toBe(400)
  })

  test('close removes every namespace, and what a killed run leaves is swept', async () => {
    const child = spawn(process.execPath, [MAIN, '--self-test'], { stdio: 'ignore' })
    const orphans = (): string[] =>
      listNamespaces().filter((name) => name.startsWith(`kh${child.pid}-1-`))
    await expect.poll(orphans, { timeout: 20_000 }).toContain(`kh${child.pid}-1-server`)
    child.kill('SIGKILL')
    await once(child, 'exit')
    sweepNamespaces()
    expect(orphans()).toEqual([])

    const lab = await openLab()
    await lab.addHost('cgn')
    expect(listNamespaces()).toContain(lab.server.name)
    await lab.close()
    expect(listNamespaces().filter((name) => name.startsWith(`kh${process.pid}-`))).toEqual([])
  })

  test.skipIf(!tun.ok)(`a delay of 80 ms is 80 ms for all${reason(tun)}`, async () => {
    const lab = await openLab({ weather: { delayMs: 80 } })
    const hosts = [await lab.addHost('cloud'), await lab.addHost('cgn')]
    const results = await selfTest(lab, hosts)
    requireClaims(results)
    for (const { roundTripMs } of results) expect(roundTripMs).toBeGreaterThan(78.5)
    for (const { roundTripMs } of results) expect(roundTripMs).toBeLessThan(90)
  })

  test.skipIf(!tun.ok)(
    `of a hundred packets the weather loses as many as it should${reason(tun)}`,
    async () => {
      const lab = await openLab({ weather: { lossPercent: 20, jitterMs: 10 } })
      const host = await lab.addHost('home')
      const server = await startWebServer(lab, 'stock')
      lab.beforeClose(() => server.kill())
      const answered = Number(await host.run([process.execPath, '-e', COUNT_ANSWERS]))
      const lost = 100 * (1 - answered / 400)
      // Both directions: 36 %, give or take four standard deviations.
      expect(lost).toBeGreaterThan(26)
      expect(lost).toBeLessThan(46)
    },
  )
})

describe.skipIf(!browser.ok)(`stock WebRTC${reason(browser)}`, () => {
  const plan: CellPlan = {
    pair: [plainPlace('home'), plainPlace('home')],
    sameLan: false,
    third: undefined,
    runs: 1,
    driver: 'stock',
    weather: FAIR_WEATHER,
    boundMs: 16_000,
    killRendezvous: false,
    watchSeconds: 3,
    pcapPath: undefined,
  }
  const runOnce = async (change: Partial<CellPlan>): Promise<RunResult | undefined> => {
    const listener = { onSelfTest: () => undefined, onRun: () => undefined }
    const result = await runCell({ ...plan, ...change }, listener)
    return result.runs[0]
  }

  test('home x home: direct, also while the server is dead; all of it in the capture', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'natlab-test-'))
    const pcapPath = join(folder, 'capture.pcap')
    const run = await runOnce({ killRendezvous: true, pcapPath })
    expect(run).toMatchObject({
      path: 'direct',
      wire: 'direct',
      afterKill: { said: 6, read: 6, noticed: true, otherPackets: 0 },
    })
    // Chat of three seconds and the page are far more than a file header.
    expect((await readFile(pcapPath)).length).toBeGreaterThan(10_000)
    await rm(folder, { recursive: true })
  })

  test('two on one LAN: lan; a third from the cloud talks to both', async () => {
    const run = await runOnce({ sameLan: true, third: plainPlace('cloud') })
    // Why it is disputed, if it is.
    expect(run?.note).toBeUndefined()
    expect(run).toMatchObject({ path: 'lan', wire: 'lan', thirdMs: expect.any(Number) })
  })

  test('corporate x home: no path with STUN only, and the page says so', async () => {
    const run = await runOnce({ pair: [plainPlace('corporate'), plainPlace('home')] })
    expect(run).toMatchObject({ path: 'failed', ms: undefined, gaveUpMs: expect.any(Number) })
  })
})
