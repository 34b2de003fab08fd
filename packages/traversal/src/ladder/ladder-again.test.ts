import { expect, test } from 'vitest'
import type { NatReport } from '../nat/nat-report.ts'
import { reportOf } from '../nat/nat-reports.testing.ts'
import { LadderBench } from './ladder-bench.testing.ts'

function sampleOf(host: number, ports: readonly number[]) {
  return { address: `198.51.100.${host}`, ports }
}

const PROPOSAL = {
  type: 'propose',
  attempt: 1,
  rung: 'predicted',
  seed: 1,
  connections: [1, 1],
  payload: 'hers',
  sample: sampleOf(2, [7_000]),
} as const

test('T456: a proposal without an answer is made again, and the answer to one that comes again', () => {
  const alice = new LadderBench().start('C3', 'Ss')
  const sample = sampleOf(1, [7_000])
  alice.handle({ type: 'prepared', attempt: 1, payload: 'hers', sample })
  const [first] = alice.all('send')
  expect(alice.advance(1_999).all('send')).toEqual([first])
  expect(alice.advance(1).all('send')).toEqual([first, first])
  const accept = { type: 'accept', attempt: 1, payload: 'his', tookMs: 30 } as const
  alice.advance(100).receive({ ...accept, sample: sampleOf(2, [7]) })
  expect(alice.advance(2_000).all('send')).toHaveLength(2)

  const bob = new LadderBench({ me: 'bob', other: 'alice' }).start('Ss', 'C3')
  bob.receive(PROPOSAL).advance(30).receive(PROPOSAL)
  bob.handle({ type: 'prepared', attempt: 1, payload: 'his' })
  expect(bob.all('send')).toEqual([])
  bob.handle({ type: 'sampled', attempt: 1, sample: sampleOf(1, [7]) })
  bob.advance(1_000).receive(PROPOSAL)
  expect(bob.all('send').map(({ message }) => message)).toMatchObject([
    { ...accept, tookMs: 30 },
    { ...accept, tookMs: 0 },
  ])
  expect(bob.prepared()).toHaveLength(1)
})

test('T442: a first report, which does not know how ports are given, is not enough', () => {
  const first: NatReport = {
    ...reportOf('Ss', 1),
    allocation: 'unknown',
    unknown: ['few-samples'],
  }
  const bench = new LadderBench({ me: 'bob', other: 'alice' }).handle({
    type: 'signalling',
    up: true,
  })
  bench.handle({ type: 'report', side: 'theirs', report: reportOf('Ss', 2) })
  bench.handle({ type: 'report', side: 'mine', report: first }).receive(PROPOSAL)
  expect(bench.all('send')).toEqual([])
  bench.advance(300).handle({ type: 'report', side: 'mine', report: reportOf('Ss', 1) })
  expect(bench.prepared()).toEqual(['predicted 300'])
})

test('T448: a birthday punch leaves the browser to the relay at first', () => {
  const bench = new LadderBench().start('C3', 'Sb').advance(1_499)
  expect(bench.prepared()).toEqual([])
  expect(bench.advance(1).prepared()).toEqual(['birthday-shared 1500'])
  expect(new LadderBench().start('C3', 'Sb').advance(300).relayed().prepared()).toEqual([
    'birthday-shared 300',
  ])
})
