// Credentials of the relays (TURN REST form) for a peer that was admitted. The name in them is drawn
// at random for each socket: a relay learns from it neither who somebody is nor from where.
import { mintRestCredentials } from '@knothole/traversal'
import { encodeBase64url } from '@knothole/wire'
import type { IceServers } from '@knothole/wire'
import type { CryptoPort } from './crypto-port.ts'
import { TURN_CREDENTIAL_MS } from './limits.ts'

/** Random bytes of the name: enough that no two sessions of a server's life share a quota. */
const USER_BYTES = 9

/** A name for the credentials of one socket. */
export function makeTurnUser(crypto: Pick<CryptoPort, 'randomBytes'>): string {
  return encodeBase64url(crypto.randomBytes(USER_BYTES))
}

/** What credentials are made for. */
export interface IceServersOf {
  readonly urls: readonly string[]
  readonly user: string
  readonly secret: string
}

/** Fresh credentials for relays, for `TURN_CREDENTIAL_MS`. */
export function mintIceServers(
  { urls, user, secret }: IceServersOf,
  { hmacSha1 }: Pick<CryptoPort, 'hmacSha1'>,
  nowMs: number,
): IceServers {
  const expiresAtUnixS = Math.floor((nowMs + TURN_CREDENTIAL_MS) / 1000)
  const credentials = mintRestCredentials({ secret, hmacSha1 }, { user, expiresAtUnixS })
  const { username, password } = credentials
  return { urls, username, credential: password, expiresAtMs: expiresAtUnixS * 1000 }
}
