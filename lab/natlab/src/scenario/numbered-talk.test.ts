import { expect, test } from 'vitest'

import { countNumbers, numbersOf } from './numbered-talk.ts'

test('finds the numbers of one speaker among other words', () => {
  const messages = [
    'alice says no. 1.',
    'bob says no. 1.',
    'alice 12:03 alice says no. 12. read',
    'hello',
  ]
  expect(numbersOf('alice', messages)).toEqual([1, 12])
})

test.each([
  [[1, 2, 3], { lost: 0, doubled: 0, misplaced: 0 }],
  [[1, 3], { lost: 1, doubled: 0, misplaced: 0 }],
  [[1, 2, 2, 3], { lost: 0, doubled: 1, misplaced: 0 }],
  [[2, 1, 3], { lost: 0, doubled: 0, misplaced: 1 }],
  [[], { lost: 3, doubled: 0, misplaced: 0 }],
])('of three numbers %j are shown', (shown, expected) => {
  expect(countNumbers(3, shown)).toEqual({ said: 3, read: shown.length, ...expected })
})
