// The entry for who climbs the ladder: NAT reports, attempts, the machine. No STUN, no TURN: a page
// that imports this carries none of their codecs.
export type * from './attempt.ts'
export type * from './ladder-types.ts'
export { Ladder } from './ladder.ts'
export type { Gathering } from './nat-gathering.ts'
export { samplesOf } from './nat-gathering.ts'
export type * from './nat-report.ts'
export { MIN_RANGE_SAMPLES, reportNat } from './nat-report.ts'
export { MAX_REPORT_TEXT, decodeReport, encodeReport } from './nat-report-text.ts'
export type { Verdict } from './oracle.ts'
export { isPlainPossible, judgePair } from './oracle.ts'
export { PunchBudget } from './punch-budget.ts'
