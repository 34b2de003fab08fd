// The UDP sockets behind relayed addresses: one per allocation, opened and closed as the TURN server
// asks. Drops what the network does not take; TURN promises no more than UDP.
import type { Socket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import type { TurnRelay, TurnRelaySocket, TurnRemote } from '@knothole/traversal'
import { nowMs } from './clock.ts'
import { bindUdp } from './udp-socket.ts'

/** Packets waiting in one socket: past this its network is slower than who sends, so drop. */
export const MAX_SEND_QUEUE_BYTES: number = 256 * 1024

/** What Ethernet carries whole, without headers of IPv6 and UDP. */
const MAX_UNFRAGMENTED_BYTES = 1500 - 40 - 8

/**
 * Whether datagrams leave with the DF bit (RFC 8656 section 15): Linux sets it on what fits the path,
 * unless told otherwise, and splits only what is larger. That, we drop ourselves.
 */
export function canForbidFragments(): boolean {
  if (process.platform !== 'linux') return false
  try {
    return readFileSync('/proc/sys/net/ipv4/ip_no_pmtu_disc', 'utf8').trim() === '0'
  } catch {
    return false
  }
}

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
  const send = (payload: Uint8Array, peer: TurnRemote): void => {
    if (socket.getSendQueueSize() <= MAX_SEND_QUEUE_BYTES) {
      socket.send(payload, peer.port, peer.address)
    }
  }
  return {
    send,
    sendUnfragmented(payload, peer) {
      if (payload.length <= MAX_UNFRAGMENTED_BYTES) send(payload, peer)
    },
    close() {
      socket.close()
    },
  }
}
