// Worlds for tests: virtual time, seeded randomness, WebRTC and sockets in memory. For tests and
// laboratories only; README.md says what is modelled and what is not.
export * from './check-agent.ts'
export * from './fake-internet.ts'
export * from './fake-rtc.ts'
export * from './fake-sdp.ts'
export * from './fake-sockets.ts'
export * from './log-store-cases.ts'
export * from './log-store-model.ts'
export * from './nat-network.ts'
export * from './nat-table.ts'
export * from './seeded-random.ts'
export * from './settled-crypto.ts'
export * from './virtual-clock.ts'
