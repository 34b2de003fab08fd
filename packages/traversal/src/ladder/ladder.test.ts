import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AttemptMessage } from './attempt.ts'
import { LadderBench } from './ladder-bench.testing.ts'
import { networkPairKey } from './network-pair.ts'
import type { LadderInput } from './ladder-types.ts'
import type { NatReport } from '../nat/nat-report.ts'
import { reportOf } from '../nat/nat-reports.testing.ts'
import { PunchBudget } from './punch-budget.ts'

const SETTINGS = {
  munging: true,
  hideAddress: false,
  saveData: false,
  relays: ['ws-relay'],
} as const
const PROPOSAL = {
  type: 'propose',
  attempt: 1,
  rung: 'predicted',
  seed: 1,
  connections: [1, 1],
  payload: 'hers',
} as const

function sampleOf(host: number, ports: readonly number[]) {
  return { address: `198.51.100.${host}`, ports }
}

describe('plain pairs', () => {
  test.each([
    ['C3', 'C3'],
    ['C1', 'Sr'],
    ['C2', 'Ss'],
    ['O', 'Sb'],
  ] as const)('T440: %s and %s are left alone while plain ICE has its time', (mine, theirs) => {
    const bench = new LadderBench().start(mine, theirs).advance(999)
    expect(bench.log.map(({ output }) => output)).toEqual([{ type: 'start', rung: 'plain' }])
    bench.advance(1_000)
    expect(bench.started()).toEqual(['plain 0', 'ws-relay 1000', 'turn 1000'])
    expect(bench.prepared()).toEqual([])
  })

  test('T440: tricks follow after 2 s, at once when plain ICE gives up or is known to fail', () => {
    expect(new LadderBench().start('C2', 'Ss').advance(3_000).prepared()).toEqual([
      'predicted 2000',
    ])
    const failed = new LadderBench().start('C2', 'Ss').advance(100).handle({ type: 'plain-failed' })
    expect(failed.prepared()).toEqual(['predicted 100'])
    const known = new LadderBench({ memory: { won: 'predicted', failures: 0 } }).start('C2', 'Ss')
    expect(known.prepared()).toEqual(['predicted 0'])
  })

  test('T440: without reports only plain ICE and relays are tried', () => {
    const bench = new LadderBench().handle({ type: 'signalling', up: true }).advance(10_000)
    expect(bench.started()).toEqual(['plain 0', 'ws-relay 1000', 'turn 1000'])
    expect(bench.prepared()).toEqual([])
  })
})

describe('other pairs', () => {
  test.each([
    ['Sr', 'Sr'],
    ['U', 'C3'],
    ['Ss', 'Sr'],
  ] as const)('T441: %s and %s are hopeless and relayed at once', (mine, theirs) => {
    const bench = new LadderBench().start(mine, theirs)
    expect(bench.started()).toEqual(['plain 0', 'ws-relay 0', 'turn 0'])
    expect(bench.advance(10_000).prepared()).toEqual([])
  })

  test('T441: a pair that needs a trick gets it at once, and a relay meanwhile', () => {
    const bench = new LadderBench().start('C3', 'Ss')
    expect(bench.started()).toEqual(['plain 0', 'ws-relay 0', 'turn 0'])
    expect(bench.prepared()).toEqual(['predicted 0'])
  })

  test('T441: the best relay there is is sought beside the socket, another when it comes', () => {
    const bench = new LadderBench({ relays: ['ws-relay', 'member-relay', 'turn'] }).start('U', 'C3')
    expect(bench.started()).toEqual(['plain 0', 'ws-relay 0', 'member-relay 0'])
    const later = new LadderBench({ relays: ['ws-relay'] }).start('U', 'C3').advance(5)
    later.handle({ type: 'settings', settings: { ...SETTINGS, relays: ['ws-relay', 'turn'] } })
    expect(later.started()).toEqual(['plain 0', 'ws-relay 0', 'turn 5'])
  })

  test('T441: a relay that broke is sought again', () => {
    const bench = new LadderBench({ relays: ['ws-relay'] })
      .start('U', 'C3')
      .handle({ type: 'path', path: 'ws-relay' })
    bench.advance(50).handle({ type: 'path', path: undefined })
    expect(bench.started()).toEqual(['plain 0', 'ws-relay 0', 'ws-relay 50'])
  })
})

