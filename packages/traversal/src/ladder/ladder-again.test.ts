import { expect, test } from 'vitest'
import { LadderBench } from './ladder-bench.testing.ts'

function sampleOf(host: number, ports: readonly number[]) {
  return { address: `198.51.100.${host}`, ports }
}

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
  const proposal = {
    type: 'propose',
    attempt: 1,
    rung: 'predicted',
    seed: 1,
    connections: [1, 1],
    payload: 'hers',
    sample: sampleOf(2, [7_000]),
  } as const
  bob.receive(proposal).advance(30).receive(proposal)
  bob.handle({ type: 'prepared', attempt: 1, payload: 'his' })
  expect(bob.all('send')).toEqual([])
  bob.handle({ type: 'sampled', attempt: 1, sample: sampleOf(1, [7]) })
  bob.advance(1_000).receive(proposal)
  expect(bob.all('send').map(({ message }) => message)).toMatchObject([
    { ...accept, tookMs: 30 },
    { ...accept, tookMs: 0 },
  ])
  expect(bob.prepared()).toHaveLength(1)
})
