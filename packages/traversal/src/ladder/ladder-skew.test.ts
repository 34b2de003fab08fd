import { expect, test } from 'vitest'
import { LadderBench } from './ladder-bench.testing.ts'

const PAYLOAD = 'connections of alice'

test('T459: takes a proposal though the path still seems direct', () => {
  const bench = new LadderBench({ me: 'bob', other: 'alice' }).start('C3', 'Ss')
  bench.handle({ type: 'path', path: 'direct' }).receive({
    type: 'propose',
    attempt: 1,
    rung: 'predicted',
    seed: 1,
    connections: [1, 1],
    payload: PAYLOAD,
  })
  expect(bench.prepared()).toEqual(['predicted 0'])
  expect(bench.all('send')).toEqual([])
})
