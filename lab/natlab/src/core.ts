// The public network of the lab: one namespace that routes between its ports, one port per server,
// router or host with a public address. Every attachment gets a /32 and the same gateway, so no ARP
// tricks are needed and a delay hop can stand between any two of them.

import { CORE_ADDRESS, NOBODY_ADDRESS } from './addresses.ts'
import { countersSince, readCounters, type Counters } from './counters.ts'
import { HOP_DEVICE, startDelayHop, throughHop } from './delay-hop.ts'
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
  readonly delayMs: number
  #ports = 0

  private constructor(namespace: Namespace, delayMs: number) {
    this.namespace = namespace
    this.delayMs = delayMs
  }

  /** Sets the network up, with a delay hop when `delayMs` (of round trip) is not 0. */
  static async open(namespace: Namespace, delayMs: number): Promise<Core> {
    await namespace.loadRuleset(coreCounterRuleset(HOP_DEVICE))
    await namespace.ip([`route add blackhole ${NOBODY_ADDRESS}/32`])
    if (delayMs > 0) await startDelayHop(namespace, delayMs)
    return new Core(namespace, delayMs)
  }

  /** How many routers a packet passes on the public network: each traversal costs one hop. */
  get hops(): number {
    return this.delayMs > 0 ? 2 : 1
  }

  /** Gives a namespace an interface (`wan`) with these addresses on the public network. */
  async attach(namespace: Namespace, addresses: readonly string[]): Promise<Attachment> {
    const device = `p${this.#ports}`
    this.#ports += 1
    await linkNamespaces({ namespace: this.namespace, device }, { namespace, device: 'wan' })
    await this.namespace.ip([
      `addr add ${CORE_ADDRESS}/32 dev ${device}`,
      ...addresses.map((address) => `route add ${address}/32 dev ${device}`),
      ...(this.delayMs > 0 ? [throughHop(device)] : []),
    ])
    await namespace.ip([
      ...addresses.map((address) => `addr add ${address}/32 dev wan`),
      `route add ${CORE_ADDRESS}/32 dev wan`,
      `route add default via ${CORE_ADDRESS} dev wan`,
    ])
    return { device, addresses }
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

  /** What has entered the public network so far. */
  counters(): Promise<Counters> {
    return readCounters(this.namespace)
  }

  /** What has entered the public network since an earlier reading. */
  async countersSince(before: Counters): Promise<Counters> {
    return countersSince(before, await this.counters())
  }
}
