// Options from flags, environment and config file, checked. Refuses what it does not know, by name and
// with what would be right.
import { isIP } from 'node:net'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { DEFAULT_ROOM_DAYS } from '../core/index.ts'
import { parseProxyTrust } from './client-origin.ts'
import type { ProxyTrust } from './client-origin.ts'
import { LOG_LEVELS } from './logger.ts'
import type { LogLevel } from './logger.ts'
import { environmentName, OPTION_NAMES, OPTIONS } from './option-table.ts'
import type { OptionName } from './option-table.ts'
import { parsePublicHost } from './public-host.ts'

/** What the server is told. */
export interface ServerOptions {
  /** Undefined: all addresses of both families. */
  readonly host: string | undefined
  readonly port: number
  readonly url: URL | undefined
  readonly dataFolder: string
  readonly pageFolder: string
  readonly stun: StunOptions
  readonly trustProxy: ProxyTrust
  readonly roomDays: number
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

/** A flag, variable or config file that is wrong; the message says which and what would be right. */
export class OptionsError extends Error {
  override readonly name = 'OptionsError'
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
  const value = <Value>(name: OptionName, fallback: Value, parse: Parse<Value>): Value => {
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
  return {
    host: value('host', undefined, ipAddress),
    port: value('port', 8080, anyPort(0)),
    url: value('url', undefined, origin),
    dataFolder: value('data', '.knothole', folder),
    pageFolder: value('page', fileURLToPath(new URL('../../../web/dist', import.meta.url)), folder),
    stun: {
      isOn: !value('no-stun', false, onOff),
      hosts: value('stun-hosts', undefined, hostList),
      ports,
      isPortExplicit: given.has('stun-port') || given.has('stun-alt-port'),
    },
    trustProxy: value('trust-proxy', { type: 'none' }, proxyTrust),
    roomDays: value('room-days', DEFAULT_ROOM_DAYS, days),
    limitNetworks: !value('no-address-limits', false, onOff),
    logLevel: value('log-level', 'warn', logLevel),
  }
}

/** How a value is read; undefined for a text that is none. */
interface Parse<Value> {
  readonly expected: string
  readonly read: (text: string) => Value | undefined
}

/** A year's unused room is a forgotten one. */
const MAX_ROOM_DAYS = 366

/** Browsers slow down with more than four STUN servers, and each host counts twice. */
const MAX_STUN_HOSTS = 4

const wholeNumber = (least: number, most: number, expected: string): Parse<number> => ({
  expected,
  read: (text) => {
    const number = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN
    return number >= least && number <= most ? number : undefined
  },
})

const anyPort = (least: 0 | 1): Parse<number> =>
  wholeNumber(least, 65_535, `a port number from ${least} to 65535`)

const days = wholeNumber(1, MAX_ROOM_DAYS, `a number of days from 1 to ${MAX_ROOM_DAYS}`)

const ipAddress: Parse<string> = {
  expected: 'an IP address of this machine, such as 127.0.0.1 or ::',
  read: (text) => (isIP(text) === 0 ? undefined : text),
}

const origin: Parse<URL> = {
  expected: 'an http or https URL without path, such as https://chat.example.org',
  read: (text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined
    const isOrigin = url !== undefined && `${url.origin}/` === url.href
    return isOrigin && /^https?:$/.test(url.protocol) ? url : undefined
  },
}

const folder: Parse<string> = {
  expected: 'a folder',
  read: (text) => (text === '' ? undefined : text),
}

const onOff: Parse<boolean> = {
  expected: 'true or false',
  read: (text) => {
    if (['true', '1', 'yes', 'on'].includes(text)) return true
    return ['false', '0', 'no', 'off', ''].includes(text) ? false : undefined
  },
}

const hostList: Parse<readonly string[]> = {
  expected: `one to ${MAX_STUN_HOSTS} host names or IP addresses with commas between`,
  read: (text) => {
    const hosts = text.split(',').map((part) => bracketed(part.trim()))
    const areHosts = hosts.every((host) => parsePublicHost(host)?.hostname === host.toLowerCase())
    return areHosts && hosts.length <= MAX_STUN_HOSTS ? hosts : undefined
  },
}

const proxyTrust: Parse<ProxyTrust> = {
  expected: 'a number of proxies, or IP addresses or networks with commas between',
  read: parseProxyTrust,
}

const logLevel: Parse<LogLevel> = {
  expected: `one of ${LOG_LEVELS.join(', ')}`,
  read: (text) => LOG_LEVELS.find((level) => level === text),
}

/** An IPv6 address as it stands in a URL. */
function bracketed(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host
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
