// Reports of the NATs that tests speak of, by the names of the laboratory's classes.
import type { NatReport } from './nat-report.ts'

const C3: NatReport = {
  udp: 'open',
  mapping: 'endpoint-independent',
  filtering: 'address-and-port-dependent',
  allocation: 'preserving',
  addresses: ['198.51.100.1'],
  unknown: [],
}
const S: NatReport = { ...C3, mapping: 'address-and-port-dependent' }

export const REPORTS = {
  O: { ...C3, filtering: 'endpoint-independent' },
  C1: { ...C3, filtering: 'endpoint-independent' },
  C2: { ...C3, filtering: 'address-dependent' },
  C3,
  Ss: { ...S, allocation: 'sequential', delta: 1, flowsPerSecond: 0 },
  Sb: { ...S, allocation: 'block', range: { first: 30_720, last: 31_743 } },
  Sr: { ...S, allocation: 'random', range: { first: 1_024, last: 65_535 } },
  U: {
    ...C3,
    udp: 'blocked',
    mapping: 'unknown',
    filtering: 'unknown',
    allocation: 'unknown',
    addresses: [],
    unknown: ['silent'],
  },
} as const satisfies Record<string, NatReport>

export type ReportName = keyof typeof REPORTS

/** A report as the side with the last byte `host` of its address has it. */
export function reportOf(name: ReportName, host = 1): NatReport {
  const report: NatReport = REPORTS[name]
  return { ...report, addresses: report.addresses.map(() => `198.51.100.${host}`) }
}
