// The clients of one UDP socket by address and port; with the socket that is the 5-tuple (RFC 8656
// section 3.2). Only clients with an allocation are in it, so strangers cost no memory. Looked up for
// every packet: two maps, so that no key is put together.
import type { TurnClient } from './turn-allocation.ts'
import type { TurnRemote } from './turn-interface.ts'

export interface TurnClients {
  find(remote: TurnRemote): TurnClient | undefined
  add(client: TurnClient): void
  remove(client: TurnClient): void
  size(): number
}

export function createClientTable(): TurnClients {
  const byAddress = new Map<string, Map<number, TurnClient>>()
  return {
    find: ({ address, port }) => byAddress.get(address)?.get(port),
    add(client) {
      const { address, port } = client.remote
      const byPort = byAddress.get(address)
      if (byPort === undefined) byAddress.set(address, new Map([[port, client]]))
      else byPort.set(port, client)
    },
    remove({ remote: { address, port } }) {
      const byPort = byAddress.get(address)
      byPort?.delete(port)
      if (byPort?.size === 0) byAddress.delete(address)
    },
    size: () => [...byAddress.values()].reduce((sum, byPort) => sum + byPort.size, 0),
  }
}
