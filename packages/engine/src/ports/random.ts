import type { Bytes } from '@knothole/wire'

/** Randomness fit for keys and identifiers. */
export type RandomBytes = (length: number) => Bytes
