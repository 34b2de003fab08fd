// How the copies of a conversation come together: the replica, what goes in and what comes out.
export type { Gap } from './gap-report.ts'
export type { Delivered } from './receipt-desk.ts'
export * from './replica.ts'
export type * from './replica-io.ts'
