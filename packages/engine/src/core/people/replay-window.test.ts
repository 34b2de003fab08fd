import { array, assert, nat, property } from 'fast-check'
import { expect, test } from 'vitest'
import { ReplayWindow, SignalWindow } from './replay-window.ts'

const WINDOW = 64

test('E17: a number is taken once', () => {
  const window = new ReplayWindow()
  expect([0, 1, 0, 1, 2].map((number) => window.accept(number))).toEqual([
    true,
    true,
    false,
    false,
    true,
  ])
})

test('E17: within the window any order will do, before it nothing', () => {
  const window = new ReplayWindow()
  expect(window.accept(100)).toBe(true)
  expect(window.accept(100 - WINDOW + 1)).toBe(true)
  expect(window.accept(100 - WINDOW)).toBe(false)
  expect(window.accept(99)).toBe(true)
})

test('E17: any numbers in any order: each at most once, and each new one within the window', () => {
  assert(
    property(array(nat(300), { maxLength: 300 }), (numbers) => {
      const window = new ReplayWindow()
      const taken = new Set<number>()
      let highest = -1
      for (const number of numbers) {
        const expected = !taken.has(number) && number > highest - WINDOW
        expect(window.accept(number)).toBe(expected)
        if (expected) taken.add(number)
        highest = Math.max(highest, number)
      }
    }),
  )
})

test('E423: a signal that came by members and by the rendezvous is known, and no replay', () => {
  const window = new SignalWindow()
  expect(window.accept(5, true)).toBe('new')
  expect(window.accept(5, true)).toBe('known')
  expect(window.accept(5, false)).toBe('known')
  expect(window.accept(5, false)).toBe('replayed')
})

test('E423: whichever is first', () => {
  const window = new SignalWindow()
  expect(window.accept(5, false)).toBe('new')
  expect(window.accept(5, true)).toBe('known')
  expect(window.accept(5, false)).toBe('replayed')
})
