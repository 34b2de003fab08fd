// The client's side of the long-term credential mechanism (RFC 8489 sections 9.2.3 and 9.2.5): asks
// without credentials first, learns realm, nonce and algorithms from the refusal, and keeps them for
// the requests to come. Refuses a server whose nonce promises algorithms that its answer lacks.
import { invariant } from '../invariant.ts'
import type { StunPasswordAlgorithm } from './stun-attribute-structures.ts'
import type { StunAttribute } from './stun-attributes.ts'
import type { StunClientCredentials, StunJudgement } from './stun-client-credentials.ts'
import type { PasswordAlgorithm, StunCrypto } from './stun-credentials.ts'
import {
  longTermKey,
  passwordAlgorithmOf,
  passwordAlgorithmToWire,
  strongestIntegrity,
  userhashOf,
} from './stun-credentials.ts'
import { checkIntegrity } from './stun-integrity.ts'
import type { ReceivedStunMessage } from './stun-message.ts'
import { attributeValue } from './stun-message.ts'
import { featuresOf } from './stun-nonce.ts'
import { toOpaqueString } from './stun-opaque-string.ts'

export interface LongTermClientOptions {
  readonly username: string
  readonly password: string
  readonly crypto: StunCrypto
}

interface Challenge {
  readonly realm: string
  readonly nonce: string
  /** What the server offered, to be repeated to it; absent when it offers no choice. */
  readonly offered: readonly StunPasswordAlgorithm[] | undefined
  readonly passwordAlgorithm: PasswordAlgorithm
  readonly key: Uint8Array
}

const UNAUTHENTICATED = 401
const STALE_NONCE = 438
/** Errors that a server gives before it knows who asks, so that it cannot seal them. */
const UNSEALED_ERRORS: ReadonlySet<number> = new Set([400, UNAUTHENTICATED, 420, STALE_NONCE])

/** Credentials for requests to one server. */
export function longTermCredentials(options: LongTermClientOptions): StunClientCredentials {
  const { username, password, crypto } = options
  invariant(toOpaqueString(password) !== null, 'the password is one that OpaqueString allows')
  let challenge: Challenge | undefined

  function learn(response: ReceivedStunMessage): StunJudgement {
    const realm = attributeValue(response, 'realm')
    const nonce = attributeValue(response, 'nonce')
    if (realm === undefined || nonce === undefined) return 'accept'
    const isChoice = featuresOf(nonce).passwordAlgorithms
    const offered = isChoice ? attributeValue(response, 'password-algorithms') : undefined
    if (isChoice && offered === undefined) return 'bid-down'
    const passwordAlgorithm = chooseAlgorithm(offered)
    if (passwordAlgorithm === undefined) return 'no-common-algorithm'
    const key = longTermKey({ username, realm, password }, passwordAlgorithm, crypto)
    // A realm that no realm can be: there is nothing to say to that server.
    if (key === null) return 'accept'
    challenge = { realm, nonce, offered: offered && copyOf(offered), passwordAlgorithm, key }
    return 'retry'
  }

  return {
    authorise(attributes) {
      if (challenge === undefined) return { attributes }
      const { key, offered } = challenge
      return {
        attributes: [...attributes, ...proofOf(challenge, options)],
        integrity: {
          key,
          hmac: crypto.hmac,
          algorithms: [offered === undefined ? 'sha1' : 'sha256'],
        },
      }
    },
    judge(response, sent) {
      const code = attributeValue(response, 'error-code')?.code ?? 0
      // Refused with credentials: the same ones will not do better.
      if (code === UNAUTHENTICATED && sent.integrity === undefined) return learn(response)
      if (code === STALE_NONCE) return learn(response)
      const algorithm = strongestIntegrity(response)
      if (sent.integrity === undefined || UNSEALED_ERRORS.has(code)) return 'accept'
      if (algorithm === undefined || !sent.integrity.algorithms.includes(algorithm)) return 'ignore'
      return checkIntegrity(response, algorithm, sent.integrity) === 'valid' ? 'accept' : 'ignore'
    },
  }
}

/** The server's favourite among those we know; MD5 where it offers no choice. */
function chooseAlgorithm(
  offered: readonly StunPasswordAlgorithm[] | undefined,
): PasswordAlgorithm | undefined {
  if (offered === undefined) return 'md5'
  return offered.map(passwordAlgorithmOf).find((algorithm) => algorithm !== undefined)
}

function proofOf(
  { realm, nonce, offered, passwordAlgorithm }: Challenge,
  { username, crypto }: LongTermClientOptions,
): StunAttribute[] {
  const name: StunAttribute = featuresOf(nonce).usernameAnonymity
    ? { type: 'userhash', value: userhashOf({ username, realm }, crypto) }
    : { type: 'username', value: username }
  const proof: StunAttribute[] = [
    name,
    { type: 'realm', value: realm },
    { type: 'nonce', value: nonce },
  ]
  if (offered === undefined) return proof
  return [
    ...proof,
    { type: 'password-algorithms', value: offered },
    { type: 'password-algorithm', value: passwordAlgorithmToWire(passwordAlgorithm) },
  ]
}

/** Values of a received message are views of it; these are kept. */
function copyOf(offered: readonly StunPasswordAlgorithm[]): StunPasswordAlgorithm[] {
  return offered.map(({ algorithm, parameters }) => ({ algorithm, parameters: parameters.slice() }))
}
