// The UDP sockets behind relayed addresses: one per allocation, opened and closed as the TURN server
// asks. Drops what the network does not take; TURN promises no more than UDP.
import type { Socket } from 'node:dgram'
import type { TurnRelay, TurnRelaySocket } from '@knothole/traversal'
import { nowMs } from './clock.ts'
import { bindUdp } from './udp-socket.ts'

/** Packets waiting in one socket: past this its network is slower than who sends, so drop. */
export const MAX_SEND_QUEUE_BYTES: number = 256 * 1024

/** Where relay sockets are bound, by family. */
export interface RelayBinds {
  readonly IPv4: string
  readonly IPv6: string
}

/** Answers a TURN server's `openRelay`. */
export function createRelayOpener(binds: RelayBinds): (relay: TurnRelay) => void {
  return (relay) => void open(relay, binds[relay.family])
}

async function open(relay: TurnRelay, host: string): Promise<void> {
  let socket: Socket
  try {
    socket = await bindUdp({ host, port: relay.port })
  } catch {
    relay.failed(nowMs())
    return
  }
  socket.on('message', (payload, remote) => relay.receive(payload, remote, nowMs()))
  // What cannot be sent is lost, as on any network; the allocation goes on.
  socket.on('error', () => {})
  relay.opened(relaySocketOf(socket), nowMs())
}

function relaySocketOf(socket: Socket): TurnRelaySocket {
  return {
    send(payload, peer) {
      if (socket.getSendQueueSize() <= MAX_SEND_QUEUE_BYTES) {
        socket.send(payload, peer.port, peer.address)
      }
    },
    close() {
      socket.close()
    },
  }
}
