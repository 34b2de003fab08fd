// What the relay is told, read from the options and checked as a whole.
import type { PortRange, TurnQuotas } from '@knothole/traversal'
import {
  anyPort,
  folder,
  networks,
  portRange,
  publicAddresses,
  quota,
  secret,
  turnMode,
  turnUrls,
} from './option-values.ts'
import { OptionsError } from './options-error.ts'
import type { ReadOption } from './option-names.ts'

export type TurnOptions =
  | { readonly mode: 'off' }
  | { readonly mode: 'external'; readonly urls: readonly string[]; readonly secret: string }
  | OwnTurnOptions

/** The relay in this process. */
export interface OwnTurnOptions {
  readonly mode: 'on'
  /** Whether somebody asked for the relay, so that not getting its ports is an error. */
  readonly isExplicit: boolean
  /** UDP and TCP. */
  readonly port: number
  readonly tls: TurnTlsOptions | undefined
  /** Undefined: made once and kept. */
  readonly secret: string | undefined
  readonly relayPorts: PortRange
  /** At most one of each family; empty: those of this machine. */
  readonly publicAddresses: readonly string[]
  readonly allowedPeers: readonly string[]
  readonly quotas: Partial<TurnQuotas>
}

export interface TurnTlsOptions {
  readonly port: number
  readonly certFile: string
  readonly keyFile: string
}

/** IANA's port of TURN over TLS. */
const DEFAULT_TLS_PORT = 5349

/** The dynamic ports of RFC 6335, which RFC 8656 section 6.2 names. */
const DEFAULT_RELAY_PORTS: PortRange = { first: 49_152, last: 65_535 }

/** The options of the relay. @throws OptionsError */
export function readTurnOptions(
  value: ReadOption,
  { hasStun, defaultPort }: { readonly hasStun: boolean; readonly defaultPort: number },
): TurnOptions {
  const mode = value('turn', undefined, turnMode)
  const tls = readTls(value)
  const own: OwnTurnOptions = {
    mode: 'on',
    isExplicit: mode === 'on',
    port: value('turn-port', defaultPort, anyPort(1)),
    tls,
    secret: value('turn-secret', undefined, secret),
    relayPorts: value('turn-relay-ports', DEFAULT_RELAY_PORTS, portRange),
    publicAddresses: value('turn-public-address', [], publicAddresses),
    allowedPeers: value('turn-allow-peers', [], networks),
    quotas: readQuotas(value),
  }
  const urls = value('turn-external-urls', undefined, turnUrls)
  if (mode === 'external') return external(urls, own.secret)
  if (urls !== undefined) throw new OptionsError('--turn-external-urls needs --turn external')
  return mode === 'on' || (mode === undefined && hasStun) ? own : { mode: 'off' }
}

function external(
  urls: readonly string[] | undefined,
  sharedSecret: string | undefined,
): TurnOptions {
  if (urls === undefined) {
    throw new OptionsError('--turn external needs --turn-external-urls: where are the relays?')
  }
  if (sharedSecret === undefined) {
    throw new OptionsError(
      "--turn external needs --turn-secret, the relays' own (coturn: static-auth-secret)",
    )
  }
  return { mode: 'external', urls, secret: sharedSecret }
}

function readTls(value: ReadOption): TurnTlsOptions | undefined {
  const port = value('turn-tls-port', undefined, anyPort(1))
  const certFile = value('turn-tls-cert', undefined, folder)
  const keyFile = value('turn-tls-key', undefined, folder)
  if (certFile !== undefined && keyFile !== undefined) {
    return { port: port ?? DEFAULT_TLS_PORT, certFile, keyFile }
  }
  const given = [port, certFile, keyFile].filter((one) => one !== undefined)
  if (given.length === 0) return undefined
  throw new OptionsError('TURN over TLS needs both --turn-tls-cert and --turn-tls-key')
}

function readQuotas(value: ReadOption): Partial<TurnQuotas> {
  const allocations = value('turn-max-allocations', undefined, quota)
  const allocationsPerUser = value('turn-max-per-user', undefined, quota)
  const allocationsPerAddress = value('turn-max-per-address', undefined, quota)
  return {
    ...(allocations === undefined ? {} : { allocations }),
    ...(allocationsPerUser === undefined ? {} : { allocationsPerUser }),
    ...(allocationsPerAddress === undefined ? {} : { allocationsPerAddress }),
  }
}
