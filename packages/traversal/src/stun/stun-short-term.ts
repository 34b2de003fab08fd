// The short-term credential mechanism (RFC 8489 section 9.1): a name and a password that both sides
// got by other means, as ICE does. The server's side says who sent a message or which error to answer
// with; an indication that is refused gets no answer. The client's side is `shortTermCredentials`.
import type { StunClientCredentials } from './stun-client-credentials.ts'
import { shortTermKey, strongestIntegrity } from './stun-credentials.ts'
import { invariant } from '../invariant.ts'
import type { HmacPort, IntegrityAlgorithm } from './stun-integrity.ts'
import { checkIntegrity } from './stun-integrity.ts'
import type { CredentialsVerdict } from './stun-long-term-server.ts'
import type { ReceivedStunMessage } from './stun-message.ts'
import { attributeValue } from './stun-message.ts'
import { errorAttribute } from './stun-reply.ts'

export interface ShortTermServerOptions {
  readonly hmac: HmacPort
  /** The password that belongs to a username now; null when there is none. */
  readonly passwordOf: (username: string) => string | null
}

/** Who sent `message` (section 9.1.3). */
export function checkShortTerm(
  message: ReceivedStunMessage,
  { hmac, passwordOf }: ShortTermServerOptions,
): CredentialsVerdict {
  const algorithm = strongestIntegrity(message)
  const username = attributeValue(message, 'username')
  if (algorithm === undefined || username === undefined) return refused(400)
  const password = passwordOf(username)
  const key = password === null ? null : shortTermKey(password)
  if (key === null) return refused(401)
  const integrity = { key, hmac, algorithms: [algorithm] }
  if (checkIntegrity(message, algorithm, integrity) !== 'valid') return refused(401)
  return { type: 'authenticated', username, integrity }
}

function refused(code: 400 | 401): CredentialsVerdict {
  return { type: 'refused', code, attributes: [errorAttribute(code)] }
}

export interface ShortTermIdentity {
  readonly username: string
  readonly password: string
  readonly hmac: HmacPort
}

/** Credentials for requests to one peer. The first has both kinds of integrity, later ones the one that was answered with. */
export function shortTermCredentials(identity: ShortTermIdentity): StunClientCredentials {
  const { username, password, hmac } = identity
  const key = shortTermKey(password)
  invariant(key !== null, 'the password is one that OpaqueString allows')
  let algorithms: readonly IntegrityAlgorithm[] = ['sha1', 'sha256']
  return {
    authorise: (attributes) => ({
      attributes: [...attributes, { type: 'username', value: username }],
      integrity: { key, hmac, algorithms },
    }),
    judge(response, { integrity }) {
      const algorithm = strongestIntegrity(response)
      if (algorithm === undefined || integrity === undefined) {
        return isUnsealedError(response) ? 'accept' : 'ignore'
      }
      if (!integrity.algorithms.includes(algorithm)) return 'ignore'
      if (checkIntegrity(response, algorithm, integrity) !== 'valid') return 'ignore'
      algorithms = [algorithm]
      return 'accept'
    },
  }
}

/** The answers that a server gives before it knows who asks. */
function isUnsealedError(response: ReceivedStunMessage): boolean {
  const code = attributeValue(response, 'error-code')?.code
  return response.class === 'error' && (code === 400 || code === 401)
}
