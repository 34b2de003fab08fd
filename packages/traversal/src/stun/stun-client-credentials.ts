// What a STUN client that must prove who it is needs from its credentials: what to add to a request,
// and whether to believe an answer. `shortTermCredentials` and `longTermCredentials` are the two.
import type { StunAttribute } from './stun-attributes.ts'
import type { IntegritySeal } from './stun-credentials.ts'
import type { ReceivedStunMessage } from './stun-message.ts'

/** A request's attributes with what proves who asks. */
export interface AuthorisedRequest {
  readonly attributes: readonly StunAttribute[]
  readonly integrity?: IntegritySeal
}

/**
 * `accept`: it is the answer, be it an error. `ignore`: somebody else sent it; go on waiting. `retry`:
 * ask again, now we know how. `bid-down`: somebody took away what the server offers. The last: the
 * server only makes keys in ways we do not know.
 */
export type StunJudgement = 'accept' | 'ignore' | 'retry' | 'bid-down' | 'no-common-algorithm'

export interface StunClientCredentials {
  authorise(attributes: readonly StunAttribute[]): AuthorisedRequest
  judge(response: ReceivedStunMessage, sent: AuthorisedRequest): StunJudgement
}
