import { expect, test } from 'vitest'

import { parsePlace } from '../place.ts'
import { expectationOf, type Way } from './expectation.ts'

/** The table of possibilities, row by row: D plain, P predicted, b birthday in blocks, B birthday, R. */
const COLUMNS = ['O', 'F6', 'C1', 'C2', 'C3', 'Ss', 'Sb', 'Sr', 'U', 'H']
const TABLE: Readonly<Record<string, string>> = {
  O: 'DRDDDDDDRR',
  F6: 'RDRRRRRRRR',
  C1: 'DRDDDDDDRR',
  C2: 'DRDDDDDDRR',
  C3: 'DRDDDPbBRR',
  Ss: 'DRDDPPbRRR',
  Sb: 'DRDDbbbRRR',
  Sr: 'DRDDBRRRRR',
  Sa: 'DRDDBRRRRR',
  U: 'RRRRRRRRRR',
  H: 'RRRRRRRRRR',
  M6: 'DDDDBRRRRR',
  'C3/C3': 'DRDDDPbBRR',
  'C1/C3': 'DRDDDPbBRR',
  'C3/Ss': 'DRDDPPbRRR',
  'C3/Sr': 'DRDDBRRRRR',
}
const WAYS: Readonly<Record<string, Way>> = {
  D: 'plain',
  P: 'predicted',
  b: 'birthday-block',
  B: 'birthday',
  R: 'relay',
}

const cells = Object.entries(TABLE).flatMap(([row, letters]) =>
  COLUMNS.map((column, index) => [row, column, WAYS[letters[index] ?? ''] ?? 'relay'] as const),
)

test.each(cells)('%s with %s: %s', (one, other, way) => {
  const [a, b] = [one, other].map((label) => parsePlace(label)?.preset.claims)
  if (a === undefined || b === undefined) throw new Error('no such place')
  const expected = { way, stock: way === 'plain' ? 'direct' : 'relay' }
  expect(expectationOf(a, b)).toEqual(expected)
  expect(expectationOf(b, a)).toEqual(expected)
})
