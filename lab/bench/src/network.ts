/** Where the servers of a bench appear to the browser: beside it, or a round trip away. */
import type { DelayProxy } from './delay-proxy.ts'
import { openDelayProxy } from './delay-proxy.ts'

/** Makes local ports reachable at the distance of one condition. */
export interface Network {
  /** The port, on 127.0.0.1, at which the browser reaches a local TCP port. */
  expose(targetPort: number): Promise<number>
  close(): Promise<void>
}

/** Opens a network; with no round trip there is no proxy in between at all. */
export function openNetwork(roundTripMs: number): Network {
  const proxies: DelayProxy[] = []
  return {
    async expose(targetPort) {
      if (roundTripMs === 0) return targetPort
      const proxy = await openDelayProxy({ targetPort, roundTripMs })
      proxies.push(proxy)
      return proxy.port
    },
    async close() {
      await Promise.all(proxies.splice(0).map((proxy) => proxy.close()))
    },
  }
}
