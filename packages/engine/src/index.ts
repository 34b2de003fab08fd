// The engine: one peer in one room, on whatever runtime gives it ports. SPEC.md has the rules.
export * from './core/index.ts'
export * from './ports/index.ts'
export * from './shell/engine-error.ts'
export * from './shell/introducer.ts'
export * from './shell/room-keys.ts'
export * from './shell/room.ts'
export * from './shell/signing-key.ts'
