// Socket addresses as Linux lays them out in memory, to and from text. Remembers those it has met, so
// that a packet costs a look-up; forgets them all when they become many, so that forged sources cost
// no memory.
//
// ```
// | family, ours | port, network's |            IPv4            |                  sockaddr_in
// | family, ours | port, network's | flow | IPv6 (16) | scope, ours |            sockaddr_in6
// ```
import { createTransportAddress, parseIp } from '@knothole/traversal'
import type { TurnRemote } from '@knothole/traversal'
import { AF_INET, AF_INET6, SOCKADDR_BYTES, SOCKADDR_IN_BYTES } from './linux-abi.ts'

/** Sources and destinations remembered, each: far above the clients and peers of a thread. */
const MAX_REMEMBERED = 8192

const PORT_OFFSET = 2
const IPV4_OFFSET = 4
const IPV6_OFFSET = 8
const SCOPE_OFFSET = 24
const PORT_VALUES = 65_536

/** The socket addresses that one thread meets. */
export class SocketAddresses {
  readonly #byIpv4 = new Map<number, TurnRemote>()
  readonly #byIpv6 = new Map<string, TurnRemote>()
  /** Without port. */
  readonly #byText = new Map<string, Uint8Array>()

  /** Reads the one at an offset, of which the system wrote so many bytes; null when it is no IP address. */
  read(memory: Buffer, at: number, sizeBytes: number): TurnRemote | null {
    const family = memory.readUInt16LE(at)
    if (family === AF_INET && sizeBytes >= SOCKADDR_IN_BYTES) return this.#readIpv4(memory, at)
    if (family === AF_INET6 && sizeBytes >= SOCKADDR_BYTES) return this.#readIpv6(memory, at)
    return null
  }

  /** Writes one at an offset; its size, or 0 when the text is no IP address. */
  write(memory: Buffer, at: number, { address, port }: TurnRemote): number {
    const bytes = this.#byText.get(address) ?? this.#encode(address)
    if (bytes === undefined) return 0
    memory.set(bytes, at)
    memory[at + PORT_OFFSET] = port >> 8
    memory[at + PORT_OFFSET + 1] = port & 0xff
    return bytes.length
  }

  #readIpv4(memory: Buffer, at: number): TurnRemote {
    const port = memory.readUInt16BE(at + PORT_OFFSET)
    const key = memory.readUInt32BE(at + IPV4_OFFSET) * PORT_VALUES + port
    return this.#byIpv4.get(key) ?? remember(this.#byIpv4, key, remoteOf(memory, at, port))
  }

  #readIpv6(memory: Buffer, at: number): TurnRemote {
    const key = memory.toString('latin1', at, at + SOCKADDR_BYTES)
    const known = this.#byIpv6.get(key)
    if (known !== undefined) return known
    return remember(this.#byIpv6, key, remoteOf(memory, at, memory.readUInt16BE(at + PORT_OFFSET)))
  }

  #encode(address: string): Uint8Array | undefined {
    const [text = '', zone = '0'] = address.split('%')
    const ip = parseIp(text)
    if (ip === null) return undefined
    const isIpv6 = text.includes(':')
    const bytes = Buffer.alloc(isIpv6 ? SOCKADDR_BYTES : SOCKADDR_IN_BYTES)
    bytes.writeUInt16LE(isIpv6 ? AF_INET6 : AF_INET)
    if (isIpv6) {
      // An IPv4-mapped one has no place on sockets of IPv6 alone.
      if (ip.length !== SCOPE_OFFSET - IPV6_OFFSET) return undefined
      bytes.set(ip, IPV6_OFFSET)
      bytes.writeUInt32LE(Number(zone) >>> 0, SCOPE_OFFSET)
    } else bytes.set(ip, IPV4_OFFSET)
    return remember(this.#byText, address, bytes)
  }
}

function remoteOf(memory: Buffer, at: number, port: number): TurnRemote {
  const isIpv6 = memory.readUInt16LE(at) === AF_INET6
  const [start, end] = isIpv6 ? [IPV6_OFFSET, SCOPE_OFFSET] : [IPV4_OFFSET, IPV4_OFFSET + 4]
  const ip = Uint8Array.from(memory.subarray(at + start, at + end))
  const { address } = createTransportAddress(ip, port)
  // Link-local addresses mean something only with the interface.
  const scope = isIpv6 ? memory.readUInt32LE(at + SCOPE_OFFSET) : 0
  return { address: scope === 0 ? address : `${address}%${scope}`, port }
}

function remember<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): Value {
  if (map.size >= MAX_REMEMBERED) map.clear()
  map.set(key, value)
  return value
}
