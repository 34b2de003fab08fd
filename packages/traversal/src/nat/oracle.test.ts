import { describe, expect, test } from 'vitest'
import type { ReportName } from './nat-reports.testing.ts'
import { REPORTS, reportOf } from './nat-reports.testing.ts'
import { isPlainPossible, judgePair } from './oracle.ts'

// The table of the specification, by row; D plain, P predicted, B birthday, R relay.
const NAMES = ['O', 'C1', 'C2', 'C3', 'Ss', 'Sb', 'Sr', 'U'] as const
const WITH_MUNGING = [
  'DDDDDDDR',
  'DDDDDDDR',
  'DDDDDDDR',
  'DDDDPBBR',
  'DDDPPBRR',
  'DDDBBBRR',
  'DDDBRRRR',
  'RRRRRRRR',
]
const WITHOUT = [
  'DDDDDDDR',
  'DDDDDDDR',
  'DDDDDDDR',
  'DDDDPBRR',
  'DDDPPRRR',
  'DDDBRBRR',
  'DDDRRRRR',
  'RRRRRRRR',
]
const LETTERS = {
  plain: 'D',
  predicted: 'P',
  'birthday-block': 'B',
  'birthday-shared': 'B',
  relay: 'R',
}

function row(name: ReportName, munging: boolean): string {
  return NAMES.map(
    (other) => LETTERS[judgePair(reportOf(name, 1), reportOf(other, 2), munging).best],
  ).join('')
}

function rungs(name: ReportName): string[] {
  return judgePair(reportOf('C3'), reportOf(name, 2), true).tricks.map(({ rung }) => rung)
}

describe('table', () => {
  test.each(NAMES.map((name, at) => [name, WITH_MUNGING[at]]))(
    'T430: %s with munging: %s',
    (name, letters) => {
      expect(row(name, true)).toBe(letters)
    },
  )

  test.each(NAMES.map((name, at) => [name, WITHOUT[at]]))(
    'T430: %s without munging: %s',
    (name, letters) => {
      expect(row(name, false)).toBe(letters)
    },
  )

  test('T430: with munging a birthday has shared credentials first, then its own', () => {
    expect(rungs('Sb')).toEqual(['birthday-shared', 'birthday-block'])
    expect(rungs('Sr')).toEqual(['birthday-shared'])
  })
})

describe('more than the table', () => {
  const [c3, ss] = [reportOf('C3', 1), reportOf('Ss', 2)]

  test('T431: IPv6 on both sides is plain, on one side it is nothing', () => {
    const sr = reportOf('Sr', 1)
    expect(judgePair({ ...sr, ipv6: true }, { ...sr, ipv6: true }, true).best).toBe('plain')
    expect(judgePair({ ...reportOf('U'), ipv6: true }, { ...sr, ipv6: true }, true).best).toBe(
      'plain',
    )
    expect(judgePair({ ...sr, ipv6: true }, sr, true).best).toBe('relay')
  })

  test('T431: who has IPv6 alone and who has IPv4 alone have no way in common', () => {
    const six = { ...reportOf('C3', 1), ipv6: true, addresses: ['2001:db8::1'] }
    for (const other of ['O', 'C1', 'C3', 'Ss', 'Sb'] as const)
      expect(judgePair(six, reportOf(other, 2), true)).toEqual({ best: 'relay', tricks: [] })
    expect(judgePair(six, { ...reportOf('Sr', 2), ipv6: true }, true).best).toBe('plain')
  })

  test('T431: an address that changes from flow to flow cannot be met', () => {
    const pooling = { ...ss, addresses: ['198.51.100.2', '198.51.100.3'] }
    expect(judgePair(c3, pooling, true)).toEqual({ best: 'relay', tricks: [] })
    // An IPv6 address beside it is no second one.
    expect(judgePair(c3, { ...ss, addresses: ['198.51.100.2', '2001:db8::1'] }, true).best).toBe(
      'predicted',
    )
  })

  test('T431: behind one NAT without hairpin only the local network is left', () => {
    const [one, other] = [
      { ...REPORTS.C3, hairpin: false },
      { ...REPORTS.Ss, hairpin: false },
    ]
    expect(judgePair(one, other, true)).toEqual({ best: 'plain', tricks: [] })
    expect(judgePair({ ...REPORTS.C3, hairpin: true }, REPORTS.Ss, true).best).toBe('predicted')
  })

  test('T431: what one server address tells is enough', () => {
    const loose = { ...c3, mapping: 'port-independent', filtering: 'port-independent' } as const
    expect(isPlainPossible(loose, ss)).toBe(true)
    expect(judgePair({ ...c3, mapping: 'port-independent' }, ss, true).best).toBe('predicted')
    expect(judgePair({ ...c3, filtering: 'unknown' }, ss, true).best).toBe('predicted')
  })

  test('T431: a symmetric NAT that lets everybody in is reached at the port STUN saw', () => {
    const loose = { ...ss, filtering: 'endpoint-independent' } as const
    expect(judgePair(reportOf('Sr', 1), loose, true).best).toBe('plain')
  })
})
