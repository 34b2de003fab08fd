// Bytes and messages of Knothole: what travels between peers and the rendezvous and between peers.
// Pure; refuses to do I/O or cryptography. SPEC.md has the rules.
export * from './bytes.ts'
export * from './card.ts'
export * from './cbor.ts'
export * from './close-codes.ts'
export * from './ids.ts'
export * from './limits.ts'
export * from './link-frames.ts'
export * from './rendezvous-frames.ts'
export * from './room-api.ts'
export * from './room-link.ts'
export * from './sealed.ts'
export * from './signal.ts'
