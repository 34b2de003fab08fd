// What the server does for people between whom no direct path opens: credentials of relays, the sealed
// relay over their sockets, and the filtering probe that tells them what to try. Each limited by socket.
import { toTransportAddress } from '@knothole/traversal'
import type { IceServers, Observed, RelayView } from '@knothole/wire'
import type { CryptoPort } from './crypto-port.ts'
import { makeTurnUser, mintIceServers } from './ice-servers.ts'
import type { LiveRooms, Seat } from './live-rooms.ts'
import type { Outbox } from './outbox.ts'
import type { Socket } from './socket-table.ts'

export interface PathHelpOptions {
  readonly crypto: CryptoPort
  /** The secret shared with the relays; without it none are offered. */
  readonly turnSecret: string | undefined
  readonly outbox: Outbox
  readonly live: LiveRooms
}

export class PathHelp {
  readonly #options: PathHelpOptions

  constructor(options: PathHelpOptions) {
    this.#options = options
  }

  /** Relays for a socket that is being admitted. */
  iceServersFor(socket: Socket, nowMs: number): IceServers | undefined {
    const { crypto, turnSecret: secret } = this.#options
    const { turnUrls: urls } = socket
    if (secret === undefined || urls.length === 0) return undefined
    socket.turnUser ??= makeTurnUser(crypto)
    return mintIceServers({ urls, user: socket.turnUser, secret }, crypto, nowMs)
  }

  /** Sends fresh credentials; false when the socket asks too often. */
  renewIceServers(socket: Socket, nowMs: number): boolean {
    if (!socket.iceServers.take(1, nowMs)) return false
    const iceServers = this.iceServersFor(socket, nowMs)
    this.#options.outbox.send(socket.id, { type: 'ice-servers', iceServers })
    return true
  }

  /** Passes a body on or says that it did not; false when the socket goes on sending what is dropped. */
  relay(
    socket: Socket,
    { seat, relay }: { readonly seat: Seat; readonly relay: RelayView },
    nowMs: number,
  ): boolean {
    const { live, outbox } = this.#options
    const waitMs = live.relay(seat, relay, nowMs)
    if (waitMs === 0) return true
    if (!socket.drops.take(1, nowMs)) return false
    outbox.send(socket.id, { type: 'relay-full', to: relay.to, waitMs })
    return true
  }

  /** A probe that is not made is answered all the same, or its peer would wait for it. */
  probe(socket: Socket, { address, port }: Observed, nowMs: number): void {
    const { outbox } = this.#options
    const isPlace = toTransportAddress(address, port) !== null
    if (isPlace && socket.probes.take(1, nowMs)) {
      outbox.push({ type: 'probe', socket: socket.id, place: { address, port } })
      return
    }
    const untested = { otherAddress: 'untested', otherPort: 'untested' } as const
    outbox.send(socket.id, { type: 'probed', address, port, ...untested })
  }
}
