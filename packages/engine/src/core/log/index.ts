// The log of a room: entries, feeds, their order, and what is refused. SPEC.md has the rules.
export type { EntryFault } from './chunk-check.ts'
export type { Draft } from './draft.ts'
export { Entry, compareEntries } from './entry.ts'
export type { FeedView } from './entry.ts'
export * from './log.ts'
export { baseOf } from './notes.ts'
export { RunChunk, lastHash, lengthOf } from './run-chunk.ts'
export * from './sha256.ts'
