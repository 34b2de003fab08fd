import { describe, expect, test } from 'vitest'
import { LadderBench } from './ladder-bench.testing.ts'
import { runPair } from './ladder-pair.testing.ts'

const SAMPLE = { address: '198.51.100.1', ports: [5_000] }
const PROPOSAL = {
  type: 'propose',
  attempt: 1,
  rung: 'birthday-shared',
  seed: 1,
  connections: [16, 64],
  payload: 'hers',
  sample: { address: '198.51.100.2', ports: [7_000] },
} as const
const ACCEPT = {
  type: 'accept',
  attempt: 1,
  payload: 'his',
  tookMs: 5,
  sample: { address: '198.51.100.2', ports: [7_000] },
} as const

test('T458: whose network changes in an attempt says so, and the other proposes again', () => {
  const bob = new LadderBench({ me: 'bob', other: 'alice' }).start('Sr', 'C3').receive(PROPOSAL)
  bob.handle({ type: 'network-change' })
  const decline = { type: 'decline', attempt: 1, reason: 'busy' } as const
  expect(bob.all('send')).toEqual([{ type: 'send', message: decline }])

  const alice = new LadderBench().start('C3', 'Sr').relayed()
  alice.handle({ type: 'prepared', attempt: 1, payload: 'hers', sample: SAMPLE }).receive(ACCEPT)
  expect(alice.all('go')).toHaveLength(1)
  alice.receive(decline).advance(20_000)
  expect(alice.prepared()).toEqual(['birthday-shared 0', 'birthday-shared 20000'])
})

test('T458: where the network may be another the attempt goes on, and all begins anew when it fails', () => {
  const alice = new LadderBench().start('C3', 'Sr').relayed()
  alice.handle({ type: 'prepared', attempt: 1, payload: 'hers', sample: SAMPLE }).receive(ACCEPT)
  alice.advance(5_000).handle({ type: 'network-doubt' })
  expect(alice.all('end')).toEqual([])
  alice.advance(15_250)
  expect(alice.prepared()).toEqual(['birthday-shared 0', 'birthday-shared 20000'])
  const idle = new LadderBench().start('C3', 'Sr').relayed().fail().advance(30_000)
  expect(idle.handle({ type: 'network-doubt' }).prepared().at(-1)).toBe('birthday-shared 30000')
})

test('T457: ports drawn from all there are need no sample', () => {
  const bob = new LadderBench({ me: 'bob', other: 'alice' }).start('Sr', 'C3').receive(PROPOSAL)
  bob.handle({ type: 'prepared', attempt: 1, payload: 'his' })
  bob.handle({ type: 'sampled', attempt: 1 })
  expect(bob.all('go')).toHaveLength(1)
  const [answer] = bob.all('send')
  const sample = { address: '198.51.100.1', ports: [] }
  expect(answer?.message).toMatchObject({ type: 'accept', sample })
})

describe('an attempt that one side is too slow for', () => {
  test('T457: is made again soon, with twice the time each time, and then counts as failed', () => {
    const bench = new LadderBench().start('C3', 'Sr').relayed().advance(8_000)
    expect(bench.all('send').at(-1)?.message).toEqual({
      type: 'decline',
      attempt: 1,
      reason: 'busy',
    })
    bench.advance(60_000)
    // 8 s and a pause of 2 s, 16 s and a pause; the third one lasts 32 s.
    const begun = ['birthday-shared 0', 'birthday-shared 10000', 'birthday-shared 28000']
    expect(bench.prepared()).toEqual(begun)
    expect(bench.all('end')).toHaveLength(3)
    expect(bench.advance(50_000).prepared()).toEqual(begun)
    expect(bench.advance(10_000).prepared()).toHaveLength(4)
  })

  test('T457: what has begun and failed is not made again so soon', () => {
    const bench = new LadderBench().start('C3', 'Sr').relayed()
    bench.handle({ type: 'prepared', attempt: 1, payload: 'hers', sample: SAMPLE })
    bench.receive(ACCEPT)
    expect(bench.all('go')).toHaveLength(1)
    expect(bench.advance(60_000).prepared()).toEqual(['birthday-shared 0'])
    expect(bench.all('send')).toHaveLength(1)
  })

  test('T457: a browser that hears of its ports too late is such a side', () => {
    const bench = new LadderBench().start('C3', 'Sr').relayed().advance(2_500)
    bench.handle({ type: 'prepared', attempt: 1, payload: 'hers' })
    expect(bench.all('send')).toMatchObject([{ message: { type: 'decline', reason: 'busy' } }])
    expect(bench.advance(2_000).prepared()).toEqual(['birthday-shared 0', 'birthday-shared 4500'])
  })

  test('T457: the slow side takes the next proposal at once, and takes its time for it', () => {
    const bench = new LadderBench({ me: 'bob', other: 'alice' }).start('Sr', 'C3')
    bench.receive(PROPOSAL).advance(7_900)
    bench.receive({ type: 'decline', attempt: 1, reason: 'busy' }).advance(2_000)
    bench.receive({ ...PROPOSAL, attempt: 2 }).advance(15_000)
    expect(bench.prepared()).toEqual(['birthday-shared 0', 'birthday-shared 9900'])
    expect(bench.all('end')).toEqual([{ type: 'end', attempt: 1, connected: false }])
    bench.handle({ type: 'prepared', attempt: 2, payload: 'his' })
    bench.handle({ type: 'sampled', attempt: 2, sample: SAMPLE })
    expect(bench.all('go')).toHaveLength(1)
  })

  test.each(['one', 'two', 'three'])(
    'T457: a pair whose pages prepare for 11 s is direct within a minute (%s)',
    (seed) => {
      const run = runPair({ seed, nats: ['C3', 'Sr'], prepareMs: 11_000, forMs: 90_000 })
      expect(run.path).toBe('direct')
      expect(run.directMs).toBeLessThan(60_000)
    },
  )
})
