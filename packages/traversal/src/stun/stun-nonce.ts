// NONCE without a table (RFC 8489 section 9.2): the nonce says when it was made and carries a MAC of
// that and of whom it was made for, so only its receiver can use it and a flood of requests costs no
// memory. Begins with the nonce cookie and the security features, which nobody can take away
// unnoticed: that is the protection against bidding down (section 9.2.1).
//
// ```
// obMatJos2  AAAB  MAC, 9 bytes in base64  time, seconds in base 36
// ```
import { encodeBase64 } from '../base64.ts'
import { invariant } from '../invariant.ts'
import type { CredentialSource } from './stun-credentials.ts'
import type { Hmac } from './stun-integrity.ts'
import { encodeUtf8 } from '../utf8.ts'

/** What a server promises in its nonces (RFC 8489 section 18.1). */
export interface StunSecurityFeatures {
  readonly passwordAlgorithms: boolean
  /** The server knows users by USERHASH. */
  readonly usernameAnonymity: boolean
}

/** Makes and recognizes the nonces of one server. */
export interface StunNonces {
  issue(source: CredentialSource, nowMs: number): string
  /** Whether we made it, for this source, not too long ago. */
  isFresh(nonce: string, source: CredentialSource, nowMs: number): boolean
}

export interface StunNoncesOptions {
  /** 16 random bytes or more; who checks a nonce needs key and clock of who issued it. */
  readonly nonceKey: Uint8Array
  readonly hmacSha256: Hmac
  readonly lifetimeMs: number
  readonly features: StunSecurityFeatures
}

export const NONCE_COOKIE = 'obMatJos2'
/** A nonce is to change at least once an hour (RFC 8656 section 5); often enough to be worthless. */
export const NONCE_LIFETIME_MS = 600_000

const MIN_KEY_BYTES = 16
const FEATURE_LETTERS = 4
/** 72 bits: nobody guesses them in ten minutes, and they are 12 letters without padding. */
const MAC_BYTES = 9
const MAC_LETTERS = 12
/**
 * Bit 0 is the lowest of 24. The text of section 18.1 says the highest; the sample of appendix B.1
 * and the erratum to that text say the lowest.
 */
const PASSWORD_ALGORITHMS_BIT = 0b01
const USERNAME_ANONYMITY_BIT = 0b10
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

export function createStunNonces(options: StunNoncesOptions): StunNonces {
  const { nonceKey, hmacSha256, lifetimeMs } = options
  invariant(nonceKey.length >= MIN_KEY_BYTES, 'a nonce key has 16 bytes or more')
  const prefix = NONCE_COOKIE + encodeFeatures(options.features)

  function nonceAt(seconds: number, { address, port }: CredentialSource): string {
    const mac = hmacSha256(nonceKey, encodeUtf8(`${prefix} ${seconds} ${port} ${address}`))
    return prefix + encodeBase64(mac.subarray(0, MAC_BYTES)) + seconds.toString(36)
  }

  return {
    issue: (source, nowMs) => nonceAt(Math.floor(nowMs / 1000), source),
    isFresh(nonce, source, nowMs) {
      const digits = nonce.slice(prefix.length + MAC_LETTERS)
      if (!nonce.startsWith(prefix) || !/^[\da-z]{1,11}$/.test(digits)) return false
      const seconds = Number.parseInt(digits, 36)
      const ageMs = nowMs - 1000 * seconds
      if (ageMs < 0 || ageMs > lifetimeMs) return false
      return equalInConstantTime(nonce, nonceAt(seconds, source))
    },
  }
}

/** What the nonce of any server promises; nothing when it has no cookie. */
export function featuresOf(nonce: string): StunSecurityFeatures {
  const letters = nonce.slice(NONCE_COOKIE.length, NONCE_COOKIE.length + FEATURE_LETTERS)
  const isCookie = nonce.startsWith(NONCE_COOKIE) && /^[A-Za-z\d+/]{4}$/.test(letters)
  // The last letter is the last 6 of the 24 bits.
  const bits = isCookie ? LETTERS.indexOf(letters.charAt(FEATURE_LETTERS - 1)) : 0
  return {
    passwordAlgorithms: (bits & PASSWORD_ALGORITHMS_BIT) !== 0,
    usernameAnonymity: (bits & USERNAME_ANONYMITY_BIT) !== 0,
  }
}

function encodeFeatures(features: StunSecurityFeatures): string {
  const bits =
    (features.passwordAlgorithms ? PASSWORD_ALGORITHMS_BIT : 0) |
    (features.usernameAnonymity ? USERNAME_ANONYMITY_BIT : 0)
  return encodeBase64(Uint8Array.of(0, 0, bits))
}

function equalInConstantTime(received: string, expected: string): boolean {
  if (received.length !== expected.length) return false
  let difference = 0
  for (let at = 0; at < expected.length; at++) {
    difference |= received.charCodeAt(at) ^ expected.charCodeAt(at)
  }
  return difference === 0
}
