// WebSocket close codes of the rendezvous (private range of RFC 6455, section 7.4.2), one per refusal,
// so that a client knows the reason even if the refusal frame before it was lost.
import { REFUSAL_CODES } from './rendezvous-frames.ts'
import type { RefusalCode } from './rendezvous-frames.ts'

const FIRST_CODE = 4400

/** The close code of a refusal. */
export function closeCodeOf(code: RefusalCode): number {
  return FIRST_CODE + REFUSAL_CODES.indexOf(code)
}

/** The refusal a close code stands for, if it is one of ours. */
export function refusalOf(closeCode: number): RefusalCode | undefined {
  return REFUSAL_CODES[closeCode - FIRST_CODE]
}
