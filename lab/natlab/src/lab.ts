// A laboratory: a public network, a server on two addresses, and sites with hosts, all in Linux
// namespaces. Whoever creates one closes it; what a crash leaves behind, the next one sweeps away.

import { SERVER_ADDRESSES, SERVER_ADDRESSES6, sitePublicAddress } from './addresses.ts'
import { Core } from './core.ts'
import { FAIR_WEATHER, type Weather } from './delay-hop.ts'
import type { Host } from './host.ts'
import { NamespaceSet, sweepNamespaces, type Namespace } from './namespaces.ts'
import { plainPlace, type Place } from './place.ts'
import type { PresetName } from './presets.ts'
import { Site } from './site.ts'
import { requireLabSupport } from './support.ts'
import { sweepTemporaryFolders } from './temporary-folder.ts'

/** What a lab can be told. */
export interface LabOptions {
  /** What the public network does to packets; anything but fair weather needs /dev/net/tun. */
  readonly weather?: Partial<Weather>
}

/** A running laboratory. */
export class Lab {
  readonly core: Core
  /** The namespace with the two server addresses, 203.0.113.10 and .11. */
  readonly server: Namespace
  readonly sites: Site[] = []
  readonly #namespaces: NamespaceSet
  readonly #closers: (() => Promise<void>)[] = []
  #addresses = 0
  #siteNumber = 0

  private constructor(parts: { core: Core; server: Namespace; namespaces: NamespaceSet }) {
    this.core = parts.core
    this.server = parts.server
    this.#namespaces = parts.namespaces
  }

  /** Builds the public network and the server's place on it. */
  static async open(options: LabOptions = {}): Promise<Lab> {
    requireLabSupport()
    sweepNamespaces()
    sweepTemporaryFolders()
    const namespaces = new NamespaceSet()
    try {
      const [coreNamespace, server] = await namespaces.add(['core', 'server'], { ipv6: true })
      if (coreNamespace === undefined || server === undefined) throw new Error('no namespace')
      const core = await Core.open(coreNamespace, { ...FAIR_WEATHER, ...options.weather })
      const attachment = await core.attach(server, SERVER_ADDRESSES)
      await core.attach6(server, attachment, { addresses: SERVER_ADDRESSES6 })
      return new Lab({ core, server, namespaces })
    } catch (error) {
      await namespaces.remove()
      throw error
    }
  }

  /** Adds another server, with one address on the public network. */
  async addServer(name: string, address: string): Promise<Namespace> {
    const [namespace] = await this.#namespaces.add([name], { ipv6: false })
    if (namespace === undefined) throw new Error('no namespace was made')
    await this.core.attach(namespace, [address])
    return namespace
  }

  /**
   * Adds a site of this preset or place, with its routers and no host yet; with another site's
   * operator in place of one of its own if that site is given.
   */
  async addSite(where: PresetName | Place, operator?: Site): Promise<Site> {
    this.#siteNumber += 1
    const site = await Site.open({
      core: this.core,
      namespaces: this.#namespaces,
      place: typeof where === 'string' ? plainPlace(where) : where,
      number: this.#siteNumber,
      publicAddress: operator?.publicAddress ?? this.unusedPublicAddress(),
      ...(operator === undefined ? {} : { operator }),
    })
    this.sites.push(site)
    return site
  }

  /** Adds a host in a place of its own, or beside another site if its place says that it shares. */
  async addHost(where: PresetName | Place, beside?: Site): Promise<Host> {
    const isShared = typeof where !== 'string' && where.isShared === true
    if (isShared && beside === undefined) throw new Error('beside whom?')
    if (isShared && beside?.preset.routers.length === 1) return beside.addHost()
    const site = await this.addSite(where, isShared ? beside : undefined)
    return site.addHost()
  }

  /** Lets the neighbours of all places open flows, where places have them; once, after the self-test. */
  async startNeighbours(): Promise<void> {
    await Promise.all(this.sites.map((site) => site.startNeighbour()))
  }

  /** A public address nobody has had yet, for `site.changePublicAddress`. */
  unusedPublicAddress(): string {
    this.#addresses += 1
    return sitePublicAddress(this.#addresses - 1)
  }

  /** Makes every router forget its mappings, so that runs do not help each other. */
  async forgetMappings(): Promise<void> {
    await Promise.all(this.sites.map((site) => site.forgetMappings()))
  }

  /** Runs this before the namespaces go, last registered first. */
  beforeClose(close: () => Promise<void>): void {
    this.#closers.unshift(close)
  }

  /** Ends everything in the lab and removes it. */
  async close(): Promise<void> {
    for (const close of this.#closers.splice(0)) await close()
    await this.#namespaces.remove()
  }
}

/** Opens a laboratory. */
export function createLab(options: LabOptions = {}): Promise<Lab> {
  return Lab.open(options)
}
