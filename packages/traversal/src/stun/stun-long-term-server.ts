// The server's side of the long-term credential mechanism (RFC 8489 section 9.2.4): says who sent a
// request, or which error to answer with. Remembers nothing between requests. A nonce is checked
// before anything that costs more; forging one is what a flood from forged addresses would have to do.
import { invariant } from '../invariant.ts'
import type { StunPasswordAlgorithm } from './stun-attribute-structures.ts'
import type { StunAttribute } from './stun-attributes.ts'
import type {
  CredentialSource,
  IntegritySeal,
  PasswordAlgorithm,
  StunCrypto,
} from './stun-credentials.ts'
import {
  longTermKey,
  passwordAlgorithmOf,
  passwordAlgorithmToWire,
  strongestIntegrity,
} from './stun-credentials.ts'
import { checkIntegrity } from './stun-integrity.ts'
import type { ReceivedStunMessage } from './stun-message.ts'
import { attributeValue } from './stun-message.ts'
import { NONCE_LIFETIME_MS, createStunNonces } from './stun-nonce.ts'
import { toOpaqueString } from './stun-opaque-string.ts'
import { errorAttribute } from './stun-reply.ts'

/** Who asked, and the seal that every answer to this request must carry. */
export interface Authenticated {
  readonly type: 'authenticated'
  readonly username: string
  readonly integrity: IntegritySeal
}

/** The error to answer with, unsealed: `encodeError(request, attributes)`. */
export interface CredentialsRefused {
  readonly type: 'refused'
  /** 400 Bad Request, 401 Unauthenticated, 438 Stale Nonce. */
  readonly code: 400 | 401 | 438
  readonly attributes: readonly StunAttribute[]
}

export type CredentialsVerdict = Authenticated | CredentialsRefused

export interface LongTermServerOptions {
  readonly realm: string
  readonly crypto: StunCrypto
  /** The password of a user; null when there is none, or no longer. */
  readonly passwordOf: (username: string) => string | null
  /** The name behind a USERHASH; leave it out and users must give their name. */
  readonly usernameOf?: (userhash: Uint8Array) => string | null
  /** 16 random bytes or more; share it only between servers that share their clock. */
  readonly nonceKey: Uint8Array
  readonly nonceLifetimeMs?: number
  /**
   * What clients may make keys by, best first. Without `sha256` no algorithms are offered, and
   * refusals are 12 bytes shorter.
   */
  readonly passwordAlgorithms?: readonly PasswordAlgorithm[]
}

export interface LongTermServer {
  /** `nowMs` is any clock that does not run backwards. */
  check(message: ReceivedStunMessage, source: CredentialSource, nowMs: number): CredentialsVerdict
}

const DEFAULT_ALGORITHMS: readonly PasswordAlgorithm[] = ['sha256', 'md5']

/** A checker with nonces of its own. */
export function createLongTermServer(options: LongTermServerOptions): LongTermServer {
  const { realm, crypto, passwordOf, usernameOf, passwordAlgorithms = DEFAULT_ALGORITHMS } = options
  invariant(toOpaqueString(realm) === realm && !realm.includes('"'), 'a realm is plain text')
  const offered = passwordAlgorithms.includes('sha256')
    ? passwordAlgorithms.map(passwordAlgorithmToWire)
    : undefined
  const nonces = createStunNonces({
    nonceKey: options.nonceKey,
    hmacSha256: crypto.hmac.sha256,
    lifetimeMs: options.nonceLifetimeMs ?? NONCE_LIFETIME_MS,
    features: {
      passwordAlgorithms: offered !== undefined,
      usernameAnonymity: usernameOf !== undefined,
    },
  })

  function challenge(code: 401 | 438, source: CredentialSource, nowMs: number): CredentialsRefused {
    const attributes: StunAttribute[] = [
      errorAttribute(code),
      { type: 'realm', value: realm },
      { type: 'nonce', value: nonces.issue(source, nowMs) },
    ]
    if (offered !== undefined) attributes.push({ type: 'password-algorithms', value: offered })
    return { type: 'refused', code, attributes }
  }

  /** Null: no such user; undefined: no name in the message. */
  function nameIn(message: ReceivedStunMessage): string | null | undefined {
    const username = attributeValue(message, 'username')
    if (username !== undefined) return username
    const userhash = attributeValue(message, 'userhash')
    return userhash === undefined ? undefined : (usernameOf?.(userhash) ?? null)
  }

  function sealOf(message: ReceivedStunMessage, claim: Claim): IntegritySeal | null {
    const password = passwordOf(claim.username)
    if (password === null) return null
    const key = longTermKey({ ...claim, realm, password }, claim.passwordAlgorithm, crypto)
    const algorithm = strongestIntegrity(message)
    if (key === null || algorithm === undefined) return null
    const seal = { key, hmac: crypto.hmac, algorithms: [algorithm] }
    return checkIntegrity(message, algorithm, seal) === 'valid' ? seal : null
  }

  return {
    check(message, source, nowMs) {
      if (message.integrity.length === 0) return challenge(401, source, nowMs)
      const username = nameIn(message)
      const nonce = attributeValue(message, 'nonce')
      const hasRealm = attributeValue(message, 'realm') !== undefined
      if (username === undefined || nonce === undefined || !hasRealm) return BAD_REQUEST
      if (!nonces.isFresh(nonce, source, nowMs)) return challenge(438, source, nowMs)
      const passwordAlgorithm = chosenAlgorithm(message, offered)
      if (passwordAlgorithm === null) return BAD_REQUEST
      const integrity = username && sealOf(message, { username, passwordAlgorithm })
      if (!username || !integrity) return challenge(401, source, nowMs)
      return { type: 'authenticated', username, integrity }
    },
  }
}

interface Claim {
  readonly username: string
  readonly passwordAlgorithm: PasswordAlgorithm
}

const BAD_REQUEST: CredentialsRefused = {
  type: 'refused',
  code: 400,
  attributes: [errorAttribute(400)],
}

/**
 * The algorithm that the request says its key was made by; null for a request that names none of
 * those offered, or does not repeat the offer: somebody on the way may have shortened it.
 */
function chosenAlgorithm(
  message: ReceivedStunMessage,
  offered: readonly StunPasswordAlgorithm[] | undefined,
): PasswordAlgorithm | null {
  const repeated = attributeValue(message, 'password-algorithms')
  const chosen = attributeValue(message, 'password-algorithm')
  if (repeated === undefined && chosen === undefined) return 'md5'
  if (chosen === undefined) return null
  if (offered === undefined) return (repeated ? null : passwordAlgorithmOf(chosen)) ?? null
  if (repeated === undefined) return null
  if (!isSameOffer(repeated, offered)) return null
  return offered.some((one) => isSameAlgorithm(one, chosen))
    ? (passwordAlgorithmOf(chosen) ?? null)
    : null
}

function isSameOffer(
  repeated: readonly StunPasswordAlgorithm[],
  offered: readonly StunPasswordAlgorithm[],
): boolean {
  return (
    repeated.length === offered.length &&
    repeated.every((one, index) => {
      const other = offered[index]
      return other !== undefined && isSameAlgorithm(one, other)
    })
  )
}

function isSameAlgorithm(one: StunPasswordAlgorithm, other: StunPasswordAlgorithm): boolean {
  return one.algorithm === other.algorithm && one.parameters.length + other.parameters.length === 0
}
