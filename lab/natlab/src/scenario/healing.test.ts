import { describe, expect, test } from 'vitest'
import { healMs, isSameOrder, numbersShown, saidNumbers, type TalkPart } from './healing.ts'
import { numberText } from './typist.ts'

function part(name: string, typedMs: readonly number[], shown: TalkPart['shown'] = []): TalkPart {
  const typed = typedMs.map((atMs, at) => ({ number: at + 1, atMs }))
  return { name, typed, uncertain: new Set(), shown }
}

function shows(name: string, moments: readonly (readonly [number, number])[]): TalkPart['shown'] {
  return moments.map(([number, atMs]) => ({ text: numberText(name, number), atMs }))
}

describe('healing', () => {
  test('counts from the end of the fault to the first new words of the slower way', () => {
    const alice = part('alice', [0, 100, 200, 300], shows('bob', [[3, 950]]))
    const bob = part(
      'bob',
      [0, 100, 200],
      shows('alice', [
        [1, 50],
        [2, 400],
        [4, 700],
      ]),
    )
    expect(healMs([alice, bob], 150)).toBe(800)
  })

  test('words typed before and read after do not count', () => {
    const alice = part(
      'alice',
      [0, 100, 200],
      shows('bob', [
        [1, 500],
        [2, 510],
      ]),
    )
    const bob = part('bob', [0, 100, 200], shows('alice', [[3, 500]]))
    expect(healMs([alice, bob], 150)).toBe(undefined)
  })

  test('is not over while one of three hears nothing', () => {
    const alice = part('alice', [200], [...shows('bob', [[1, 300]]), ...shows('carol', [[1, 300]])])
    const bob = part('bob', [200], shows('alice', [[1, 300]]))
    const carol = part('carol', [200], [...shows('bob', [[1, 300]]), ...shows('alice', [[1, 300]])])
    expect(healMs([alice, bob, carol], 100)).toBe(undefined)
    const heard = { ...bob, shown: [...bob.shown, ...shows('carol', [[1, 900]])] }
    expect(healMs([alice, heard, carol], 100)).toBe(800)
  })
})

test('what is lost, doubled, misplaced or invented is counted', () => {
  const bob = part('bob', [1, 2, 3, 4])
  const texts = [1, 3, 2, 2, 9].map((number) => `09:41 ${numberText('bob', number)} delivered`)
  const page = { name: 'alice', texts }
  expect(numbersShown(bob, page, saidNumbers(bob, [page]))).toEqual({
    reader: 'alice',
    speaker: 'bob',
    typed: 4,
    lost: 1,
    doubled: 1,
    misplaced: 1,
    invented: 1,
  })
})

test('a number in doubt was said when one page shows it, and then all must; or it was not', () => {
  const bob = { ...part('bob', [1]), uncertain: new Set([2]) }
  const [alice, carol] = [
    { name: 'alice', texts: [numberText('bob', 1), numberText('bob', 2)] },
    { name: 'carol', texts: [numberText('bob', 1)] },
  ]
  const said = saidNumbers(bob, [alice, carol])
  expect(numbersShown(bob, alice, said)).toMatchObject({ typed: 2, lost: 0, invented: 0 })
  expect(numbersShown(bob, carol, said)).toMatchObject({ typed: 2, lost: 1 })
  expect([...saidNumbers(bob, [carol])]).toEqual([1])
})

test('pages agree when they show in one order what all of them show', () => {
  expect(
    isSameOrder([
      ['a 1', 'b 1', 'a 2'],
      ['b 1', 'a 2'],
      ['a 1', 'b 1', 'a 2'],
    ]),
  ).toBe(true)
  expect(
    isSameOrder([
      ['a 1', 'b 1'],
      ['b 1', 'a 1'],
    ]),
  ).toBe(false)
})
