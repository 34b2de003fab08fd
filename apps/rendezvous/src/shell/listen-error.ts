// Why a port of STUN or TURN could not be had, in words that say what to do about it.
import { isIPv6 } from 'node:net'

export type ListenErrorCode =
  | 'port-in-use'
  | 'port-forbidden'
  | 'no-such-address'
  | 'nothing-to-listen-on'
  | 'bad-certificate'
  | 'bind-failed'
  | 'socket-failed'

/** Why sockets could not be opened, or why one failed later. */
export class ListenError extends Error {
  override readonly name = 'ListenError'
  readonly code: ListenErrorCode

  constructor(code: ListenErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** What was to be opened. */
export interface ListenPlace {
  readonly protocol: 'UDP' | 'TCP'
  readonly host: string
  readonly port: number
}

/** The error of a failed bind or listen, explained. */
export function listenErrorOf(error: unknown, { protocol, host, port }: ListenPlace): ListenError {
  const where = `${protocol} port ${port} on ${host}`
  const code = systemCodeOf(error)
  const say = (kind: ListenErrorCode, rest: string): ListenError =>
    new ListenError(kind, `${where} ${rest}`, { cause: error })
  switch (code) {
    case 'EADDRINUSE':
      return say(
        'port-in-use',
        'is in use by another program (a second rendezvous, or coturn?): stop it, or choose other STUN ports',
      )
    case 'EACCES':
    case 'EPERM':
      return say(
        'port-forbidden',
        'is not allowed for this user: choose ports from 1024 up, or grant the capability CAP_NET_BIND_SERVICE',
      )
    case 'EADDRNOTAVAIL':
      return say(
        'no-such-address',
        `cannot be opened: this machine has no address ${host}; name one it has, or 0.0.0.0 and :: for all`,
      )
    default:
      return say('bind-failed', `cannot be opened (${code})`)
  }
}

/** The system's name of an error, such as EADDRINUSE; its text when it has none. */
export function systemCodeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : String(error)
}

/**
 * Whether a host cannot be served because this machine lacks IPv6. With IPv6 switched off, the
 * wildcard and loopback are "not available"; any other address may be a slip of the operator's, which
 * silence would hide.
 */
export function isFamilyLacking(host: string, error: unknown): boolean {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  const code = systemCodeOf(cause)
  if (code === 'EAFNOSUPPORT') return isIPv6(host)
  return code === 'EADDRNOTAVAIL' && (host === '::' || host === '::1')
}
