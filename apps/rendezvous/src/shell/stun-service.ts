// STUN beside the rooms: which addresses to open, and what pages are told to ask. A port that is taken
// costs a warning only, unless somebody asked for it: most pairs of people connect without.
import { networkInterfaces } from 'node:os'
import { isIP } from 'node:net'
import type { PageConfig } from '@knothole/wire'
import type { Logger } from './logger.ts'
import type { StunOptions } from './options.ts'
import { isLoopbackName } from './public-host.ts'
import type { PublicHost } from './public-host.ts'
import { describeStunAddresses, openStunSockets, StunSocketsError } from './stun-sockets.ts'
import type { StunSockets } from './stun-sockets.ts'

export interface StunService {
  /** What the page reached by a name is told. */
  configFor(host: PublicHost): PageConfig
  close(): Promise<void>
}

/** Opens STUN as configured. @throws StunSocketsError when ports that were asked for are not to be had */
export async function openStunService(
  options: StunOptions,
  { host, logger }: { readonly host: string | undefined; readonly logger: Logger },
): Promise<StunService> {
  const sockets = options.isOn ? await tryOpen(options, host, logger) : undefined
  const hasServer = sockets !== undefined || (!options.isOn && options.hosts !== undefined)
  return {
    configFor({ hostname }) {
      if (!hasServer) return { stunUrls: [] }
      const hosts = options.hosts ?? (isLoopbackName(hostname) ? [] : [hostname])
      return {
        stunUrls: hosts.flatMap((name) => options.ports.map((port) => `stun:${name}:${port}`)),
      }
    },
    async close() {
      await sockets?.close()
    },
  }
}

async function tryOpen(
  options: StunOptions,
  host: string | undefined,
  logger: Logger,
): Promise<StunSockets | undefined> {
  const hosts = listenOn(options, host)
  try {
    const sockets = await openStunSockets({
      ...(hosts === undefined ? {} : { hosts }),
      ports: options.ports,
      onError: (error) => logger.error(error.message),
    })
    logger.info(`STUN is on ${describeStunAddresses(sockets)}`)
    return sockets
  } catch (error) {
    if (!(error instanceof StunSocketsError) || options.isPortExplicit) throw error
    logger.warn(
      `${error.message}. Going on without STUN: people on different networks may not connect. --stun-port and --stun-alt-port choose other ports.`,
    )
    return undefined
  }
}

/**
 * Of several addresses of this machine a wildcard socket answers from one only, so addresses that
 * browsers are told to ask, and that are ours, get sockets of their own.
 */
function listenOn(options: StunOptions, host: string | undefined): readonly string[] | undefined {
  if (host !== undefined && host !== '::' && host !== '0.0.0.0') return [host]
  const own = new Set(
    Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((one) => one.address)),
  )
  const named = (options.hosts ?? []).map((name) => name.replaceAll(/[[\]]/g, ''))
  const ownNamed = named.filter((name) => isIP(name) !== 0 && own.has(name))
  return ownNamed.length > 0 ? ownNamed : undefined
}
