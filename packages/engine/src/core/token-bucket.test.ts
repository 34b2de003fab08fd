import { array, assert, nat, property } from 'fast-check'
import { expect, test } from 'vitest'
import { TokenBucket } from './token-bucket.ts'

test('E43: a full bucket gives its burst, then its rate', () => {
  const bucket = new TokenBucket({ burst: 3, perSecond: 2 })
  const taken = Array.from({ length: 5 }, () => bucket.take(1_000))
  expect(taken).toEqual([true, true, true, false, false])
  expect([bucket.take(1_499), bucket.take(1_500), bucket.take(1_501)]).toEqual([false, true, false])
})

test('E43: over any span no more than the burst and the rate is given', () => {
  assert(
    property(array(nat(400), { maxLength: 200 }), (pauses) => {
      const bucket = new TokenBucket({ burst: 5, perSecond: 10 })
      let nowMs = 0
      let given = 0
      for (const pauseMs of pauses) {
        nowMs += pauseMs
        if (bucket.take(nowMs)) given += 1
      }
      expect(given).toBeLessThanOrEqual(5 + (nowMs * 10) / 1_000 + 1e-6)
    }),
  )
})

test('E43: a clock that runs backwards gives nothing away', () => {
  const bucket = new TokenBucket({ burst: 1, perSecond: 1 })
  bucket.take(10_000)
  expect([bucket.take(5_000), bucket.take(5_500)]).toEqual([false, false])
})
