import type { Subtle } from '../ports/index.ts'

/** The browser's Web Cryptography, by the part of it that the engine names. */
export function webCrypto(): Subtle {
  return crypto.subtle as unknown as Subtle
}
