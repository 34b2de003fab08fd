import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { NatReport, Unknown } from './nat-report.ts'
import { MAX_REPORT_TEXT, decodeReport, encodeReport } from './nat-report-text.ts'
import { REPORTS } from './nat-reports.testing.ts'

const dependence = fc.constantFrom(
  'endpoint-independent',
  'address-dependent',
  'address-and-port-dependent',
  'port-independent',
  'unknown',
)
const port = fc.integer({ min: 1, max: 65_535 })
const yesNo = fc.constantFrom(true, false, undefined)
const unknowns: readonly Unknown[] = [
  'silent',
  'one-server-address',
  'one-server-port',
  'few-samples',
  'unprobed',
]
const reports: fc.Arbitrary<NatReport> = fc
  .record({
    udp: fc.constantFrom('open', 'blocked', 'unknown'),
    mapping: dependence,
    filtering: dependence,
    hairpin: yesNo,
    ipv6: yesNo,
    tcp: yesNo,
    addresses: fc.array(fc.oneof(fc.ipV4(), fc.constant('2001:db8::1')), { maxLength: 3 }),
    unknown: fc.subarray([...unknowns]),
  })
  .chain((report) =>
    fc.oneof(
      fc.constant({ ...report, allocation: 'preserving' } as const),
      fc
        .record({ delta: fc.integer({ min: 1, max: 256 }), flowsPerSecond: fc.nat({ max: 999 }) })
        .map((walk) => ({ ...report, allocation: 'sequential' as const, ...walk })),
      fc.tuple(port, port).map(([a, b]) => ({
        ...report,
        allocation: 'block' as const,
        range: { first: Math.min(a, b), last: Math.max(a, b) },
      })),
    ),
  )

test('T407: what is written is read back, in one short line', () => {
  fc.assert(
    fc.property(reports, (report) => {
      const text = encodeReport(report)
      expect(text.length).toBeLessThanOrEqual(MAX_REPORT_TEXT)
      expect(text).toMatch(/^[\da-f.: -]+$/)
      expect(decodeReport(text)).toEqual(report)
    }),
  )
})

test('T407: a usual report is short', () => {
  expect(encodeReport(REPORTS.C3)).toBe('11131000 0 0 0 0 0 198.51.100.1')
})

test('T407: any other text is null, and reading never throws', () => {
  const text = encodeReport(REPORTS.Sb)
  const bad = ['', '2', `${text} `, text.slice(1), text.replace('30720', '65536'), `${text} x`]
  for (const text of [...bad, '11131000 0 0 9 8 0', '1113100 0 0 0 0 0', '11132000 0 0 0 0 0'])
    expect(decodeReport(text)).toBeNull()
  expect(decodeReport(`${text}${' 192.0.2.1'.repeat(40)}`)).toBeNull()
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(decodeReport(text)).toBeNull()
    }),
  )
})
