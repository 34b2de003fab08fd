// The UDP sockets behind relayed addresses: one per allocation, opened and closed as the TURN server
// asks. Drops what the network does not take; TURN promises no more than UDP.
import type { TurnRelay } from '@knothole/traversal'
import { nowMs } from '../clock.ts'
import type { UdpNetwork, UdpSocket } from '../udp/udp-network.ts'

/** Where relay sockets are bound, by family. */
export interface RelayBinds {
  readonly IPv4: string
  readonly IPv6: string
}

/** Answers a TURN server's `openRelay`. */
export function createRelayOpener(udp: UdpNetwork, binds: RelayBinds): (relay: TurnRelay) => void {
  return (relay) => void open(relay, udp, binds[relay.family])
}

async function open(relay: TurnRelay, udp: UdpNetwork, host: string): Promise<void> {
  let socket: UdpSocket
  try {
    const place = { host, port: relay.port }
    socket = await udp.bind(place, {
      received: (payload, remote) => relay.receive(payload, remote, nowMs()),
      refused: (icmp, remote) => relay.receiveIcmp(icmp, remote, nowMs()),
    })
  } catch {
    relay.failed(nowMs())
    return
  }
  relay.opened(socket, nowMs())
}
