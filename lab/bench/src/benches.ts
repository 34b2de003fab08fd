/** The registry: every bench there is, one file or folder each. A new bench is one more line here. */
import type { Bench } from './bench.ts'
import { faults } from './faults/faults.ts'
import { firstMessage } from './first-message/first-message.ts'
import { link } from './link/link.ts'
import { relay } from './relay/relay.ts'
import { sync } from './sync/sync.ts'

export const benches: readonly Bench[] = [faults, firstMessage, link, relay, sync]
