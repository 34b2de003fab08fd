// How the text of an option becomes a value: one reader per kind, each with words for what it expects.
import { BlockList, isIP } from 'node:net'
import type { PortRange } from '@knothole/traversal'
import { MAX_ICE_TEXT_LENGTH, MAX_ICE_URLS, MAX_OTHER_PLACES, MAX_ROOM_PEERS } from '@knothole/wire'
import { addNetwork, parseProxyTrust } from '../http/client-origin.ts'
import type { ProxyTrust } from '../http/client-origin.ts'
import { LOG_LEVELS } from '../logger.ts'
import type { LogLevel } from '../logger.ts'
import { parsePublicHost } from '../http/public-host.ts'
import type { UdpKind } from '../udp/udp-network.ts'

/** How a value is read; undefined for a text that is none. */
export interface Parse<Value> {
  readonly expected: string
  readonly read: (text: string) => Value | undefined
}

/** A year's unused room is a forgotten one. */
const MAX_ROOM_DAYS = 366

/** Browsers slow down with more than four STUN servers, and each host counts twice. */
const MAX_STUN_HOSTS = 4

export const wholeNumber = (least: number, most: number, expected: string): Parse<number> => ({
  expected,
  read: (text) => {
    const number = /^\d{1,7}$/.test(text) ? Number(text) : Number.NaN
    return number >= least && number <= most ? number : undefined
  },
})

export const anyPort = (least: 0 | 1): Parse<number> =>
  wholeNumber(least, 65_535, `a port number from ${least} to 65535`)

export const days: Parse<number> = wholeNumber(
  1,
  MAX_ROOM_DAYS,
  `a number of days from 1 to ${MAX_ROOM_DAYS}`,
)

export const capacity: Parse<number> = wholeNumber(
  2,
  MAX_ROOM_PEERS,
  `a number of people from 2 to ${MAX_ROOM_PEERS}`,
)

export const ipAddress: Parse<string> = {
  expected: 'an IP address of this machine, such as 127.0.0.1 or ::',
  read: (text) => (isIP(text) === 0 ? undefined : text),
}

export const origin: Parse<URL> = {
  expected: 'an http or https URL without path, such as https://chat.example.org',
  read: (text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined
    const isOrigin = url !== undefined && `${url.origin}/` === url.href
    return isOrigin && /^https?:$/.test(url.protocol) ? url : undefined
  },
}

export const originList: Parse<readonly URL[]> = {
  expected: `one to ${MAX_OTHER_PLACES} URLs such as https://chat.example.org with commas between`,
  read: (text) => {
    const urls = text.split(',').map((part) => origin.read(part.trim()))
    const known = urls.filter((url) => url !== undefined)
    return known.length === urls.length && urls.length <= MAX_OTHER_PLACES ? known : undefined
  },
}

export const folder: Parse<string> = {
  expected: 'a folder',
  read: (text) => (text === '' ? undefined : text),
}

export const onOff: Parse<boolean> = {
  expected: 'true or false',
  read: (text) => {
    if (['true', '1', 'yes', 'on'].includes(text)) return true
    return ['false', '0', 'no', 'off', ''].includes(text) ? false : undefined
  },
}

export const hostList: Parse<readonly string[]> = {
  expected: `one to ${MAX_STUN_HOSTS} host names or IP addresses with commas between`,
  read: (text) => {
    const hosts = text.split(',').map((part) => bracketed(part.trim()))
    const areHosts = hosts.every((host) => parsePublicHost(host)?.hostname === host.toLowerCase())
    return areHosts && hosts.length <= MAX_STUN_HOSTS ? hosts : undefined
  },
}

export const proxyTrust: Parse<ProxyTrust> = {
  expected: 'a number of proxies, or IP addresses or networks with commas between',
  read: parseProxyTrust,
}

export const logLevel: Parse<LogLevel> = {
  expected: `one of ${LOG_LEVELS.join(', ')}`,
  read: (text) => LOG_LEVELS.find((level) => level === text),
}

export const turnMode: Parse<'on' | 'off' | 'external'> = {
  expected: 'on, off or external',
  read: (text) => (['on', 'off', 'external'] as const).find((mode) => mode === text),
}

export const udpKind: Parse<UdpKind> = {
  expected: 'batched or dgram',
  read: (text) => (['batched', 'dgram'] as const).find((kind) => kind === text),
}

/** A `turn:` or `turns:` URL (RFC 7065). */
const TURN_URL = /^turns?:(\[[\da-f:.]+\]|[\w.-]+)(:\d{1,5})?(\?transport=(udp|tcp))?$/i

export const turnUrls: Parse<readonly string[]> = {
  expected: `one to ${MAX_ICE_URLS} URLs such as turn:turn.example.org:3478 with commas between`,
  read: (text) => {
    const urls = text.split(',').map((part) => part.trim())
    const areUrls = urls.every((url) => TURN_URL.test(url) && url.length <= MAX_ICE_TEXT_LENGTH)
    return areUrls && urls.length <= MAX_ICE_URLS ? urls : undefined
  },
}

/** Shorter ones can be guessed from one minted credential. */
const MIN_SECRET_LENGTH = 16

export const secret: Parse<string> = {
  expected: `a text of ${MIN_SECRET_LENGTH} characters or more`,
  read: (text) => (text.length >= MIN_SECRET_LENGTH ? text : undefined),
}

export const portRange: Parse<PortRange> = {
  expected: 'a range of ports from 1024 to 65535, such as 49152-65535',
  read: (text) => {
    const [, first = '', last = ''] = /^(\d{4,5})-(\d{4,5})$/.exec(text) ?? []
    const range = { first: Number(first), last: Number(last) }
    const isRange = range.first >= 1024 && range.last <= 65_535 && range.first <= range.last
    return isRange ? range : undefined
  },
}

export const publicAddresses: Parse<readonly string[]> = {
  expected: 'an IPv4 address, an IPv6 address, or one of each with a comma between',
  read: (text) => {
    const addresses = text.split(',').map((part) => part.trim())
    const families = new Set(addresses.map(isIP))
    return !families.has(0) && families.size === addresses.length ? addresses : undefined
  },
}

export const networks: Parse<readonly string[]> = {
  expected: 'IP addresses or networks such as 10.0.0.0/8 with commas between',
  read: (text) => {
    const list = text.split(',').map((part) => part.trim())
    return list.every((one) => addNetwork(new BlockList(), one)) ? list : undefined
  },
}

/** How many of something a quota allows. */
export const quota: Parse<number> = wholeNumber(1, 1_000_000, 'a number from 1 to 1000000')

/** More threads than this only wait for each other. */
const MAX_THREADS = 64

export const threadCount: Parse<number> = wholeNumber(
  0,
  MAX_THREADS,
  `a number of threads from 0 to ${MAX_THREADS}`,
)

/** An IPv6 address as it stands in a URL. */
function bracketed(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host
}
