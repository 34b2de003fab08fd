// What the engine needs of its surroundings; adapters for a runtime implement these.
export * from './clock.ts'
export * from './log-store.ts'
export * from './random.ts'
export * from './rtc.ts'
export * from './socket.ts'
export * from './web-crypto.ts'
export * from './tab-channel.ts'