describe('an attempt', () => {
  test('T442: the side with the smaller id proposes, the other waits', () => {
    expect(
      new LadderBench({ me: 'bob', other: 'alice' }).start('C3', 'Ss').advance(60_000).prepared(),
    ).toEqual([])
    expect(new LadderBench().start('C3', 'Ss').prepared()).toHaveLength(1)
  })

  test('T442: who keeps its port proposes it, and starts when the walking side has answered', () => {
    const bench = new LadderBench().start('C3', 'Ss')
    expect(bench.all('prepare')).toMatchObject([
      { attempt: 1, connections: 1, credentials: 'own', gather: true },
    ])
    const sample = sampleOf(1, [5_000])
    bench.advance(10).handle({ type: 'prepared', attempt: 1, payload: 'mine', sample })
    expect(bench.all('send')).toMatchObject([
      { message: { type: 'propose', payload: 'mine', sample } },
    ])
    bench.advance(10).receive({
      type: 'accept',
      attempt: 1,
      payload: 'theirs',
      tookMs: 5,
      sample: sampleOf(2, [20_007, 20_008]),
    })
    expect(bench.all('apply')).toMatchObject([{ attempt: 1, payload: 'theirs' }])
    expect(bench.all('go')).toMatchObject([{ plan: { address: '198.51.100.2' } }])
    expect(bench.all('go')[0]?.plan.ports[0]?.slice(0, 3)).toEqual([20_009, 20_010, 20_011])
    expect(bench.all('send')).toHaveLength(1)
  })

  test('T443: who walks samples last and starts at once, and says how old the other sample is', () => {
    const bench = new LadderBench().start('Ss', 'Ss')
    bench.handle({ type: 'prepared', attempt: 1, payload: 'mine' })
    expect(bench.all('send')[0]?.message).not.toHaveProperty('sample')
    bench.advance(200).receive({
      type: 'accept',
      attempt: 1,
      payload: 'theirs',
      tookMs: 150,
      sample: sampleOf(2, [7_000]),
    })
    expect(bench.all('sample')).toEqual([{ type: 'sample', attempt: 1, sockets: 1 }])
    expect(bench.all('go')).toEqual([])
    bench.advance(30).handle({ type: 'sampled', attempt: 1, sample: sampleOf(1, [40_000, 40_001]) })
    expect(bench.all('send')[1]?.message).toMatchObject({
      type: 'go',
      ageMs: 80,
      sample: { ports: [40_000, 40_001], lagMs: 30 },
    })
    expect(bench.all('go')[0]?.plan.ports[0]?.[0]).toBe(7_001)
  })

  test('T443: the other side samples just before it answers, and starts when both samples are known', () => {
    const bench = new LadderBench({ me: 'bob', other: 'alice' }).start('Ss', 'Ss')
    bench.receive(PROPOSAL)
    bench.advance(20).handle({ type: 'prepared', attempt: 1, payload: 'his' })
    expect(bench.all('apply')).toMatchObject([{ payload: 'hers' }])
    expect(bench.all('send')).toEqual([])
    bench.advance(20).handle({ type: 'sampled', attempt: 1, sample: sampleOf(1, [40_000]) })
    expect(bench.all('send')).toMatchObject([
      { message: { type: 'accept', payload: 'his', tookMs: 40 } },
    ])
    expect(bench.all('go')).toEqual([])
    bench.advance(50).receive({ type: 'go', attempt: 1, sample: sampleOf(2, [7_000]), ageMs: 50 })
    expect(bench.all('go')[0]?.plan.ports[0]?.[0]).toBe(7_001)
  })

  test('T443: flows of others are what our samples saw, without our own checks', () => {
    const bench = new LadderBench()
    bench.handle({
      type: 'report',
      side: 'mine',
      report: reportOf('Ss', 1),
      seen: { port: 40_000, atMs: 0 },
    })
    bench.handle({ type: 'report', side: 'theirs', report: reportOf('Ss', 2) })
    bench.handle({ type: 'signalling', up: true })
    attempt(bench, 1, 40_012)
    expect(bench.all('send')[1]?.message).toMatchObject({ sample: { flows: 11, overMs: 1_000 } })
    const checks = bench.all('go')[0]?.plan.ports.flat().length ?? 0
    bench.fail().advance(250)
    attempt(bench, 2, 40_012 + checks + 1 + 5)
    expect(bench.all('send').at(-1)?.message).toMatchObject({ sample: { flows: 5, overMs: 1_250 } })
  })

  test('T444: a prediction is tried three times, shared credentials before own ones', () => {
    const walking = new LadderBench().start('C3', 'Ss')
    for (let tries = 0; tries < 3; tries++) walking.fail().advance(250)
    expect(walking.prepared()).toEqual(['predicted 0', 'predicted 250', 'predicted 500'])
    const block = new LadderBench().start('C3', 'Sb').relayed().fail().advance(20_000)
    expect(block.prepared()).toEqual(['birthday-shared 0', 'birthday-block 20000'])
    const forbidden = new LadderBench({ settings: { ...SETTINGS, munging: false } })
      .start('C3', 'Sb')
      .relayed()
    expect(forbidden.prepared()).toEqual(['birthday-block 0'])
  })

  test('T444: a shell that fails tells the other side, and one that is silent is not waited for', () => {
    const bench = new LadderBench().start('C3', 'Ss').fail()
    expect(bench.all('send').at(-1)).toMatchObject({
      message: { type: 'decline', attempt: 1, reason: 'failed' },
    })
    const silent = new LadderBench().start('C3', 'Ss').advance(8_000)
    expect(silent.all('end')).toEqual([{ type: 'end', attempt: 1, connected: false }])
  })
})

