// The entry for who climbs the ladder: NAT reports, attempts, the machine. No STUN, no TURN: a page
// that imports this carries none of their codecs.
export type * from './attempt.ts'
export type * from './ladder-types.ts'
export { Ladder } from './ladder.ts'
export { networkPairKey } from './network-pair.ts'
export type { Gathering } from '../nat/nat-gathering.ts'
export { samplesOf } from '../nat/nat-gathering.ts'
export type * from '../nat/nat-report.ts'
export { MIN_RANGE_SAMPLES, reportNat } from '../nat/nat-report.ts'
export { MAX_REPORT_TEXT, decodeReport, encodeReport } from '../nat/nat-report-text.ts'
export type { Verdict } from '../nat/oracle.ts'
export { isPlainPossible, judgePair } from '../nat/oracle.ts'
export { PunchBudget } from './punch-budget.ts'
export type {
  Diagnosis,
  DoctorHelp,
  DoctorQuestion,
  DoctorReason,
  DoctorSide,
} from '../nat/doctor.ts'
export { diagnose } from '../nat/doctor.ts'
