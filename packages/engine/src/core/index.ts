export * from './machine.ts'
export * from './room-state.ts'
export * from './session.ts'
export * from './session-io.ts'
