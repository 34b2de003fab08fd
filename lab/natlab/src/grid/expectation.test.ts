import { expect, test } from 'vitest'

import { parsePlace } from '../place.ts'
import { expectationOf, type Way } from './expectation.ts'

/** The table of possibilities, row by row: D plain, P predicted, B birthday, R nothing but a relay. */
const COLUMNS = ['O', 'F6', 'C1', 'C2', 'C3', 'Ss', 'Sb', 'Sr', 'U', 'H']
const TABLE: Readonly<Record<string, string>> = {
  O: 'DRDDDDDDRR',
  F6: 'RDRRRRRRRR',
  C1: 'DRDDDDDDRR',
  C2: 'DRDDDDDDRR',
  C3: 'DRDDDPBBRR',
  Ss: 'DRDDPPBRRR',
  Sb: 'DRDDBBBRRR',
  Sr: 'DRDDBRRRRR',
  Sa: 'DRDDBRRRRR',
  U: 'RRRRRRRRRR',
  H: 'RRRRRRRRRR',
  M6: 'DDDDBRRRRR',
  'C3/C3': 'DRDDDPBBRR',
  'C1/C3': 'DRDDDPBBRR',
  'C3/Ss': 'DRDDPPBRRR',
  'C3/Sr': 'DRDDBRRRRR',
}
const WAYS: Readonly<Record<string, Way>> = {
  D: 'plain',
  P: 'predicted',
  B: 'birthday-shared',
  R: 'relay',
}

const cells = Object.entries(TABLE).flatMap(([row, letters]) =>
  COLUMNS.map((column, index) => [row, column, WAYS[letters[index] ?? ''] ?? 'relay'] as const),
)

test.each(cells)('%s with %s: %s', (one, other, way) => {
  const [a, b] = [one, other].map((label) => parsePlace(label)?.preset.claims)
  if (a === undefined || b === undefined) throw new Error('no such place')
  const expected = { way, stock: way === 'plain' ? 'direct' : 'relay' }
  const alone = { common: 'nothing', munging: true } as const
  expect(expectationOf([a, b], alone)).toMatchObject(expected)
  expect(expectationOf([b, a], alone)).toMatchObject(expected)
})

test.each([
  ['C3', 'lan', 'plain'],
  ['U', 'lan', 'plain'],
  ['C3/C3', 'operator', 'relay'],
  ['C3/C3h', 'operator', 'plain'],
] as const)('two at %s with one %s: %s', (label, common, way) => {
  const claims = parsePlace(label)?.preset.claims
  if (claims === undefined) throw new Error('no such place')
  expect(expectationOf([claims, claims], { common, munging: true })).toMatchObject({ way })
})

test('without shared credentials only ports of a block can be guessed', () => {
  const [home, block, random] = ['C3', 'Sb1024', 'Sr'].map(
    (label) => parsePlace(label)?.preset.claims,
  )
  if (home === undefined || block === undefined || random === undefined) throw new Error('no place')
  const without = { common: 'nothing', munging: false } as const
  expect(expectationOf([home, block], without).way).toBe('birthday-block')
  expect(expectationOf([home, random], without).way).toBe('relay')
})
