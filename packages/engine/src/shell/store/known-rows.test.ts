import { expect, test } from 'vitest'
import { KnownRows } from './known-rows.ts'
import type { Row } from './row-table.ts'

const row = (from: number, upTo: number, revision: number): Row => ({
  place: { group: 'f', from, upTo, revision },
  sealed: undefined,
})

test('E362: rows that another page merged take the place of all they were merged from', () => {
  const known = new KnownRows()
  known.learnAll([row(1, 2, 1), row(3, 4, 2), row(5, 6, 3), row(7, 8, 4)])
  const window = { group: 'f', from: 3, upTo: 4 }
  known.learn([window], [row(1, 8, 5)])
  expect(known.of('f')).toMatchObject([{ from: 1, upTo: 8, revision: 5 }])
  expect(known.in({ group: 'f', from: 7, upTo: 8 })).toHaveLength(1)
})

test('E362: rows of a window that are no longer there are forgotten, others are not', () => {
  const known = new KnownRows()
  known.learnAll([row(1, 2, 1), row(3, 4, 2), row(5, 6, 3)])
  known.learn([{ group: 'f', from: 3, upTo: 4 }], [])
  expect(known.of('f')).toMatchObject([{ from: 1 }, { from: 5 }])
})
