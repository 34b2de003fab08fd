// The entry for who climbs the ladder: NAT reports, attempts, the machine. No STUN, no TURN: a page
// that imports this carries none of their codecs.
export type * from './attempt.ts'
export type * from './ladder-types.ts'
export type * from './nat-report.ts'
