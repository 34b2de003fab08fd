// A host of the lab: a namespace with an address, where commands and browsers run.

import type { CommandOptions, RunningCommand } from './command.ts'
import { readCounters, type Counters } from './counters.ts'
import type { Namespace } from './namespaces.ts'
import { hostCounterRuleset } from './ruleset.ts'
import type { Site } from './site.ts'

/** A computer behind (or without) a router. */
export class Host {
  readonly namespace: Namespace
  readonly site: Site
  /** Its own address: private behind a router, public in the cloud. */
  readonly address: string

  /** Its public IPv6 address, in places that have them. */
  readonly address6: string | undefined

  constructor(parts: {
    namespace: Namespace
    site: Site
    address: string
    address6: string | undefined
  }) {
    this.namespace = parts.namespace
    this.site = parts.site
    this.address = parts.address
    this.address6 = parts.address6
  }

  /** Runs a command on this host, to its end. */
  run(argv: readonly string[], options?: CommandOptions): Promise<string> {
    return this.namespace.run(argv, options)
  }

  /** Starts a command on this host, in the background. */
  start(argv: readonly string[]): RunningCommand {
    return this.namespace.start(argv)
  }

  /** Starts counting from nothing. */
  async resetCounters(): Promise<void> {
    await this.namespace.loadRuleset(hostCounterRuleset())
  }

  /** What this host has sent so far, per flow. */
  counters(): Promise<Counters> {
    return readCounters(this.namespace)
  }
}
