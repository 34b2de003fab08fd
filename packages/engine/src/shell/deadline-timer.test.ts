import { VirtualClock } from '@knothole/testkit'
import { expect, test } from 'vitest'
import { DeadlineTimer } from './deadline-timer.ts'

function opened(): { clock: VirtualClock; timer: DeadlineTimer; calls: number[] } {
  const clock = new VirtualClock({ startMs: 0 })
  const calls: number[] = []
  const timer = new DeadlineTimer(clock, () => calls.push(clock.nowMs()))
  return { clock, timer, calls }
}

test('a deadline that is set again calls once, an earlier one no longer', () => {
  const { clock, timer, calls } = opened()
  timer.set(10)
  timer.set(20)
  timer.set(20)
  clock.advance(30)
  expect(calls).toEqual([20])
})

test('a deadline that is put off again and again is waited for twice, not each time', () => {
  const { clock, timer, calls } = opened()
  let timers = 0
  const schedule = clock.schedule.bind(clock)
  clock.schedule = (atMs, call) => {
    timers += 1
    return schedule(atMs, call)
  }
  for (let atMs = 10; atMs <= 100; atMs++) timer.set(atMs)
  expect(timers).toBe(1)
  clock.advance(99)
  expect({ calls, timers }).toEqual({ calls: [], timers: 2 })
  clock.advance(1)
  expect(calls).toEqual([100])
})

test('an earlier deadline comes in time', () => {
  const { clock, timer, calls } = opened()
  timer.set(50)
  timer.set(80)
  timer.set(20)
  clock.advance(100)
  expect(calls).toEqual([20])
})

test('the same deadline calls again when it is set after its call', () => {
  const { clock, timer, calls } = opened()
  timer.set(10)
  clock.advance(10)
  timer.set(10)
  clock.advance(0)
  expect(calls).toEqual([10, 10])
})

test('without a deadline nothing is called', () => {
  const { clock, timer, calls } = opened()
  timer.set(10)
  timer.set(undefined)
  clock.advance(30)
  expect(calls).toEqual([])
})
