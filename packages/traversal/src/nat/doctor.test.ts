import { describe, expect, test } from 'vitest'
import type { DoctorQuestion } from './doctor.ts'
import { diagnose } from './doctor.ts'
import type { ReportName } from './nat-reports.testing.ts'
import { reportOf } from './nat-reports.testing.ts'

const RELAYED = { path: 'ws-relay', trying: undefined, retryAtMs: 90 } as const

function ask(mine: ReportName, theirs: ReportName, more: Partial<DoctorQuestion> = {}) {
  return diagnose({
    mine: reportOf(mine, 1),
    theirs: reportOf(theirs, 2),
    hidden: { mine: false, theirs: false },
    munging: true,
    saveData: false,
    status: RELAYED,
    ...more,
  })
}

describe('one reason', () => {
  test('T460: a direct link needs no explanation', () => {
    expect(ask('Sr', 'Sr', { status: { ...RELAYED, path: 'direct' } })).toBeUndefined()
  })

  test('T460: who hides an address is the reason, whatever the networks', () => {
    expect(ask('U', 'Sr', { hidden: { mine: true, theirs: false } })).toEqual({
      reason: 'hidden',
      side: 'mine',
      help: ['show-address'],
    })
    expect(ask('C3', 'C3', { hidden: { mine: true, theirs: true } })?.side).toBe('both')
  })

  test.each([
    ['U', 'C3', 'udp-blocked', 'mine'],
    ['C3', 'U', 'udp-blocked', 'theirs'],
    ['U', 'U', 'udp-blocked', 'both'],
    ['Sr', 'Sr', 'random-ports', 'both'],
    ['Ss', 'Sr', 'random-ports', 'both'],
    ['C3', 'Ss', 'tricks-failed', 'both'],
    ['C3', 'Sr', 'tricks-failed', 'both'],
    ['C3', 'C3', 'unexplained', 'both'],
  ] as const)('T460: %s and %s: %s, %s', (mine, theirs, ...expected) => {
    const { reason, side } = ask(mine, theirs) ?? {}
    expect([reason, side]).toEqual(expected)
  })

  test('T460: a browser that forbids munging is named where munging would help', () => {
    const diagnosis = ask('C3', 'Sr', { munging: false })
    expect(diagnosis).toMatchObject({ reason: 'browser-forbids', side: 'theirs' })
    expect(diagnosis?.help[0]).toBe('other-browser')
    expect(ask('Sr', 'Sr', { munging: false })?.reason).toBe('random-ports')
  })

  test('T460: what is being tried is not yet a failure', () => {
    const status = { ...RELAYED, trying: 'predicted' } as const
    expect(ask('C3', 'Ss', { status })).toMatchObject({
      reason: 'trying',
      help: ['wait'],
      retryAtMs: 90,
    })
  })

  test('T460: one router, and a network of several addresses', () => {
    const mine = reportOf('C3', 1)
    expect(ask('C3', 'C3', { theirs: { ...mine, hairpin: false } })?.reason).toBe('no-hairpin')
    const pooling = { ...reportOf('Ss', 2), addresses: ['203.0.113.1', '203.0.113.2'] }
    expect(ask('C3', 'Ss', { theirs: pooling })).toMatchObject({
      reason: 'pooling',
      side: 'theirs',
    })
  })

  test('T460: without a report there is no reason to give', () => {
    expect(ask('C3', 'C3', { theirs: undefined })?.reason).toBe('unexplained')
  })

  test('T460: saved data is help when it kept a birthday from being tried', () => {
    expect(ask('C3', 'Sr', { saveData: true })?.help).toContain('save-data-off')
    expect(ask('C3', 'Ss', { saveData: true })?.help).not.toContain('save-data-off')
  })
})
