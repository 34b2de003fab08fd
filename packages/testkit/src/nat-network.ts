// An internet with routers in it, on any clock: realms of hosts, and gateways between a realm and the
// one outside. A packet is translated outwards when it is sent and inwards when it arrives. Knows no
// protocol: packets are values.
import type { Clock } from '@knothole/engine/ports'
import type { Endpoint, NatBehaviour } from './nat-table.ts'
import { NatTable } from './nat-table.ts'
import type { SeededRandom } from './seeded-random.ts'

/** Where dynamic ports begin (RFC 6335). */
const FIRST_LOCAL_PORT = 49_152

type Receive<Packet> = (packet: Packet, from: Endpoint) => void

/** One socket of a host. */
export interface NatSocket<Packet> {
  readonly local: Endpoint
  /** Called with each packet that gets through. */
  onPacket: Receive<Packet>
  send(to: Endpoint, packet: Packet): void
  close(): void
}

/** A place where addresses mean something: the internet, or what lies behind a router. */
class Realm<Packet> {
  readonly members: Map<string, NatHost<Packet> | NatRouter<Packet>> = new Map()
  readonly gateway: NatRouter<Packet> | undefined

  constructor(gateway?: NatRouter<Packet>) {
    this.gateway = gateway
  }
}

/** A router: a NAT or a firewall between two realms. */
export class NatRouter<Packet> {
  readonly address: string
  readonly table: NatTable
  readonly outside: Realm<Packet>
  readonly inside: Realm<Packet>

  constructor(address: string, table: NatTable, outside: Realm<Packet>) {
    this.address = address
    this.table = table
    this.outside = outside
    this.inside = new Realm(this)
    outside.members.set(address, this)
  }
}

/** A host: an address, sockets, and its share of a packet's delay. */
export class NatHost<Packet> {
  readonly address: string
  readonly delayMs: number
  readonly realm: Realm<Packet>
  readonly sockets: Map<number, NatSocket<Packet>> = new Map()
  readonly #network: NatNetwork<Packet>
  #nextPort: number = FIRST_LOCAL_PORT

  constructor(
    network: NatNetwork<Packet>,
    place: { address: string; delayMs: number; realm: Realm<Packet> },
  ) {
    this.#network = network
    this.address = place.address
    this.delayMs = place.delayMs
    this.realm = place.realm
    place.realm.members.set(place.address, this)
  }

  /** Opens a socket on a port, or on the next free one. */
  open(port: number = this.#nextPort++): NatSocket<Packet> {
    const local = { address: this.address, port }
    const socket: NatSocket<Packet> = {
      local,
      onPacket: () => {},
      send: (to, packet) => this.#network.send(this, local, { to, packet }),
      close: () => void this.sockets.delete(port),
    }
    this.sockets.set(port, socket)
    return socket
  }
}

export class NatNetwork<Packet> {
  readonly clock: Clock
  readonly internet: Realm<Packet> = new Realm()
  readonly #random: SeededRandom
  readonly #loss: number
  #addresses = 0
  /** Packets sent, delivered or not. */
  sent = 0

  constructor(options: {
    readonly clock: Clock
    readonly random: SeededRandom
    readonly loss?: number
  }) {
    this.clock = options.clock
    this.#random = options.random.fork('nat-network')
    this.#loss = options.loss ?? 0
  }

  /** A router on the internet, or behind another. */
  addRouter(behaviour: NatBehaviour, behind?: NatRouter<Packet>): NatRouter<Packet> {
    const address = this.#newAddress(behind === undefined ? '198.51' : '100.64')
    const random = this.#random.fork(`nat ${address}`)
    return new NatRouter(address, new NatTable(behaviour, random), behind?.inside ?? this.internet)
  }

  /** A host on the internet, or behind a router; `delayMs` is its part of each packet's way. */
  addHost(place: {
    readonly delayMs: number
    readonly behind?: NatRouter<Packet> | undefined
  }): NatHost<Packet> {
    const { behind, delayMs } = place
    const realm = behind?.inside ?? this.internet
    const isPublic = behind === undefined || behind.table.behaviour.mapping === 'none'
    const host = new NatHost(this, {
      address: this.#newAddress(isPublic ? '203.0' : '192.168'),
      delayMs,
      realm,
    })
    // What a firewall does not translate, the realm outside must find.
    if (behind !== undefined && isPublic) behind.outside.members.set(host.address, behind)
    return host
  }

  /** Used by sockets. */
  send(
    host: NatHost<Packet>,
    local: Endpoint,
    { to, packet }: { to: Endpoint; packet: Packet },
  ): void {
    this.sent += 1
    const way = this.#outwards(host.realm, local, to)
    if (way === undefined || this.#random.chance(this.#loss)) return
    this.clock.schedule(this.clock.nowMs() + host.delayMs, () =>
      this.#inwards(way.realm, way.from, { to, packet }),
    )
  }

  /** Through gateways until a realm knows the destination. */
  #outwards(
    start: Realm<Packet>,
    local: Endpoint,
    to: Endpoint,
  ): { realm: Realm<Packet>; from: Endpoint } | undefined {
    let realm = start
    let from = local
    while (!realm.members.has(to.address)) {
      const { gateway } = realm
      if (gateway === undefined) return undefined
      const { behaviour } = gateway.table
      const isHairpin = to.address === gateway.address
      if (isHairpin && !behaviour.hairpin) return undefined
      const mapped = gateway.table.outbound(from, to, this.clock.nowMs())
      if (mapped === undefined) return undefined
      if (behaviour.mapping !== 'none') from = { address: gateway.address, port: mapped.port }
      realm = gateway.outside
    }
    return { realm, from }
  }

  #inwards(
    realm: Realm<Packet>,
    from: Endpoint,
    { to, packet }: { to: Endpoint; packet: Packet },
  ): void {
    const member = realm.members.get(to.address)
    if (member === undefined) return
    const nowMs = this.clock.nowMs()
    if (member instanceof NatRouter) {
      const internal = member.table.inbound(from, to, nowMs)
      if (internal !== undefined) this.#inwards(member.inside, from, { to: internal, packet })
      return
    }
    this.clock.schedule(nowMs + member.delayMs, () =>
      member.sockets.get(to.port)?.onPacket(packet, from),
    )
  }

  #newAddress(prefix: string): string {
    this.#addresses += 1
    return `${prefix}.${this.#addresses >> 8}.${this.#addresses & 255}`
  }
}
