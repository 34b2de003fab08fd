// Options from flags, environment and config file, checked. Refuses what it does not know, by name and
// with what would be right.
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { MAX_ROOM_PEERS } from '@knothole/wire'
import { DEFAULT_ROOM_DAYS } from '../../core/index.ts'
import type { ProxyTrust } from '../http/client-origin.ts'
import type { LogLevel } from '../logger.ts'
import { OPTION_NAMES } from './option-names.ts'
import type { OptionName, ReadOption } from './option-names.ts'
import { environmentName, OPTIONS } from './option-table.ts'
import {
  anyPort,
  capacity,
  days,
  folder,
  hostList,
  ipAddress,
  logLevel,
  onOff,
  origin,
  originList,
  proxyTrust,
  threadCount,
  udpKind,
} from './option-values.ts'
import { OptionsError } from './options-error.ts'
import { readTurnOptions } from './turn-options.ts'
import type { TurnOptions } from './turn-options.ts'
import type { UdpKind } from '../udp/udp-network.ts'

/** What the server is told. */
export interface ServerOptions {
  /** Undefined: all addresses of both families. */
  readonly host: string | undefined
  readonly port: number
  readonly url: URL | undefined
  readonly dataFolder: string
  readonly pageFolder: string
  /** Other rendezvous at which our page makes its rooms too, and whose page may do so here. */
  readonly also: readonly URL[]
  readonly stun: StunOptions
  readonly turn: TurnOptions
  /** Threads that serve STUN and TURN; undefined: as many as make sense, 0: the one of the rooms. */
  readonly turnThreads: number | undefined
  /** How threads of their own move datagrams, where the machine allows. */
  readonly turnUdp: UdpKind
  readonly trustProxy: ProxyTrust
  readonly roomDays: number
  /** Most people in one room. */
  readonly roomCapacity: number
  readonly limitNetworks: boolean
  readonly logLevel: LogLevel
}

export interface StunOptions {
  readonly isOn: boolean
  /** Undefined: the host of each request. */
  readonly hosts: readonly string[] | undefined
  readonly ports: readonly number[]
  /** Whether somebody asked for these ports, so that not getting them is an error. */
  readonly isPortExplicit: boolean
}

export interface OptionSources {
  readonly argv: readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly readFile: (path: string) => string
}

/** The options, or `help` when that was asked for. @throws OptionsError */
export function readOptions(sources: OptionSources): ServerOptions | 'help' {
  const flags = parseFlags(sources.argv)
  if (flags.get('help') === 'true') return 'help'
  const configFile = flags.get('config') ?? sources.environment['KNOTHOLE_CONFIG']
  const file = configFile === undefined ? new Map() : parseFile(configFile, sources.readFile)
  const given = new Map<OptionName, Given>()
  for (const name of OPTION_NAMES) {
    const variable = environmentName(name)
    const candidates: readonly (readonly [string, string | undefined])[] = [
      [`--${name}`, flags.get(name)],
      [variable, sources.environment[variable]],
      [`"${name}" in ${configFile ?? ''}`, file.get(name)],
    ]
    const found = candidates.find(([, text]) => text !== undefined)
    if (found?.[1] !== undefined) given.set(name, { source: found[0], text: found[1] })
  }
  return optionsOf(given)
}

interface Given {
  /** Where it was found, as the person who wrote it knows it. */
  readonly source: string
  readonly text: string
}

type GivenOptions = ReadonlyMap<OptionName, Given>

function optionsOf(given: GivenOptions): ServerOptions {
  const value: ReadOption = (name, fallback, parse) => {
    const found = given.get(name)
    if (found === undefined) return fallback
    const parsed = parse.read(found.text)
    if (parsed === undefined) {
      throw new OptionsError(`${found.source} must be ${parse.expected}, not "${found.text}"`)
    }
    return parsed
  }
  const ports = [value('stun-port', 3478, anyPort(1)), value('stun-alt-port', 3479, anyPort(1))]
  if (ports[0] === ports[1]) throw new OptionsError('--stun-port and --stun-alt-port must differ')
  const hasStun = !value('no-stun', false, onOff)
  return {
    host: value('host', undefined, ipAddress),
    port: value('port', 8080, anyPort(0)),
    url: value('url', undefined, origin),
    dataFolder: value('data', '.knothole', folder),
    also: value('also', [], originList),
    pageFolder: value(
      'page',
      fileURLToPath(new URL('../../../../web/dist', import.meta.url)),
      folder,
    ),
    stun: {
      isOn: hasStun,
      hosts: value('stun-hosts', undefined, hostList),
      ports,
      isPortExplicit: given.has('stun-port') || given.has('stun-alt-port'),
    },
    turn: readTurnOptions(value, { hasStun, defaultPort: ports[0] ?? 3478 }),
    turnThreads: value('turn-threads', undefined, threadCount),
    turnUdp: value('turn-udp', 'batched', udpKind),
    trustProxy: value('trust-proxy', { type: 'none' }, proxyTrust),
    roomDays: value('room-days', DEFAULT_ROOM_DAYS, days),
    roomCapacity: value('room-capacity', MAX_ROOM_PEERS, capacity),
    limitNetworks: !value('no-address-limits', false, onOff),
    logLevel: value('log-level', 'warn', logLevel),
  }
}

function parseFlags(argv: readonly string[]): ReadonlyMap<string, string> {
  const known = Object.fromEntries([
    ...OPTIONS.map(({ name, value }) => [
      name,
      { type: value === undefined ? ('boolean' as const) : ('string' as const) },
    ]),
    ['config', { type: 'string' as const }],
    ['help', { type: 'boolean' as const }],
  ]) as Record<string, { type: 'boolean' | 'string' }>
  try {
    const { values } = parseArgs({ args: [...argv], options: known, strict: true })
    return new Map(Object.entries(values).map(([name, value]) => [name, String(value)]))
  } catch (error) {
    throw new OptionsError(error instanceof Error ? error.message : String(error))
  }
}

function parseFile(path: string, readFile: OptionSources['readFile']): ReadonlyMap<string, string> {
  const entries = Object.entries(readJsonObject(path, readFile))
  const texts = new Map<string, string>()
  for (const [name, value] of entries) {
    if (!OPTION_NAMES.some((known) => known === name)) {
      throw new OptionsError(
        `"${name}" in ${path} is not an option; these are: ${OPTION_NAMES.join(', ')}`,
      )
    }
    const text = Array.isArray(value) ? value.join(',') : value
    if (!['string', 'number', 'boolean'].includes(typeof text)) {
      throw new OptionsError(`"${name}" in ${path} must be a text, a number, true, false or a list`)
    }
    texts.set(name, String(text))
  }
  return texts
}

function readJsonObject(path: string, readFile: OptionSources['readFile']): object {
  let parsed: unknown
  try {
    parsed = JSON.parse(readFile(path))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new OptionsError(`the config file ${path} cannot be read: ${why}`)
  }
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed
  throw new OptionsError(`the config file ${path} must hold one JSON object`)
}
