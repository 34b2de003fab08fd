// A site: the routers of one place and the hosts behind them. A `cloud` site has no router and its
// host sits on the public network itself; two sites may share an operator's router.

import { fileURLToPath } from 'node:url'

import { lanNetwork, NOBODY_ADDRESS, operatorNetwork, siteNetwork6 } from './addresses.ts'
import type { Attachment, Core } from './core.ts'
import { Host } from './host.ts'
import { LabError } from './lab-error.ts'
import { linkNamespaces, type Namespace, type NamespaceSet } from './namespaces.ts'
import type { Place } from './place.ts'
import type { Preset, RouterRules } from './presets.ts'
import {
  apartRuleset,
  cutRuleset,
  firewallRuleset,
  hostCounterRuleset,
  narrowRuleset,
  routerRuleset,
} from './ruleset.ts'

/** What a site is made from. */
export interface SitePlan {
  readonly core: Core
  readonly namespaces: NamespaceSet
  readonly place: Place
  /** Counts sites; chooses names and private networks. */
  readonly number: number
  readonly publicAddress: string
  /** Whose operator's router to stand behind, instead of one of its own. */
  readonly operator?: Site
}

interface Router {
  readonly namespace: Namespace
  readonly rules: RouterRules
  /** Towards the operator; undefined for the outermost router, which has the public address. */
  readonly operatorAddress?: string
}

/** Counts from the other end than hosts and subscribers do. */
const NEIGHBOUR_INDEX = 200

/** As does a second router. */
const SECOND_ROUTER_INDEX = 220

/** One place with its routers and hosts. */
export class Site {
  readonly place: Place
  readonly preset: Preset
  readonly hosts: Host[] = []
  readonly #plan: SitePlan
  /** From the public network inwards. */
  #routers: Router[] = []
  #attachment: Attachment | undefined
  #publicAddress: string
  #subscribers = 0

  private constructor(plan: SitePlan) {
    this.#plan = plan
    this.place = plan.place
    this.preset = plan.place.preset
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
    return this.#plan.operator?.publicAddress ?? this.#publicAddress
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
    const ipv6 = this.preset.ipv6 === true
    const [namespace] = await namespaces.add([`host${number}-${index}`], { ipv6 })
    if (namespace === undefined) throw new Error('no namespace was made')
    let address = this.publicAddress
    if (router === undefined) {
      this.#attachment = await core.attach(namespace, [address])
    } else {
      address = lanNetwork(number).host(index)
      await this.#attachToLan(router.namespace, { namespace, index })
    }
    const address6 = ipv6 ? siteNetwork6(number).host(index) : undefined
    const host = new Host({ namespace, site: this, address, address6 })
    await namespace.loadRuleset(hostCounterRuleset())
    this.hosts.push(host)
    return host
  }