/** Our side of an attempt between two that walk, up to `go`. */
function attempt(bench: LadderBench, number: number, port: number): void {
  bench.handle({ type: 'prepared', attempt: number, payload: 'mine' })
  const sample = sampleOf(2, [7_000])
  bench
    .advance(500)
    .receive({ type: 'accept', attempt: number, payload: 'theirs', tookMs: 0, sample })
  bench.advance(500).handle({ type: 'sampled', attempt: number, sample: sampleOf(1, [port]) })
}

describe('schedule', () => {
  test('T445: when all has failed, again after 60 s, then 120 s, and so on to an hour', () => {
    const bench = new LadderBench({ settings: { ...SETTINGS, relays: [] } }).start('U', 'C3')
    bench.handle({ type: 'plain-failed' }).advance(60_000)
    expect(bench.started()).toEqual(['plain 0', 'plain 60000'])
    bench.advance(15_000 + 120_000)
    expect(bench.started()).toHaveLength(3)
    bench.advance(24 * 3_600_000)
    expect(bench.started().length).toBeGreaterThan(25)
    expect(bench.started().length).toBeLessThan(35)
  })

  test('T445: again at once when a network changes, what was learnt of the old one forgotten', () => {
    const bench = new LadderBench().start('C3', 'Ss')
    for (let tries = 0; tries < 3; tries++) bench.fail().advance(250)
    bench.advance(10_000).handle({ type: 'network-change' })
    expect(bench.started().at(-1)).toBe('plain 10750')
    expect(bench.prepared().at(-1)).toBe('predicted 10750')
  })

  test('T446: who hides an address is only relayed, and declines', () => {
    const settings = { ...SETTINGS, hideAddress: true }
    const bench = new LadderBench({ me: 'bob', other: 'alice', settings }).start('C3', 'Ss')
    expect(bench.advance(60_000).started()).toEqual(['ws-relay 0'])
    bench.receive(PROPOSAL)
    expect(bench.all('send')).toMatchObject([{ message: { type: 'decline', reason: 'unwilling' } }])
    expect(bench.prepared()).toEqual([])
  })

  test('T447: who saves data makes no birthday punch, but predicts', () => {
    const settings = { ...SETTINGS, saveData: true }
    expect(new LadderBench({ settings }).start('C3', 'Sb').advance(60_000).prepared()).toEqual([])
    expect(new LadderBench({ settings }).start('C3', 'Ss').prepared()).toEqual(['predicted 0'])
  })

  test('T448: one birthday punch at a time in a room, and 20 s between their beginnings', () => {
    const budget = new PunchBudget()
    const first = new LadderBench({ budget }).start('C3', 'Sb').relayed()
    const second = new LadderBench({ budget }).start('C3', 'Sb').relayed().advance(30_000)
    expect(first.prepared()).toHaveLength(1)
    expect(second.prepared()).toEqual([])
    const third = new LadderBench({ budget, me: 'carol', other: 'alice' }).start('C3', 'Sb')
    third.receive({ ...PROPOSAL, rung: 'birthday-shared', sample: sampleOf(2, [5]) })
    expect(third.all('send')).toMatchObject([{ message: { type: 'decline', reason: 'busy' } }])
    first.fail()
    second.advance(1).handle({ type: 'signalling', up: true })
    expect(second.prepared()).toHaveLength(1)
  })

  test('T448: who was told that the other is busy asks again after 20 s', () => {
    const bench = new LadderBench()
      .start('C3', 'Ss')
      .receive({ type: 'decline', attempt: 1, reason: 'busy' })
    expect(bench.advance(19_999).prepared()).toHaveLength(1)
    expect(bench.advance(1).prepared()).toEqual(['predicted 0', 'predicted 20000'])
  })

  test('T449: relays end when a direct path has lasted, not before', () => {
    const bench = new LadderBench()
      .start('C3', 'Sr')
      .advance(100)
      .handle({ type: 'path', path: 'direct' })
    expect(bench.advance(4_999).all('stop')).toEqual([])
    expect(bench.advance(1).all('stop')).toEqual([
      { type: 'stop', rung: 'ws-relay' },
      { type: 'stop', rung: 'turn' },
    ])
    const broken = new LadderBench().start('C3', 'Sr').handle({ type: 'path', path: 'direct' })
    broken.advance(4_000).handle({ type: 'path', path: 'ws-relay' })
    expect(broken.advance(4_000).all('stop')).toEqual([])
  })
})

