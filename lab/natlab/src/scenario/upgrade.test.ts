import { expect, test } from 'vitest'

import { firstBothDirect, upgradeFaults, type UpgradeFacts } from './upgrade.ts'

const GOOD: UpgradeFacts = {
  paths: [],
  togetherMs: 4000,
  movedMs: 5000,
  doneMs: 30_000,
  sentBytes: 9,
  received: { bytes: 9, firstWrong: null, endedAtMs: 0 },
  isWhole: true,
  numbers: { said: 3, read: 3, lost: 0, doubled: 0, misplaced: 0 },
}

test('moved is when both pages show a direct path at once, whatever they show later', () => {
  const relayed = { path: 'turn', atMs: 10 }
  const one = [relayed, { path: 'direct', atMs: 50 }, { path: 'turn', atMs: 60 }]
  const other = [relayed, { path: 'birthday', atMs: 70 }]
  expect(firstBothDirect([one, other])).toBeUndefined()
  expect(firstBothDirect([[...one, { path: 'direct', atMs: 90 }], other])).toBe(90)
  expect(firstBothDirect([one, [relayed, { path: 'direct', atMs: 40 }]])).toBe(50)
})

test('a transfer without a move has failed, one that moved too early proves nothing', () => {
  expect(upgradeFaults(GOOD)).toEqual([])
  expect(upgradeFaults({ ...GOOD, movedMs: undefined })).toEqual(['never direct'])
  expect(upgradeFaults({ ...GOOD, movedMs: -5 })).toBeUndefined()
  expect(upgradeFaults({ ...GOOD, movedMs: 30_000 })).toBeUndefined()
})

test('what is lost, doubled or wrong is told', () => {
  const numbers = { said: 3, read: 3, lost: 1, doubled: 1, misplaced: 0 }
  const received = { bytes: 8, firstWrong: 4, endedAtMs: 0 }
  expect(upgradeFaults({ ...GOOD, numbers, received })).toEqual([
    '8 of 9 bytes',
    'byte 4 is wrong',
    'of 3 messages 1 lost, 1 doubled, 0 misplaced',
  ])
})
