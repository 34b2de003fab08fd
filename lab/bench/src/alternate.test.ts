import { expect, it } from 'vitest'
import { alternate } from './alternate.ts'

it('alternates the contenders and does not count the warm-up', async () => {
  const order: string[] = []
  const samples = await alternate(
    { contenders: ['a', 'b'], warmUps: 1, runs: 2 },
    (contender, round) => {
      order.push(`${contender}${round}`)
      return Promise.resolve(order.length)
    },
  )
  expect(order).toEqual(['a0', 'b0', 'a1', 'b1', 'a2', 'b2'])
  expect(samples).toEqual(
    new Map([
      ['a', [3, 5]],
      ['b', [4, 6]],
    ]),
  )
})

it('keeps a failed run in its place', async () => {
  const samples = await alternate({ contenders: ['a'], warmUps: 0, runs: 3 }, (_, round) =>
    Promise.resolve(round === 2 ? undefined : round),
  )
  expect(samples.get('a')).toEqual([1, undefined, 3])
})
