// Who sends a request (RFC 8656 section 5): the long-term mechanism of STUN, with one thing added. A
// running allocation keeps the password it was made with, so that its user may refresh it after
// short-lived credentials ran out; for anything new they must hold.
import type { Authenticated, CredentialsRefused } from '../stun/stun-long-term-server.ts'
import { createLongTermServer } from '../stun/stun-long-term-server.ts'
import type { ReceivedStunMessage } from '../stun/stun-message.ts'
import type { TurnClient } from './turn-allocation.ts'
import type { TurnServerOptions } from './turn-interface.ts'

/** Who asked, with what is needed to seal the answer and to know them again. */
export interface TurnUser extends Authenticated {
  readonly password: string
}

export type Authenticate = (
  message: ReceivedStunMessage,
  client: TurnClient,
  nowMs: number,
) => TurnUser | CredentialsRefused

export function createAuthentication(
  options: Pick<TurnServerOptions, 'realm' | 'passwordOf' | 'crypto' | 'nonceKey'>,
): Authenticate {
  // Set for the length of one check, which is synchronous.
  let owned: TurnClient['allocation']
  let password: string | null = null
  const { realm, crypto, nonceKey } = options
  const server = createLongTermServer({
    realm,
    crypto,
    nonceKey,
    passwordOf(username) {
      password = owned?.username === username ? owned.password : options.passwordOf(username)
      return password
    },
  })
  return (message, client, nowMs) => {
    owned = client.allocation
    password = null
    const verdict = server.check(message, client.address, nowMs)
    owned = undefined
    if (verdict.type === 'refused') return verdict
    return { ...verdict, password: password ?? '' }
  }
}
