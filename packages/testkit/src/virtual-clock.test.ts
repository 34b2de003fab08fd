import { array, assert, nat, property } from 'fast-check'
import { expect, test } from 'vitest'
import { VirtualClock } from './virtual-clock.ts'

test('calls run by time, then in the order of their scheduling', () => {
  assert(
    property(array(nat(50)), (delays) => {
      const clock = new VirtualClock({ startMs: 0 })
      const ran: [number, number][] = []
      for (const [order, delay] of delays.entries())
        clock.schedule(delay, () => ran.push([clock.nowMs(), order]))
      clock.advance(50)
      const expected = delays
        .map((delay, order): [number, number] => [delay, order])
        .toSorted((a, b) => a[0] - b[0] || a[1] - b[1])
      expect(ran).toEqual(expected)
    }),
  )
})

test('a cancelled call does not run, and is not waited for', () => {
  const clock = new VirtualClock()
  let calls = 0
  const cancel = clock.schedule(clock.nowMs() + 5, () => (calls += 1))
  clock.schedule(clock.nowMs() + 9, () => (calls += 10))
  cancel()
  expect(clock.nextMs()).toBe(clock.nowMs() + 9)
  clock.advance(10)
  expect(calls).toBe(10)
  expect(clock.nextMs()).toBe(undefined)
})

test('a call in the past runs now, and time never goes back', () => {
  const clock = new VirtualClock({ startMs: 100 })
  const times: number[] = []
  clock.schedule(10, () => times.push(clock.nowMs()))
  clock.runUntil(50)
  expect(clock.nowMs()).toBe(100)
  clock.advance(0)
  expect(times).toEqual([100])
})

test('a call may schedule more for the same instant', () => {
  const clock = new VirtualClock({ startMs: 0 })
  const ran: string[] = []
  clock.schedule(5, () => {
    ran.push('first')
    clock.schedule(5, () => ran.push('second'))
  })
  clock.advance(5)
  expect(ran).toEqual(['first', 'second'])
})

test('what goes round in circles is stopped', () => {
  const clock = new VirtualClock({ maxSteps: 100 })
  const again = (): void => void clock.schedule(clock.nowMs(), again)
  again()
  expect(() => clock.advance(1)).toThrow(/circles/)
})

test('runs until a condition holds, or time is up', () => {
  const clock = new VirtualClock({ startMs: 0 })
  let isDone = false
  clock.schedule(500, () => {
    isDone = true
  })
  expect(clock.runUntilTrue(() => isDone, 400)).toBe(false)
  expect(clock.nowMs()).toBe(400)
  expect(clock.runUntilTrue(() => isDone, 400)).toBe(true)
  expect(clock.nowMs()).toBe(500)
})