  /**
   * Lets the other people behind the outermost router open flows, as the place says. Not before the
   * self-test: they take ports out of the sequence it measures.
   */
  async startNeighbour(): Promise<void> {
    const { flowsPerSecond } = this.place
    const outermost = this.#routers[0]?.namespace
    if (flowsPerSecond === 0 || outermost === undefined) return
    const { namespaces, number } = this.#plan
    const [namespace] = await namespaces.add([`next${number}`], { ipv6: false })
    if (namespace === undefined) throw new Error('no namespace was made')
    const neighbour = { namespace, index: NEIGHBOUR_INDEX }
    if (this.#routers.length === 1) await this.#attachToLan(outermost, neighbour)
    else await this.#attachToOperator(outermost, { ...neighbour, device: 'eth0' })
    const program = fileURLToPath(new URL('../dist/neighbour-main.js', import.meta.url))
    const words = [process.execPath, program, String(flowsPerSecond), NOBODY_ADDRESS]
    await namespace.start(words).said((text) => text.includes('neighbour ready'))
  }

  /** Forgets every mapping and filter state, as a reboot of all routers of the site would. */
  async forgetMappings(): Promise<void> {
    await Promise.all(
      this.#routers.map(async (router) => {
        await this.#loadRules(router)
        await router.namespace.run(['conntrack', '-F'])
      }),
    )
  }

  /** Gives the site another public address; mappings die with the old one. */
  async changePublicAddress(address: string): Promise<void> {
    const outermost = this.#routers[0]?.namespace ?? this.hosts[0]?.namespace
    if (outermost === undefined || this.#attachment === undefined) {
      throw new Error('the site is not on the public network by itself')
    }
    this.#attachment = await this.#plan.core.readdress(outermost, this.#attachment, address)
    this.#publicAddress = address
    await this.forgetMappings()
  }

  /** Lets nothing through any more, without a word to anybody; or everything again. */
  async cut(isCut: boolean): Promise<void> {
    const [outermost] = this.routers
    if (outermost === undefined) throw new Error('only a site with a router can be cut off')
    await outermost.loadRuleset(cutRuleset(isCut))
  }

  /** Passes no datagrams to or from these public addresses, without a word to anybody; again, for none. */
  async keepApart(publicAddresses: readonly string[]): Promise<void> {
    const [outermost] = this.routers
    if (outermost === undefined) throw new Error('only a site with a router can be kept apart')
    await outermost.loadRuleset(apartRuleset(publicAddresses))
  }

  /** Drops UDP packets with more payload than this from now on, without a word to anybody. */
  async narrow(payloadBytes: number): Promise<void> {
    const [outermost] = this.routers
    if (outermost === undefined) throw new Error('only a site with a router can be made narrow')
    await outermost.loadRuleset(narrowRuleset(payloadBytes))
  }

  /**
   * Puts a second router of the same kind on the LAN, with a public address of its own, and makes it the
   * hosts' way out. Their own addresses stay: nothing tells them. No hosts come after that.
   */
  async changeRouter(publicAddress: string): Promise<void> {
    const [first, ...more] = this.#routers
    if (first === undefined || more.length > 0) {
      throw new Error('only a site with one router can get another')
    }
    const { core, namespaces, number } = this.#plan
    const [namespace] = await namespaces.add([`router${number}-second`], { ipv6: false })
    if (namespace === undefined) throw new Error('no namespace was made')
    this.#attachment = await core.attach(namespace, [publicAddress])
    const lan = lanNetwork(number)
    const gateway = lan.host(SECOND_ROUTER_INDEX)
    const device = `port${SECOND_ROUTER_INDEX}`
    await linkNamespaces({ namespace: first.namespace, device }, { namespace, device: 'lan' })
    await first.namespace.ip([`link set ${device} master lan`])
    await namespace.ip([`addr add ${gateway}/24 dev lan`])
    // From now on this is the router; the other one only joins the LAN.
    this.#routers = [{ namespace, rules: first.rules }]
    this.#publicAddress = publicAddress
    await this.#loadRules({ namespace, rules: first.rules })
    await this.#setTimeout(namespace)
    for (const { namespace } of this.hosts)
      await namespace.ip([`route replace default via ${gateway} dev eth0`])
  }

  /** The external ports in use, as the outermost router's connection tracking lists them. */
  async mappings(): Promise<string[]> {
    const router = this.#routers[0]
    if (router === undefined) return []
    const listing = await router.namespace.run(['conntrack', '-L', '-p', 'udp'])
    return listing.split('\n').filter(Boolean)
  }

  async #addRouters(): Promise<void> {
    const { operator } = this.#plan
    const all = this.preset.routers
    if (all.length > 2) throw new LabError('bad-arguments', 'a place has at most two routers')
    if (operator !== undefined && all.length < 2) {
      throw new LabError('bad-arguments', `${this.place.label} is behind no operator`)
    }
    const shared = operator === undefined ? [] : operator.#routers.slice(0, 1)
    const made = await this.#makeRouters(all.slice(shared.length))
    this.#routers = [...shared, ...made]
    await this.#connectRouters(operator ?? this)
    const innermost = this.#routers.at(-1)?.namespace
    if (innermost === undefined) return
    await addBridge(innermost, lanNetwork(this.#plan.number).gateway)
    if (this.preset.ipv6 === true) await this.#addIpv6(innermost)
    for (const router of this.#routers.slice(shared.length)) {
      await this.#loadRules(router)
      await this.#setTimeout(router.namespace)
    }
  }

  async #makeRouters(rules: readonly RouterRules[]): Promise<Router[]> {
    const { namespaces, number } = this.#plan
    const names = rules.map((_, index) => `router${number}-${index}`)
    const made = await namespaces.add(names, { ipv6: this.preset.ipv6 === true })
    return rules.flatMap((rules, index) => {
      const namespace = made[index]
      return namespace === undefined ? [] : [{ namespace, rules }]
    })
  }

  async #connectRouters(owner: Site): Promise<void> {
    const [outer, inner] = this.#routers
    if (outer === undefined) return
    if (owner === this) {
      this.#attachment = await this.#plan.core.attach(outer.namespace, [this.#publicAddress])
    }
    if (inner === undefined) return
    const { gateway, subscriber } = operatorNetwork(owner.#plan.number)
    if (owner === this) await addBridge(outer.namespace, gateway)
    const index = owner.#subscribers
    owner.#subscribers += 1
    await owner.#attachToOperator(outer.namespace, {
      namespace: inner.namespace,
      device: 'wan',
      index,
    })
    this.#routers[1] = { ...inner, operatorAddress: subscriber(index) }
  }

  async #attachToOperator(
    operator: Namespace,
    subscriber: { namespace: Namespace; device: string; index: number },
  ): Promise<void> {
    const { namespace, device, index } = subscriber
    const network = operatorNetwork(this.#plan.number)
    const port = `port${index}`
    await linkNamespaces({ namespace: operator, device: port }, { namespace, device })
    await operator.ip([`link set ${port} master lan`])
    await namespace.ip([
      `addr add ${network.subscriber(index)}/24 dev ${device}`,
      `route add default via ${network.gateway}`,
    ])
  }

  async #attachToLan(
    router: Namespace,
    host: { namespace: Namespace; index: number },
  ): Promise<void> {
    const { number } = this.#plan
    const lan = lanNetwork(number)
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
    if (this.preset.ipv6 !== true) return
    const network = siteNetwork6(number)
    await host.namespace.ip([
      `addr add ${network.host(host.index)}/64 dev eth0`,
      `route add default via ${network.gateway} dev eth0`,
    ])
  }

  async #addIpv6(router: Namespace): Promise<void> {
    const { core, number } = this.#plan
    if (this.#attachment === undefined || this.#routers.length > 1) {
      throw new Error('only a site with one router of its own has IPv6')
    }
    const { router: address, network, gateway } = siteNetwork6(number)
    await core.attach6(router, this.#attachment, { addresses: [address], network })
    await router.ip([`addr add ${gateway}/64 dev lan`])
  }

  async #loadRules({ namespace, rules, operatorAddress }: Router): Promise<void> {
    const { mappingTimeoutSeconds } = this.place
    await namespace.loadRuleset(
      routerRuleset(rules, {
        externalAddress: operatorAddress ?? this.publicAddress,
        ...(mappingTimeoutSeconds === undefined ? {} : { mappingTimeoutSeconds }),
      }),
    )
    if (this.preset.ipv6 === true) await namespace.loadRuleset(firewallRuleset())
  }

  /** Connection tracking has two timeouts: before and after traffic has gone both ways for a while. */
  async #setTimeout(router: Namespace): Promise<void> {
    const { mappingTimeoutSeconds } = this.place
    if (mappingTimeoutSeconds === undefined) return
    const settings = ['udp_timeout', 'udp_timeout_stream'].map(
      (name) => `net.netfilter.nf_conntrack_${name}=${mappingTimeoutSeconds}`,
    )
    await router.run(['sysctl', '-q', '-w', ...settings])
  }
}

async function addBridge(router: Namespace, gateway: string): Promise<void> {
  await router.ip(['link add lan type bridge', `addr add ${gateway}/24 dev lan`, 'link set lan up'])
}
