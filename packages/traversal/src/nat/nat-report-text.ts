// A NAT report as one short line, for a card: digits for the closed sets, then numbers, then
// addresses. Reads what it writes and nothing else; other text is null, whoever wrote it.
import type { NatReport, Unknown } from './nat-report.ts'

/** No report is longer: three addresses of 39 characters and the numbers. */
export const MAX_REPORT_TEXT = 192
const MAX_ADDRESSES = 3
const MAX_FLOWS = 999

const UDP = ['unknown', 'open', 'blocked'] as const
const DEPENDENCES = [
  'unknown',
  'endpoint-independent',
  'address-dependent',
  'address-and-port-dependent',
  'port-independent',
] as const
const ALLOCATIONS = ['unknown', 'preserving', 'sequential', 'block', 'random'] as const
const YES_NO = [undefined, false, true] as const
const UNKNOWNS: readonly Unknown[] = [
  'silent',
  'one-server-address',
  'one-server-port',
  'few-samples',
  'unprobed',
]
const FORM =
  /^1([0-2][0-4]{3}[0-2]{3}) (-?\d{1,5}) (\d{1,3}) (\d{1,5}) (\d{1,5}) (\d{1,2})((?: [\da-f.:]{2,39}){0,3})$/

/** Writes a report; flows per second are rounded up, addresses beyond the third left out. */
export function encodeReport(report: NatReport): string {
  const { range } = report
  const letters = [
    1,
    UDP.indexOf(report.udp),
    DEPENDENCES.indexOf(report.mapping),
    DEPENDENCES.indexOf(report.filtering),
    ALLOCATIONS.indexOf(report.allocation),
    ...[report.hairpin, report.ipv6, report.tcp].map((value) => YES_NO.indexOf(value)),
  ]
  const bits = report.unknown.reduce((bits, reason) => bits | (1 << UNKNOWNS.indexOf(reason)), 0)
  const flows = Math.min(MAX_FLOWS, Math.ceil(report.flowsPerSecond ?? 0))
  return [
    letters.join(''),
    report.delta ?? 0,
    flows,
    range?.first ?? 0,
    range?.last ?? 0,
    bits,
    ...report.addresses.slice(0, MAX_ADDRESSES),
  ].join(' ')
}

/** Reads a report; null when the text is none. */
export function decodeReport(text: string): NatReport | null {
  const match = text.length > MAX_REPORT_TEXT ? null : FORM.exec(text)
  if (match === null) return null
  const [, digits = '', ...fields] = match
  const closed = closedOf(Array.from(digits, Number))
  const open = openOf(fields.map(Number))
  const isSequential = closed.allocation === 'sequential'
  if (open === null || isSequential !== (open.delta !== undefined)) return null
  return { ...closed, ...open, addresses: fields.at(-1)?.split(' ').slice(1) ?? [] }
}

function openOf([delta, flowsPerSecond, first = 0, last = 0, bits = 0]: readonly number[]) {
  if (first > last || last > 65_535) return null
  return {
    ...(delta === 0 ? {} : { delta, flowsPerSecond }),
    ...(last === 0 ? {} : { range: { first, last } }),
    unknown: UNKNOWNS.filter((_, bit) => (bits >> bit) & 1),
  }
}

function closedOf(digits: readonly number[]) {
  const [udp, mapping, filtering, allocation, hairpin, ipv6, tcp] = digits
  return {
    udp: pick(UDP, udp),
    mapping: pick(DEPENDENCES, mapping),
    filtering: pick(DEPENDENCES, filtering),
    allocation: pick(ALLOCATIONS, allocation),
    hairpin: pick(YES_NO, hairpin),
    ipv6: pick(YES_NO, ipv6),
    tcp: pick(YES_NO, tcp),
  }
}

/** One of a closed set by its digit; all begin with what unknown is. */
function pick<Value>(values: readonly [Value, ...Value[]], digit = 0): Value {
  return values[digit] ?? values[0]
}