describe('memory', () => {
  test('T451: what opened a path is remembered, plain ICE too', () => {
    const bench = new LadderBench()
      .start('C3', 'Ss')
      .handle({ type: 'attempt-result', attempt: 1, connected: true })
    expect(bench.all('remember')).toEqual([
      { type: 'remember', memory: { won: 'predicted', failures: 0 } },
    ])
    expect(bench.all('end')).toEqual([{ type: 'end', attempt: 1, connected: true }])
    const plain = new LadderBench().start('C3', 'C3').handle({ type: 'path', path: 'direct' })
    expect(plain.all('remember')).toEqual([
      { type: 'remember', memory: { won: 'plain', failures: 0 } },
    ])
  })

  test('T451: a pair of networks has one name from both sides, and no host in it', () => {
    const [a, b] = [reportOf('C3', 1), { ...reportOf('Ss', 2), addresses: ['203.0.113.9'] }]
    expect(networkPairKey(a, b)).toBe('198.51.100 203.0.113')
    expect(networkPairKey(b, a)).toBe(networkPairKey(a, b))
    expect(networkPairKey({ ...a, addresses: ['2001:db8:7:1::9'] }, { ...b, addresses: [] })).toBe(
      '2001:db8:7 unknown',
    )
  })
})

describe('hostile peers', () => {
  const isBob = { me: 'bob', other: 'alice' }

  test.each<[string, AttemptMessage]>([
    ['from the wrong side', PROPOSAL],
    ['for no connection', { ...PROPOSAL, connections: [0, 1] }],
    ['for too many', { ...PROPOSAL, connections: [1, 65] }],
    [
      'to an address not in the card',
      { ...PROPOSAL, sample: { address: '192.0.2.66', ports: [53] } },
    ],
    ['to a port that is none', { ...PROPOSAL, sample: sampleOf(2, [0]) }],
    [
      'to more ports than anybody needs',
      {
        ...PROPOSAL,
        sample: sampleOf(
          2,
          Array.from({ length: 65 }, () => 5),
        ),
      },
    ],
  ])('T450: a proposal %s is declined and nothing is opened', (name, message) => {
    const bench = new LadderBench(name === 'from the wrong side' ? {} : isBob).start('Sr', 'Sr')
    bench.receive(message)
    expect(bench.all('send')).toMatchObject([{ message: { type: 'decline', attempt: 1 } }])
    expect(bench.prepared()).toEqual([])
  })

  test('T442: a proposal that comes before our report waits for it, but not for long', () => {
    const bench = new LadderBench(isBob).handle({ type: 'signalling', up: true })
    bench.handle({ type: 'report', side: 'theirs', report: reportOf('Ss', 2) }).receive(PROPOSAL)
    expect(bench.all('send')).toEqual([])
    bench.advance(500).handle({ type: 'report', side: 'mine', report: reportOf('Ss', 1) })
    expect(bench.prepared()).toEqual(['predicted 500'])
    const late = new LadderBench(isBob).handle({ type: 'signalling', up: true }).receive(PROPOSAL)
    late.advance(4_000).start('Ss', 'Ss')
    expect(late.prepared()).toEqual([])
  })

  test('T450: an old attempt is not repeated, nor an answer to none heard', () => {
    const bench = new LadderBench(isBob)
      .start('C3', 'Ss')
      .receive({ ...PROPOSAL, attempt: 5 })
      .fail()
    bench
      .receive({ ...PROPOSAL, attempt: 5 })
      .receive({ type: 'go', attempt: 5, sample: sampleOf(2, [5]), ageMs: 0 })
    expect(bench.prepared()).toHaveLength(1)
    expect(bench.all('go')).toEqual([])
  })

  test('T450: a sample from elsewhere ends the attempt', () => {
    const bench = new LadderBench().start('C3', 'Ss')
    bench.handle({ type: 'prepared', attempt: 1, payload: '', sample: sampleOf(1, [5_000]) })
    bench.receive({
      type: 'accept',
      attempt: 1,
      payload: '',
      tookMs: 0,
      sample: { address: '192.0.2.66', ports: [1] },
    })
    expect(bench.all('go')).toEqual([])
    expect(bench.all('end')).toHaveLength(1)
  })

  const sample = fc.record({
    address: fc.constantFrom('198.51.100.2', '192.0.2.66'),
    ports: fc.array(fc.integer({ min: -1, max: 70_000 }), { maxLength: 70 }),
  })
  const attempt = fc.integer({ min: 0, max: 4 })
  const payload = fc.constant('')
  const messages: fc.Arbitrary<AttemptMessage> = fc.oneof(
    fc.record({
      type: fc.constant('propose'),
      attempt,
      rung: fc.constantFrom('predicted', 'birthday-block', 'birthday-shared'),
      seed: fc.integer(),
      connections: fc.tuple(fc.integer({ min: -1, max: 70 }), fc.integer({ min: -1, max: 70 })),
      payload,
      sample,
    }),
    fc.record({ type: fc.constant('accept'), attempt, payload, tookMs: fc.integer(), sample }),
    fc.record({ type: fc.constant('go'), attempt, sample, ageMs: fc.integer() }),
    fc.record({
      type: fc.constant('decline'),
      attempt,
      reason: fc.constantFrom('busy', 'unwilling', 'failed'),
    }),
  )
  const inputs: fc.Arbitrary<LadderInput> = fc.oneof(
    messages.map((message) => ({ type: 'message', message }) as const),
    fc.record({ type: fc.constant('prepared'), attempt, payload, sample }),
    fc.record({ type: fc.constant('sampled'), attempt, sample }),
    fc.record({ type: fc.constant('attempt-result'), attempt, connected: fc.boolean() }),
    fc.record({
      type: fc.constant('path'),
      path: fc.constantFrom('direct', 'ws-relay', undefined),
    }),
    fc.record({ type: fc.constant('signalling'), up: fc.boolean() }),
    fc.constantFrom<LadderInput>(
      { type: 'plain-failed' },
      { type: 'network-change' },
      { type: 'network-doubt' },
    ),
  )
  const names = fc.constantFrom('C3', 'Ss', 'Sb', 'Sr', 'C2')

  test('T450: whatever comes in whatever order, plans keep to the card and to their size', () => {
    fc.assert(
      fc.property(
        fc.tuple(names, names),
        fc.boolean(),
        fc.array(fc.tuple(inputs, fc.nat({ max: 5_000 })), { maxLength: 40 }),
        ([mine, theirs], isFirst, steps) => {
          const bench = new LadderBench(isFirst ? {} : isBob).start(mine, theirs)
          for (const [input, ms] of steps) bench.handle(input).advance(ms)
          for (const { plan } of bench.all('go')) {
            expect(plan.address).toBe('198.51.100.2')
            expect(plan.ports.length).toBeLessThanOrEqual(64)
            for (const port of plan.ports.flat()) expect(port > 0 && port < 65_536).toBe(true)
          }
          const [prepared, ended] = [bench.all('prepare').length, bench.all('end').length]
          expect(prepared - ended === 0 || prepared - ended === 1).toBe(true)
        },
      ),
      { numRuns: 500 },
    )
  })
})

test('T440: a report that comes later is heeded', () => {
  const bench = new LadderBench().handle({ type: 'signalling', up: true })
  const reports: [NatReport, NatReport] = [reportOf('Ss', 1), reportOf('C3', 2)]
  bench.advance(150).handle({ type: 'report', side: 'mine', report: reports[0] })
  bench.advance(50).handle({ type: 'report', side: 'theirs', report: reports[1] })
  expect(bench.prepared()).toEqual(['predicted 200'])
})
