// What is loaded only when a link is not up at once, or somebody asks us to relay: the detours, and the
// seals of relayed packets. SPEC.md has the rules.
import { DetoursOfRoom } from './core/detours-of-room.ts'
import type { LoadDetours } from './shell/detours-module.ts'
import { RelaySealer } from './shell/relay-sealer.ts'

export * from './core/detours-of-room.ts'
export type * from './shell/detours-module.ts'
export * from './shell/relay-sealer.ts'

/** Relays and relayed connections; no ladder, which is the runtime's to add. */
export const loadPlainDetours: LoadDetours = () =>
  Promise.resolve({
    openDetours: (host) => new DetoursOfRoom(host),
    openRelaySealer: (subtle, options) => new RelaySealer(subtle, options),
  })
