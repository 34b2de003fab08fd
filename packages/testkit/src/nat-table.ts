// A NAT's table (RFC 4787): which external port a flow gets, and who may answer through it. A session's
// key is its flow with the fields the mapping ignores left out, as in Tailscale's natlab. Knows time
// only as it is told, and packets not at all.
import type { SeededRandom } from './seeded-random.ts'

export interface Endpoint {
  readonly address: string
  readonly port: number
}

/** RFC 4787's three degrees, of mappings (4.1) and of filters (5). */
export type NatDependence =
  | 'endpoint-independent'
  | 'address-dependent'
  | 'address-and-port-dependent'

/** How external ports are chosen; a port block is `random` in a small range. */
export type NatAllocation =
  | { readonly type: 'preserving' }
  | {
      readonly type: 'sequential'
      readonly first: number
      readonly count: number
      readonly delta: number
    }
  | { readonly type: 'random'; readonly first: number; readonly last: number }

export interface NatBehaviour {
  /** `none` is a firewall: addresses pass as they are, strangers do not. */
  readonly mapping: NatDependence | 'none'
  readonly filtering: NatDependence
  readonly allocation: NatAllocation
  /** How long a session lives without a packet. */
  readonly timeoutMs: number
  /** Whether hosts behind it reach each other by its external address. */
  readonly hairpin: boolean
  /** New mappings that other hosts behind it make, at random. */
  readonly flowsPerSecond: number
  /** False drops every datagram. */
  readonly udp: boolean
}

interface Session {
  readonly key: string
  readonly internal: Endpoint
  readonly port: number
  /** When each remote place was last sent to. */
  readonly sentMs: Map<string, number>
  lastMs: number
}

/** Draws before a range counts as full. */
const MAX_DRAWS = 64

export class NatTable {
  readonly behaviour: NatBehaviour
  readonly #random: SeededRandom
  readonly #byKey = new Map<string, Session>()
  readonly #byPort = new Map<number, Session[]>()
  #steps: number
  #steppedMs: number | undefined
  /** Sessions ever made: what an attempt costs. */
  made = 0

  constructor(behaviour: NatBehaviour, random: SeededRandom) {
    this.behaviour = behaviour
    this.#random = random
    this.#steps = random.below(1_000)
  }

  /** A packet on its way out: where it seems to come from; undefined when it is dropped. */
  outbound(from: Endpoint, to: Endpoint, nowMs: number): { readonly port: number } | undefined {
    if (!this.behaviour.udp) return undefined
    const session =
      this.#find(keyOf(this.behaviour.mapping, from, to), nowMs) ?? this.#make(from, to, nowMs)
    if (session === undefined) return undefined
    session.lastMs = nowMs
    session.sentMs.set(remoteOf(this.behaviour.filtering, to), nowMs)
    return { port: session.port }
  }

  /** A packet on its way in to one of our external ports: whom it is for, if anyone. */
  inbound(from: Endpoint, to: Endpoint, nowMs: number): Endpoint | undefined {
    if (!this.behaviour.udp) return undefined
    const remote = remoteOf(this.behaviour.filtering, from)
    for (const session of this.#byPort.get(to.port) ?? []) {
      if (this.behaviour.mapping === 'none' && session.internal.address !== to.address) continue
      const sentMs = session.sentMs.get(remote)
      if (sentMs === undefined || this.#isDead(session, nowMs)) continue
      session.lastMs = nowMs
      return session.internal
    }
    return undefined
  }

  /** The router restarts: every session is gone. */
  flush(): void {
    this.#byKey.clear()
    this.#byPort.clear()
  }

  #find(key: string, nowMs: number): Session | undefined {
    const session = this.#byKey.get(key)
    if (session === undefined || !this.#isDead(session, nowMs)) return session
    this.#byKey.delete(key)
    this.#byPort.set(
      session.port,
      (this.#byPort.get(session.port) ?? []).filter((other) => other !== session),
    )
    return undefined
  }

  #isDead(session: Session, nowMs: number): boolean {
    return nowMs - session.lastMs > this.behaviour.timeoutMs
  }

  #make(from: Endpoint, to: Endpoint, nowMs: number): Session | undefined {
    const port = this.#choosePort(from, to, nowMs)
    if (port === undefined) return undefined
    const key = keyOf(this.behaviour.mapping, from, to)
    const session = { key, internal: from, port, sentMs: new Map<string, number>(), lastMs: nowMs }
    this.#byKey.set(key, session)
    this.#byPort.set(port, [...(this.#byPort.get(port) ?? []), session])
    this.made += 1
    return session
  }

  #choosePort(from: Endpoint, to: Endpoint, nowMs: number): number | undefined {
    const { allocation, mapping } = this.behaviour
    if (mapping === 'none') return from.port
    if (allocation.type === 'preserving' && this.#isFree(from.port, to, nowMs)) return from.port
    for (let draw = 0; draw < MAX_DRAWS; draw++) {
      const port = this.#draw(nowMs)
      if (this.#isFree(port, to, nowMs)) return port
    }
    return undefined
  }

  #draw(nowMs: number): number {
    const { allocation } = this.behaviour
    if (allocation.type !== 'sequential') {
      const { first, last } =
        allocation.type === 'random' ? allocation : { first: 1_024, last: 65_535 }
      return first + this.#random.below(last - first + 1)
    }
    this.#steps += 1 + this.#othersUntil(nowMs)
    const { first, count, delta } = allocation
    const offset = (((this.#steps * delta) % count) + count) % count
    return first + offset
  }

  /** Mappings others made since the last look (Poisson). */
  #othersUntil(nowMs: number): number {
    const expected = (this.behaviour.flowsPerSecond * (nowMs - (this.#steppedMs ?? nowMs))) / 1_000
    this.#steppedMs = nowMs
    let flows = 0
    for (let at = -Math.log(1 - this.#random.next()); at < expected; flows++)
      at -= Math.log(1 - this.#random.next())
    return flows
  }

  /** A port serves several destinations at a time, as on Linux, but a destination only once. */
  #isFree(port: number, to: Endpoint, nowMs: number): boolean {
    const remote = `${to.address}:${to.port}`
    const isDependent = this.behaviour.mapping === 'address-and-port-dependent'
    return (this.#byPort.get(port) ?? []).every(
      (session) =>
        this.#isDead(session, nowMs) || (isDependent && !session.key.endsWith(`>${remote}`)),
    )
  }
}

function keyOf(mapping: NatBehaviour['mapping'], from: Endpoint, to: Endpoint): string {
  const source = `${from.address}:${from.port}`
  if (mapping === 'address-and-port-dependent') return `${source}>${to.address}:${to.port}`
  return mapping === 'address-dependent' ? `${source}>${to.address}` : source
}

function remoteOf(filtering: NatDependence, remote: Endpoint): string {
  if (filtering === 'address-and-port-dependent') return `${remote.address}:${remote.port}`
  return filtering === 'address-dependent' ? remote.address : '*'
}
