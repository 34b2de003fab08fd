// How a request ended, before it is written and sealed.
import type { StunAttribute } from '../stun/stun-attributes.ts'
import type { TurnErrorCode } from './turn-error-codes.ts'

export type TurnOutcome =
  | { readonly type: 'success'; readonly attributes: readonly StunAttribute[] }
  | TurnFailure

export interface TurnFailure {
  readonly type: 'failure'
  readonly code: TurnErrorCode
  /** Besides ERROR-CODE. */
  readonly attributes: readonly StunAttribute[]
}

export function success(attributes: readonly StunAttribute[] = []): TurnOutcome {
  return { type: 'success', attributes }
}

export function failure(
  code: TurnErrorCode,
  attributes: readonly StunAttribute[] = [],
): TurnFailure {
  return { type: 'failure', code, attributes }
}
