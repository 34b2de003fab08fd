// What the shell of STUN and TURN needs of UDP. Two adapters: `udp-batched.ts` moves many datagrams per
// system call, on Linux; `udp-dgram.ts` is Node's own, everywhere. Neither looks into a datagram.
import type { TransportAddress, TurnIcmp, TurnRemote } from '@knothole/traversal'

/** The adapters, as options and logs name them. */
export type UdpKind = 'batched' | 'dgram'

export interface UdpBind {
  readonly host: string
  /** 0 takes any free one. */
  readonly port: number
  /** Whether other threads bind the same port, each taking its share of the flows. */
  readonly isShared?: boolean
}

/** Takes what comes to a socket. */
export interface UdpReceiver {
  /** Lends a datagram: it is overwritten once the call returns, but may be sent on during it. */
  received(datagram: Uint8Array, remote: TurnRemote): void
  /** The socket receives no more. */
  failed?(error: Error): void
  /** The network refused a datagram sent to `remote`; who has no such method is not told. */
  refused?(icmp: TurnIcmp, remote: TurnRemote): void
}

/** A bound socket. What the network does not take is lost, as on any network. */
export interface UdpSocket {
  readonly address: TransportAddress
  /** Sends a datagram that nobody changes afterwards, or that `received` has just lent. */
  send(datagram: Uint8Array, to: TurnRemote, done?: (isSent: boolean) => void): void
  /** As `send`, with the DF bit; only where `canForbidFragments`. */
  sendUnfragmented(datagram: Uint8Array, to: TurnRemote): void
  /** Done when its port is free; nothing is received from the call on. May be called again. */
  close(): Promise<void>
}

/** The UDP of one thread. */
export interface UdpNetwork {
  readonly kind: UdpKind
  readonly canForbidFragments: boolean
  /** Opens and binds a socket. @throws ListenError */
  bind(bind: UdpBind, receiver: UdpReceiver): Promise<UdpSocket>
  /** Lets go what sockets share; they are closed before. */
  close(): void
}

/** What a socket may hold for us and from us; the system caps it (net.core.rmem_max). */
export const SOCKET_BUFFER_BYTES: number = 4 * 1024 * 1024
