// The whole traversal core on the testkit's internet: two ladders, two browsers as models, NATs of
// every class, seeds. What the laboratory then shows with real browsers is claimed here first.
import { describe, expect, test, vi } from 'vitest'
import { expectedMeetings } from './birthday.ts'
import type { NatName, Place } from './ladder-pair.testing.ts'
import { NATS, runPair } from './ladder-pair.testing.ts'
import type { NatReport } from '../nat/nat-report.ts'
import { breaches, timesOf } from './over-runs.testing.ts'

/** A direct path must be there before anything a person would call waiting; reports take 0.9 s here. */
const QUICK_MS = 2_000

// A long run makes 25 times as many.
vi.setConfig({ testTimeout: 600_000 })

describe('plain', () => {
  const plain: [NatName, NatName][] = [
    ['O', 'O'],
    ['O', 'C1'],
    ['O', 'C3'],
    ['O', 'Ss'],
    ['O', 'Sb'],
    ['O', 'Sr'],
    ['C1', 'C1'],
    ['C1', 'C3'],
    ['C1', 'Ss'],
    ['C1', 'Sr'],
    ['C2', 'C2'],
    ['C2', 'C3'],
    ['C2', 'Ss'],
    ['C2', 'Sb'],
    ['C2', 'Sr'],
    ['C3', 'C3'],
  ]

  test.each(plain)('T452: %s and %s by plain ICE, undisturbed', (...nats) => {
    expect(breaches({ nats }, { runs: 4, share: 1, by: ['plain'], medianMs: 1_000 })).toEqual([])
    expect(breaches({ nats: [nats[1], nats[0]] }, { runs: 4, share: 1, by: ['plain'] })).toEqual([])
    const { plans, relayMs } = runPair({ seed: 'undisturbed', nats })
    expect([plans, relayMs]).toEqual([0, undefined])
  })
})

describe('predicted', () => {
  test.each<[NatName, NatName]>([
    ['C3', 'Ss'],
    ['Ss', 'C3'],
    ['Ss', 'Ss'],
    ['C3', 'Ss2'],
    ['Ss2', 'Ss-'],
    ['Ss-', 'C3'],
    ['C3', 'Sa'],
    ['Sa', 'Ss'],
    ['Ss', 'Sa'],
  ])('T453: %s and %s at least 19 of 20, median below 2 s', (...nats) => {
    expect(
      breaches(
        { nats },
        { runs: 20, share: 0.95, by: ['predicted'], medianMs: QUICK_MS, withinMs: 10_000 },
      ),
    ).toEqual([])
  })

  test.each<[NatName, NatName]>([
    ['C3', 'Ss50'],
    ['Ss50', 'C3'],
  ])('T453: %s and %s at least 19 of 20 while others burn 50 ports per second', (...nats) => {
    expect(
      breaches({ nats }, { runs: 40, share: 0.95, by: ['predicted'], withinMs: 10_000 }),
    ).toEqual([])
  })

  test('T453: Ss10 and Ss10 at least 15 of 20 while others burn 10 ports per second on both', () => {
    expect(
      breaches({ nats: ['Ss10', 'Ss10'] }, { runs: 40, share: 0.75, by: ['predicted'] }),
    ).toEqual([])
  })

  test('T453: Ss and Ss far apart, with loss', () => {
    expect(
      breaches(
        { nats: ['Ss', 'Ss'], tripMs: 200, loss: 0.03 },
        { runs: 20, share: 0.9, withinMs: 12_000 },
      ),
    ).toEqual([])
  })
})

describe('birthday', () => {
  test.each<[NatName, NatName]>([
    ['C3', 'Sb'],
    ['Sb', 'C3'],
    ['Sb', 'Sb'],
    ['Sb1', 'Sb1'],
    ['C3', 'Sr'],
    ['Sr', 'C3'],
  ])('T454: %s and %s at least 18 of 20 within 20 s with munging', (...nats) => {
    expect(
      breaches({ nats }, { runs: 20, share: 0.9, by: ['birthday-shared'], withinMs: 20_000 }),
    ).toEqual([])
  })

  test.each<[NatName, NatName]>([
    ['C3', 'Sb'],
    ['C3', 'Sb1'],
  ])('T454: %s and %s at least 18 of 20 within 21 s without munging', (...nats) => {
    const settings = { munging: false }
    expect(
      breaches(
        { nats, settings },
        { runs: 10, share: 0.9, by: ['birthday-block'], withinMs: 21_000 },
      ),
    ).toEqual([])
  })
})

describe('luck', () => {
  const ALL = { first: 1_024, last: 65_535 }
  /** With the room that an estimate of it leaves at both ends. */
  const BLOCK = { first: 20_000, last: 22_200 }
  /** Reports, preparation, and the first round of mappings. */
  const BEGUN_MS = 1_500

  test.each([
    ['C3', 'Sr', true, { ports: ALL, mine: 64, theirs: 16 }],
    ['C3', 'Sb', false, { ports: BLOCK, mine: 32, theirs: 32 }],
  ] as const)('T454: %s and %s, munging %s: as often as the formula says', (...row) => {
    const [one, other, munging, { ports, ...sides }] = row
    const times = timesOf({ nats: [one, other], settings: { munging } }, 60)
    for (const atMs of [4_000, 6_000, 9_000, 12_000]) {
      const guesses = ((atMs - BEGUN_MS) * 16) / 1_000
      const credentials = munging ? 'shared' : 'own'
      const meetings = expectedMeetings([ports, 'kept'], credentials, { ...sides, guesses })
      const chance = 1 - Math.exp(-meetings)
      const share = times.filter((ms) => ms < atMs).length / times.length
      const sigma = Math.sqrt((chance * (1 - chance)) / times.length)
      expect(Math.abs(share - chance), `${share} for ${chance}`).toBeLessThan(0.08 + 3 * sigma)
    }
  })
})

