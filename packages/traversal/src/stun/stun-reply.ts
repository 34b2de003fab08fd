// Answers to STUN requests (RFC 8489 section 6.3.1): the request's method and transaction id, and a
// FINGERPRINT if and only if it had one. No SOFTWARE and no reason phrases: both are for people, tell
// strangers about us, and make an answer outgrow its request.
import type { StunAttribute } from './stun-attributes.ts'
import type { IntegritySeal } from './stun-credentials.ts'
import type { ReceivedStunMessage } from './stun-message.ts'
import { encodeMessage } from './stun-message.ts'

/** A success response; sealed when the request was authenticated. */
export function encodeSuccess(
  request: ReceivedStunMessage,
  attributes: readonly StunAttribute[],
  integrity?: IntegritySeal,
): Uint8Array {
  return encodeReply(request, { class: 'success', attributes, integrity })
}

/** An error response; `attributes` begin with ERROR-CODE, see `errorAttribute`. */
export function encodeError(
  request: ReceivedStunMessage,
  attributes: readonly StunAttribute[],
  integrity?: IntegritySeal,
): Uint8Array {
  return encodeReply(request, { class: 'error', attributes, integrity })
}

/** ERROR-CODE without a reason phrase. */
export function errorAttribute(code: number): StunAttribute {
  return { type: 'error-code', value: { code, reason: '' } }
}

interface Reply {
  readonly class: 'success' | 'error'
  readonly attributes: readonly StunAttribute[]
  readonly integrity: IntegritySeal | undefined
}

function encodeReply(request: ReceivedStunMessage, reply: Reply): Uint8Array {
  const { method, transactionId, hasFingerprint } = request
  const { class: replyClass, attributes, integrity } = reply
  const message = { class: replyClass, method, transactionId, attributes }
  return encodeMessage(message, {
    fingerprint: hasFingerprint,
    ...(integrity === undefined ? {} : { integrity }),
  })
}
