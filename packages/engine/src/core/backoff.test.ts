import { expect, test } from 'vitest'
import { Backoff } from './backoff.ts'

test('E33: the ceiling doubles from 0.5 s to 30 s', () => {
  const backoff = new Backoff(() => 0.999_999)
  const pauses = Array.from({ length: 9 }, () => backoff.nextMs() + 1)
  expect(pauses).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
})

test('E33: a pause is anything below the ceiling, zero included', () => {
  const backoff = new Backoff(() => 0)
  expect([backoff.nextMs(), backoff.nextMs()]).toEqual([0, 0])
})

test('E33: success starts anew', () => {
  const backoff = new Backoff(() => 0.5)
  backoff.nextMs()
  backoff.nextMs()
  backoff.reset()
  expect(backoff.nextMs()).toBe(250)
})
