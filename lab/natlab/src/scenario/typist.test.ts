import { expect, test } from 'vitest'

import { Typist } from './typist.ts'

test('of a page that goes only the number is in doubt that it was allowed last', () => {
  const typist = new Typist('bob', 100)
  typist.begin(1)
  typist.type({ number: 1, atMs: 5 })
  typist.lose()
  expect([...typist.uncertain]).toEqual([])
  typist.begin(2)
  typist.type({ number: 2, atMs: 6 })
  typist.begin(3)
  typist.lose()
  expect([...typist.uncertain]).toEqual([3])
  expect(typist.typed.map(({ number }) => number)).toEqual([1, 2])
})
