// A site: the routers of one preset and the hosts behind them. A `cloud` site has no router and its
// host sits on the public network itself.

import { fileURLToPath } from 'node:url'

import { lanNetwork, NOBODY_ADDRESS, operatorNetwork } from './addresses.ts'
import type { Attachment, Core } from './core.ts'
import { Host } from './host.ts'
import { linkNamespaces, type Namespace, type NamespaceSet } from './namespaces.ts'
import type { Place } from './place.ts'
import { PRESETS, type Preset, type RouterRules } from './presets.ts'
import { hostCounterRuleset, routerRuleset } from './ruleset.ts'

/** What a site is made from. */
export interface SitePlan {
  readonly core: Core
  readonly namespaces: NamespaceSet
  readonly place: Place
  /** Counts sites; chooses names and private networks. */
  readonly number: number
  readonly publicAddress: string
}

/** Counts from the other end than the hosts do. */
const NEIGHBOUR_INDEX = 200

interface Router {
  readonly namespace: Namespace
  readonly rules: RouterRules
}

/** One place with its routers and hosts. */
export class Site {
  readonly place: Place
  readonly preset: Preset
  readonly hosts: Host[] = []
  readonly #plan: SitePlan
  #routers: Router[] = []
  #attachment: Attachment | undefined
  #publicAddress: string

  private constructor(plan: SitePlan) {
    this.#plan = plan
    this.place = plan.place
    this.preset = PRESETS[plan.place.preset]
    this.#publicAddress = plan.publicAddress
  }

  /** Builds the routers of a site. */
  static async open(plan: SitePlan): Promise<Site> {
    const site = new Site(plan)
    await site.#addRouters()
    return site
  }

  /** The address under which all hosts of the site appear on the public network. */
  get publicAddress(): string {
    return this.#publicAddress
  }

  /** The namespaces of its routers, from the public network inwards. */
  get routers(): Namespace[] {
    return this.#routers.map(({ namespace }) => namespace)
  }

  /** Adds a host: behind the innermost router, or on the public network where there is none. */
  async addHost(): Promise<Host> {
    const index = this.hosts.length
    const { core, namespaces, number } = this.#plan
    const router = this.#routers.at(-1)
    if (router === undefined && index > 0) {
      throw new Error('a cloud site has one host: add another site')
    }
    const [namespace] = await namespaces.add([`host${number}-${index}`])
    if (namespace === undefined) throw new Error('no namespace was made')
    let address = this.#publicAddress
    if (router === undefined) {
      this.#attachment = await core.attach(namespace, [address])
    } else {
      address = lanNetwork(number).host(index)
      await this.#attachToLan(router.namespace, { namespace, index })
    }
    await namespace.loadRuleset(hostCounterRuleset())
    const host = new Host({ namespace, site: this, address })
    this.hosts.push(host)
    return host
  }

  /**
   * Lets the other people behind the router open flows, as the place says. Not before the self-test:
   * they take ports out of the sequence it measures.
   */
  async startNeighbour(): Promise<void> {
    const { flowsPerSecond } = this.place
    if (flowsPerSecond === 0) return
    const [namespace] = await this.#plan.namespaces.add([`next${this.#plan.number}`])
    const router = this.#routers.at(-1)
    if (namespace === undefined || router === undefined) {
      throw new Error('only a place with a router has neighbours')
    }
    await this.#attachToLan(router.namespace, { namespace, index: NEIGHBOUR_INDEX })
    const program = fileURLToPath(new URL('../dist/neighbour-main.js', import.meta.url))
    const words = [process.execPath, program, String(flowsPerSecond), NOBODY_ADDRESS]
    await namespace.start(words).said((text) => text.includes('neighbour ready'))
  }

  /** Forgets every mapping and filter state, as a reboot of all routers of the site would. */
  async forgetMappings(): Promise<void> {
    for (const { namespace, rules } of this.#routers) {
      await namespace.loadRuleset(routerRuleset(rules, this.#externalAddress(namespace)))
      await flushConntrack(namespace)
    }
  }

  /** Gives the site another public address; mappings die with the old one. */
  async changePublicAddress(address: string): Promise<void> {
    const outermost = this.#routers[0]?.namespace ?? this.hosts[0]?.namespace
    if (outermost === undefined || this.#attachment === undefined) {
      throw new Error('the site is not on the public network yet')
    }
    this.#attachment = await this.#plan.core.readdress(outermost, this.#attachment, address)
    this.#publicAddress = address
    await this.forgetMappings()
  }

  /** The external ports in use, as the outermost router's connection tracking lists them. */
  async mappings(): Promise<string[]> {
    const router = this.#routers[0]
    if (router === undefined) return []
    const listing = await router.namespace.run(['conntrack', '-L', '-p', 'udp'])
    return listing.split('\n').filter(Boolean)
  }

  async #addRouters(): Promise<void> {
    const { namespaces, number } = this.#plan
    const names = this.preset.routers.map((_, index) => `router${number}-${index}`)
    const made = await namespaces.add(names)
    this.#routers = this.preset.routers.flatMap((rules, index) => {
      const namespace = made[index]
      return namespace === undefined ? [] : [{ namespace, rules }]
    })
    await this.#connectRouters()
    for (const [index, { namespace, rules }] of this.#routers.entries()) {
      if (index === this.#routers.length - 1) await addLanBridge(namespace, number)
      await namespace.loadRuleset(routerRuleset(rules, this.#externalAddress(namespace)))
    }
  }

  async #connectRouters(): Promise<void> {
    const { core, number } = this.#plan
    const [outer, inner] = this.#routers.map(({ namespace }) => namespace)
    if (outer === undefined) return
    this.#attachment = await core.attach(outer, [this.#publicAddress])
    if (inner === undefined) return
    const { gateway, subscriber } = operatorNetwork(number)
    await linkNamespaces({ namespace: outer, device: 'lan' }, { namespace: inner, device: 'wan' })
    await outer.ip([`addr add ${gateway}/24 dev lan`])
    await inner.ip([`addr add ${subscriber}/24 dev wan`, `route add default via ${gateway}`])
  }

  #externalAddress(router: Namespace): string {
    const isOutermost = router === this.#routers[0]?.namespace
    return isOutermost ? this.#publicAddress : operatorNetwork(this.#plan.number).subscriber
  }

  async #attachToLan(
    router: Namespace,
    host: { namespace: Namespace; index: number },
  ): Promise<void> {
    const lan = lanNetwork(this.#plan.number)
    const device = `port${host.index}`
    await linkNamespaces(
      { namespace: router, device },
      { namespace: host.namespace, device: 'eth0' },
    )
    await router.ip([`link set ${device} master lan`])
    // Without a default route Chromium gathers no candidates at all.
    await host.namespace.ip([
      `addr add ${lan.host(host.index)}/24 dev eth0`,
      `route add default via ${lan.gateway}`,
    ])
  }
}

async function addLanBridge(router: Namespace, number: number): Promise<void> {
  await router.ip([
    'link add lan type bridge',
    `addr add ${lanNetwork(number).gateway}/24 dev lan`,
    'link set lan up',
  ])
}

async function flushConntrack(router: Namespace): Promise<void> {
  await router.run(['conntrack', '-F'])
}
