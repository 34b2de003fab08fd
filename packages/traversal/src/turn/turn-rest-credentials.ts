// Short-lived TURN credentials without a database (draft-uberti-behave-turn-rest): the username says
// until when it holds, the password is a MAC of it. Whoever knows the secret mints and checks them,
// coturn (`use-auth-secret`) included. The secret never leaves the servers.
import { encodeBase64 } from '../base64.ts'
import { invariant } from '../invariant.ts'
import type { Hmac } from '../stun/stun-integrity.ts'
import { MAX_USERNAME_BYTES } from '../stun/stun-attribute-values.ts'
import { encodeUtf8 } from '../utf8.ts'

/** What a client gives as `username` and `credential`. */
export interface RestCredentials {
  readonly username: string
  readonly password: string
}

export interface RestCredentialsOptions {
  /** Text, as coturn's `static-auth-secret`; 16 random bytes in hex or more. */
  readonly secret: string
  readonly hmacSha1: Hmac
}

/** Credentials for `user` that end at a Unix time; `user` may be anything short, but says who it is. */
export function mintRestCredentials(
  { secret, hmacSha1 }: RestCredentialsOptions,
  { user, expiresAtUnixS }: { readonly user: string; readonly expiresAtUnixS: number },
): RestCredentials {
  invariant(Number.isSafeInteger(expiresAtUnixS) && expiresAtUnixS > 0, 'a time is whole seconds')
  const username = `${expiresAtUnixS}:${user}`
  invariant(encodeUtf8(username).length <= MAX_USERNAME_BYTES, 'the user name is short enough')
  return { username, password: passwordOf(username, { secret, hmacSha1 }) }
}

/** The password of a minted username at a Unix time; null when it has expired or is no such name. */
export function checkRestUsername(
  options: RestCredentialsOptions,
  { username, nowUnixS }: { readonly username: string; readonly nowUnixS: number },
): string | null {
  const [, digits] = /^([1-9]\d{0,15})(?::|$)/.exec(username) ?? []
  if (digits === undefined || Number(digits) <= nowUnixS) return null
  return passwordOf(username, options)
}

/** Whom a quota counts: the part of a minted username behind the time, or all of another name. */
export function restUserOf(username: string): string {
  return username.replace(/^[1-9]\d{0,15}:/, '')
}

function passwordOf(username: string, { secret, hmacSha1 }: RestCredentialsOptions): string {
  return encodeBase64(hmacSha1(encodeUtf8(secret), encodeUtf8(username)))
}
