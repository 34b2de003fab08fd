// The rendezvous without its sockets, clock and database.
export * from './crypto-port.ts'
export * from './limits.ts'
export * from './machine.ts'
export type { BacklogOf, RendezvousEvent, RendezvousOutput } from './outbox.ts'
export * from './rendezvous.ts'
export * from './room-maker.ts'
export * from './room-store.ts'
export type { SocketId } from './socket-table.ts'
