import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { DelayQueue } from './delay-queue.ts'

test('holds a packet for its time and says when to come back', () => {
  const queue = new DelayQueue<string>()
  expect(queue.waitMs(0)).toBeUndefined()
  queue.push('a', 140)
  expect(queue.poll(139)).toBeUndefined()
  expect(queue.waitMs(100)).toBe(40)
  expect(queue.waitMs(139)).toBe(1)
  expect(queue.poll(139.5)).toBe('a')
  expect(queue.waitMs(139.5)).toBeUndefined()
})

test('who is due earlier overtakes', () => {
  const queue = new DelayQueue<string>()
  for (const [packet, dueMs] of [
    ['a', 30],
    ['b', 10],
    ['c', 20],
    ['d', 20],
  ] as const) {
    queue.push(packet, dueMs)
  }
  expect(queue.waitMs(0)).toBe(10)
  expect([1, 2, 3, 4].map(() => queue.poll(30))).toEqual(['b', 'c', 'd', 'a'])
})

test('gives everything back once, in order, never more than half a millisecond early', () => {
  const steps = fc.array(fc.record({ gapMs: fc.integer({ min: 0, max: 30 }), push: fc.boolean() }))
  fc.assert(
    fc.property(steps, fc.integer({ min: 0, max: 50 }), (steps, holdMs) => {
      const queue = new DelayQueue<{ number: number; atMs: number }>()
      const given: number[] = []
      let pushed = 0
      let nowMs = 0
      const drain = (): void => {
        for (let packet = queue.poll(nowMs); packet; packet = queue.poll(nowMs)) {
          expect(nowMs - packet.atMs).toBeGreaterThanOrEqual(holdMs - 0.5)
          given.push(packet.number)
        }
      }
      for (const { gapMs, push } of steps) {
        nowMs += gapMs
        if (push) queue.push({ number: pushed++, atMs: nowMs }, nowMs + holdMs)
        else drain()
      }
      nowMs += holdMs
      drain()
      expect(given).toEqual(Array.from({ length: pushed }, (_, number) => number))
    }),
  )
})
