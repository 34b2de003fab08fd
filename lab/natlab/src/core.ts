// The public network of the lab: one namespace that routes between its ports, one port per server,
// router or host with a public address. Every attachment gets a /32 and the same gateway, so no ARP
// tricks are needed and a delay hop can stand between any two of them.

import { CORE_ADDRESS, CORE_ADDRESS6, NOBODY_ADDRESS } from './addresses.ts'
import { countersSince, readCounters, type Counters } from './counters.ts'
import { HOP_DEVICE, sendThroughHop, startDelayHop, type Weather } from './delay-hop.ts'
import { linkNamespaces, type Namespace } from './namespaces.ts'
import { coreCounterRuleset } from './ruleset.ts'

/** A place on the public network. */
export interface Attachment {
  readonly device: string
  readonly addresses: readonly string[]
}

/** The public network. */
export class Core {
  readonly namespace: Namespace
  readonly weather: Weather
  #ports = 0

  private constructor(namespace: Namespace, weather: Weather) {
    this.namespace = namespace
    this.weather = weather
  }

  /** Sets the network up, with a hop that delays and loses packets when the weather is not fair. */
  static async open(namespace: Namespace, weather: Weather): Promise<Core> {
    await namespace.loadRuleset(coreCounterRuleset(HOP_DEVICE))
    await namespace.ip([`route add blackhole ${NOBODY_ADDRESS}/32`])
    const core = new Core(namespace, weather)
    if (core.#delays) await startDelayHop(namespace, weather)
    return core
  }

  /** How many routers a packet passes on the public network: each traversal costs one hop. */
  get hops(): number {
    return this.#delays ? 2 : 1
  }

  /** Whether packets take the way through the hop. */
  get #delays(): boolean {
    return Object.values(this.weather).some((value) => value > 0)
  }

  /** Gives a namespace an interface (`wan`) with these addresses on the public network. */
  async attach(namespace: Namespace, addresses: readonly string[]): Promise<Attachment> {
    const device = `p${this.#ports}`
    this.#ports += 1
    await linkNamespaces({ namespace: this.namespace, device }, { namespace, device: 'wan' })
    await this.namespace.ip([
      `addr add ${CORE_ADDRESS}/32 dev ${device}`,
      ...addresses.map((address) => `route add ${address}/32 dev ${device}`),
    ])
    if (this.#delays) await sendThroughHop(this.namespace, device)
    await namespace.ip([
      ...addresses.map((address) => `addr add ${address}/32 dev wan`),
      `route add ${CORE_ADDRESS}/32 dev wan`,
      `route add default via ${CORE_ADDRESS} dev wan`,
    ])
    return { device, addresses }
  }

  /** Gives an attached namespace IPv6 addresses too, and the networks behind the first of them. */
  async attach6(
    namespace: Namespace,
    attachment: Attachment,
    about: { addresses: readonly [string, ...string[]]; network?: string },
  ): Promise<void> {
    const { device } = attachment
    const { addresses, network } = about
    const behind =
      network === undefined ? [] : [`route add ${network} via ${addresses[0]} dev ${device}`]
    await this.namespace.ip([
      `addr add ${CORE_ADDRESS6}/128 dev ${device}`,
      ...addresses.map((address) => `route add ${address}/128 dev ${device}`),
      ...behind,
    ])
    await namespace.ip([
      ...addresses.map((address) => `addr add ${address}/128 dev wan`),
      `route add ${CORE_ADDRESS6}/128 dev wan`,
      `route add default via ${CORE_ADDRESS6} dev wan`,
    ])
  }

  /** Moves an attachment to another public address, as a provider does at night. */
  async readdress(
    namespace: Namespace,
    attachment: Attachment,
    address: string,
  ): Promise<Attachment> {
    const { device, addresses } = attachment
    await this.namespace.ip([
      ...addresses.map((old) => `route del ${old}/32 dev ${device}`),
      `route add ${address}/32 dev ${device}`,
    ])
    await namespace.ip([
      'addr flush dev wan',
      `addr add ${address}/32 dev wan`,
      `route replace ${CORE_ADDRESS}/32 dev wan`,
      `route replace default via ${CORE_ADDRESS} dev wan`,
    ])
    return { device, addresses: [address] }
  }

  /** Starts counting from nothing: a random punch fills the tables in a few runs. */
  async resetCounters(): Promise<void> {
    await this.namespace.loadRuleset(coreCounterRuleset(HOP_DEVICE))
  }

  /** What has entered the public network so far. */
  counters(): Promise<Counters> {
    return readCounters(this.namespace)
  }

  /** What has entered the public network since an earlier reading. */
  async countersSince(before: Counters): Promise<Counters> {
    return countersSince(before, await this.counters())
  }
}
