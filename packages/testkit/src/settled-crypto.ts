// Real cryptography under virtual time: counts the operations under way, so that a test can let virtual
// time stand still until they are done. Does no cryptography itself.
import type { Subtle } from '@knothole/engine/ports'

export interface SettledCrypto {
  readonly subtle: Subtle
  /** Resolves when nothing is under way and nothing more follows from what ended. */
  readonly settled: () => Promise<void>
}

/**
 * Watches an implementation of Web Cryptography. `turn` lets the platform do what is ready
 * (`setImmediate`).
 */
export function watchCrypto(subtle: Subtle, turn: () => Promise<void>): SettledCrypto {
  const operations = { begun: 0, ended: 0 }
  const watched = new Proxy(subtle, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name)
      if (typeof method !== 'function') return method
      return async (...parameters: unknown[]): Promise<unknown> => {
        operations.begun += 1
        try {
          return await Reflect.apply(method, target, parameters)
        } finally {
          operations.ended += 1
        }
      }
    },
  })
  const settled = async (): Promise<void> => {
    let before: number
    do {
      before = operations.begun
      await turn()
    } while (operations.begun !== before || operations.ended !== before)
  }
  return { subtle: watched, settled }
}