describe('relayed', () => {
  test.each<[NatName, NatName]>([
    ['Sr', 'Sr'],
    ['Ss', 'Sr'],
    ['Sb', 'Sr'],
    ['U', 'C3'],
    ['U', 'O'],
    ['U', 'U'],
  ])('T455: %s and %s by relay, within a second of the reports', (...nats) => {
    for (const seed of ['1', '2', '3']) {
      const { path, relayMs = Infinity, plans } = runPair({ seed, nats })
      expect([path, plans]).toEqual(['ws-relay', 0])
      expect(relayMs).toBeLessThan(2_000)
    }
  })

  test('T455: C3 and Sr by relay where munging is forbidden: honest, not hopeful', () => {
    const result = runPair({ seed: '1', nats: ['C3', 'Sr'], settings: { munging: false } })
    expect(result).toMatchObject({ path: 'ws-relay', plans: 0 })
  })
})

describe('several NATs', () => {
  test.each<[Place, Place, string]>([
    [['C3', 'C3'], ['C3', 'C3'], 'plain'],
    [['C3', 'C2'], ['Sb', 'C1'], 'birthday-shared'],
    [['C3', 'Ss'], 'C3', 'predicted'],
    [['Ss', 'C3'], ['C3', 'Ss'], 'predicted'],
    [['C3', 'Sb'], 'C3', 'birthday-shared'],
    [['Sr', 'C3'], 'C3', 'birthday-shared'],
  ])('T455: %j and %j: %s, as the way in all is', (one, other, by) => {
    const claim = { runs: 10, share: 0.9, by: [by], withinMs: 20_000 }
    expect(breaches({ nats: [one, other] }, claim)).toEqual([])
  })

  test.each<[Place, Place]>([
    [['Ss', 'Sr'], 'Sr'],
    [
      ['Sr', 'C3'],
      ['C3', 'Ss'],
    ],
  ])('T455: %j and %j by relay, as the way in all is', (...nats) => {
    expect(runPair({ seed: '1', nats })).toMatchObject({ path: 'ws-relay', plans: 0 })
  })

  test('T455: two homes behind one carrier meet where it has hairpin', () => {
    const nats = ['C3', 'C3'] as const
    const open = runPair({ seed: '1', nats, shared: 'C3h', forMs: 5_000 })
    expect(open).toMatchObject({ path: 'direct', directBy: 'plain' })
    const closed = runPair({ seed: '1', nats, shared: 'C3', forMs: 5_000 })
    expect(closed).toMatchObject({ path: 'ws-relay', plans: 0 })
  })
})

describe('reports', () => {
  test.each<[Place, Partial<NatReport>]>([
    ['O', { mapping: 'endpoint-independent', filtering: 'endpoint-independent' }],
    ['C1', { mapping: 'endpoint-independent', filtering: 'endpoint-independent' }],
    ['C2', { mapping: 'endpoint-independent', filtering: 'address-dependent' }],
    ['C3', { mapping: 'endpoint-independent', filtering: 'address-and-port-dependent' }],
    ['Ss', { mapping: 'address-and-port-dependent', allocation: 'sequential', delta: 1 }],
    ['Ss2', { allocation: 'sequential', delta: 2, flowsPerSecond: 0 }],
    ['Ss-', { allocation: 'sequential', delta: -1 }],
    ['Ss50', { allocation: 'sequential', delta: 1 }],
    ['Sa', { mapping: 'address-dependent', allocation: 'sequential' }],
    ['Sb', { mapping: 'address-and-port-dependent', allocation: 'block' }],
    ['Sr', { mapping: 'address-and-port-dependent', allocation: 'random' }],
    [['Ss', 'Sr'], { allocation: 'random' }],
    [['C1', 'C2'], { filtering: 'address-dependent' }],
    ['U', { udp: 'blocked', unknown: ['silent'] }],
  ])('T400, T402, T403, T404, T405: %j is measured as what it is', (nat, expected) => {
    for (const seed of ['1', '2', '3', '4', '5'])
      expect(runPair({ seed, nats: [nat, 'U'], forMs: 1_500 }).report).toMatchObject(expected)
  })
})

test('T455: every pair of classes ends in a path', () => {
  const names: NatName[] = ['O', ...(Object.keys(NATS) as NatName[])]
  for (const one of names)
    for (const other of names) {
      const { path, directMs, relayMs } = runPair({ seed: 'all', nats: [one, other], forMs: 3_000 })
      expect(path, `${one} and ${other}`).toBeDefined()
      expect(Math.min(directMs ?? Infinity, relayMs ?? Infinity)).toBeLessThan(3_000)
    }
})
