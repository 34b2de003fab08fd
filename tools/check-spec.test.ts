// Every rule of every SPEC.md has its test here, and check-spec notices rules and ids that stand alone.
import { expect, test } from 'vitest'
import { checkSpec, idsOf, specs } from './check-spec.mjs'
import { makeCheckout } from './checkout.testing.ts'
import { readTitles } from './parse.mjs'
import { root } from './run.mjs'

const base: Record<string, string> = {
  ...Object.fromEntries(Object.entries(specs).map(([id, path]) => [path, `**${id}1** A rule.\n`])),
  'packages/wire/src/a.test.ts': `test('W1: a', f)\ndescribe('E1 b', f)`,
  'packages/traversal/src/a.test.ts': 'test.each([1])(`T1, R1: ${name}`, f)',
}

test('the specifications of this checkout and their tests agree', () => {
  expect(checkSpec(root)).toEqual([])
})

test('rules with tests pass, as lines and as list items', () => {
  const files = { 'packages/wire/SPEC.md': '# W\n\n- **W1** A rule, **W9** is not one here.\n' }
  expect(checkSpec(makeCheckout({ ...base, ...files }))).toEqual([])
})

test.each([
  ['no test title starts with W2', { 'packages/wire/SPEC.md': '**W1** a\n- **W2** b\n' }],
  ['W1 is there twice', { 'packages/wire/SPEC.md': '**W1** a\n**W1** b\n' }],
  ['T9 is no rule', { 'packages/wire/src/b.test.ts': `it('T9: gone', f)` }],
  ['E1 must be W', { 'packages/wire/SPEC.md': '**W1** a\n**E1** b\n' }],
  [
    'no test title starts with T1',
    { 'packages/traversal/src/a.test.ts': `test('R1', f)\ntest.skip('T1', f)\ntest.todo('T1')` },
  ],
  ['no test title starts with T1', { 'packages/traversal/src/a.test.ts': `test('R1 (T1)', f)` }],
])('"%s" is found', (problem, files) => {
  expect(checkSpec(makeCheckout({ ...base, ...files }))).toEqual([expect.stringContaining(problem)])
})

test('a missing and an empty specification are found', () => {
  const { 'packages/wire/SPEC.md': _, ...rest } = base
  expect(checkSpec(makeCheckout(rest))).toContain('packages/wire/SPEC.md: missing')
  const empty = { ...base, 'packages/wire/SPEC.md': 'Nothing.' }
  expect(checkSpec(makeCheckout(empty))).toContain('packages/wire/SPEC.md: has no rule')
})

test('ids are read from the start of titles of tests that run', () => {
  expect(idsOf('T1, T4: both')).toEqual(['T1', 'T4'])
  expect(idsOf('W2 W3 a frame')).toEqual(['W2', 'W3'])
  expect(idsOf('R12. a room')).toEqual(['R12'])
  expect(idsOf('T1x is a word')).toEqual([])
  expect(idsOf('X1 is nobody')).toEqual([])
  const source = `/T1/.test('T2')\ntest.skipIf(x)('T3', f)\nit.skip('T4', f)\nother('T5')`
  expect(readTitles('a.test.ts', source)).toEqual(['T3'])
})
