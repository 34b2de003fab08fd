// What is loaded only when a link is not up at once, somebody asks us to relay, or bytes are to be sent:
// the detours, the seals of relayed packets, and transfers. SPEC.md has the rules.
import { BulkDesk } from './core/bulk/bulk-desk.ts'
import { DetoursOfRoom } from './core/detours/detours-of-room.ts'
import { MeshOfRoom } from './core/mesh/mesh.ts'
import type { LoadDetours } from './shell/detours-module.ts'
import { RelaySealer } from './shell/seals/relay-sealer.ts'
import { RoomBytes } from './shell/room-bytes.ts'

export * from './core/bulk/bulk-desk.ts'
export * from './core/detours/detours-of-room.ts'
export * from './core/mesh/mesh.ts'
export type * from './shell/detours-module.ts'
export * from './shell/seals/relay-sealer.ts'

/** Relays and relayed connections; no ladder, which is the runtime's to add. */
export const loadPlainDetours: LoadDetours = () =>
  Promise.resolve({
    openDetours: (host) => new DetoursOfRoom(host),
    openBulk: (host) => new BulkDesk(host),
    openMesh: (host, nowMs) => new MeshOfRoom(host, nowMs),
    openBytes: (input, onIncoming) => new RoomBytes(input, onIncoming),
    openRelaySealer: (subtle, options) => new RelaySealer(subtle, options),
  })
