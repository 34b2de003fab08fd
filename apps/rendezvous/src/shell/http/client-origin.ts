// Who asks, and by what name they reached us: from the connection, and from proxy headers only as far
// as proxies are trusted. Anybody can write such headers, so nothing else may read them.
import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'
import { addressOfSocket, parseTransportAddress, toTransportAddress } from '@knothole/traversal'
import type { TransportAddress } from '@knothole/traversal'

/** Which proxies are believed: the nearest `hops`, or those with listed addresses. */
export type ProxyTrust =
  | { readonly type: 'none' }
  | { readonly type: 'hops'; readonly hops: number }
  | { readonly type: 'list'; readonly list: BlockList }

/** What a request says of its origin. */
export interface ClientOrigin {
  readonly remote: TransportAddress
  readonly protocol: 'http' | 'https'
}

type Request = Pick<IncomingMessage, 'headers' | 'socket'>

/** Longest chain of proxies looked at. */
const MAX_HOPS = 16

/** Port of a client whose proxy does not tell it. */
const UNKNOWN_PORT = 0

export function clientOriginOf(request: Request, trust: ProxyTrust): ClientOrigin {
  const { socket } = request
  const direct = remoteOf(socket.remoteAddress ?? '', socket.remotePort ?? UNKNOWN_PORT)
  const isEncrypted = 'encrypted' in socket && socket.encrypted === true
  const protocol = isEncrypted ? 'https' : 'http'
  if (!isTrusted(direct, 0, trust)) return { remote: direct, protocol }
  return {
    remote: originalOf(direct, forwardedFor(request), trust),
    protocol: forwardedProtocol(request) ?? protocol,
  }
}

/** Walks from the nearest proxy outwards to the first address that is no trusted proxy. */
function originalOf(
  direct: TransportAddress,
  chain: readonly string[],
  trust: ProxyTrust,
): TransportAddress {
  let remote = direct
  for (const [index, text] of chain.toReversed().slice(0, MAX_HOPS).entries()) {
    if (!isTrusted(remote, index, trust)) return remote
    const next = parseNode(text)
    if (next === undefined) return remote
    remote = next
  }
  return remote
}

function isTrusted(remote: TransportAddress, index: number, trust: ProxyTrust): boolean {
  switch (trust.type) {
    case 'none':
      return false
    case 'hops':
      return index < trust.hops
    case 'list':
      return trust.list.check(remote.address, remote.family === 'IPv4' ? 'ipv4' : 'ipv6')
  }
}

/**
 * The chain of clients, nearest last. X-Forwarded-For goes first: proxies that set it often pass a
 * client's own `Forwarded` (RFC 7239) through.
 */
function forwardedFor({ headers }: Request): string[] {
  const listed = headers['x-forwarded-for']
  if (listed !== undefined) return String(listed).split(',')
  return parametersOf(headers.forwarded, 'for')
}

function forwardedProtocol({ headers }: Request): 'http' | 'https' | undefined {
  const [first] =
    headers['x-forwarded-proto'] === undefined
      ? parametersOf(headers.forwarded, 'proto')
      : String(headers['x-forwarded-proto']).split(',')
  const protocol = first?.trim().toLowerCase()
  return protocol === 'http' || protocol === 'https' ? protocol : undefined
}

/** The values of one parameter of each element of a `Forwarded` header (RFC 7239, section 4). */
function parametersOf(header: string | undefined, name: string): string[] {
  if (header === undefined) return []
  return header.split(',').map((element) => {
    for (const pair of element.split(';')) {
      const at = pair.indexOf('=')
      const value = pair.slice(at + 1).trim()
      if (pair.slice(0, at).trim().toLowerCase() === name) return value.replaceAll('"', '')
    }
    return ''
  })
}

/** An address of a forwarded chain, with its port if it has one. */
function parseNode(text: string): TransportAddress | undefined {
  const node = text.trim()
  const bare = node.startsWith('[') && node.endsWith(']') ? node.slice(1, -1) : node
  return toTransportAddress(bare, UNKNOWN_PORT) ?? parseTransportAddress(node) ?? undefined
}

function remoteOf(address: string, port: number): TransportAddress {
  const remote = addressOfSocket({ address, port }) ?? toTransportAddress('0.0.0.0', UNKNOWN_PORT)
  if (remote === null) throw new Error('0.0.0.0 is an address')
  return remote
}

/** Reads `--trust-proxy`: a number of hops, or addresses and networks with commas between. */
export function parseProxyTrust(text: string): ProxyTrust | undefined {
  if (/^\d{1,2}$/.test(text)) {
    const hops = Number(text)
    return hops === 0 ? { type: 'none' } : { type: 'hops', hops }
  }
  const list = new BlockList()
  return text.split(',').every((part) => addNetwork(list, part.trim()))
    ? { type: 'list', list }
    : undefined
}

/** Adds `192.0.2.1`, `10.0.0.0/8` or their like; answers whether the text is one. */
export function addNetwork(list: BlockList, text: string): boolean {
  const [, address = '', prefix] = /^([0-9a-fA-F.:]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const family = isIP(address)
  const longest = family === 4 ? 32 : 128
  const length = Number(prefix ?? longest)
  if (family === 0 || length > longest) return false
  list.addSubnet(address, length, family === 4 ? 'ipv4' : 'ipv6')
  return true
}
