// What a TURN server and the shell around it say to each other (RFC 8656). The server decides, the
// shell owns sockets and clock and obeys. Unlike our other machines this one does not queue its
// outputs for `poll()`: a relayed packet goes from one call into another, so that it costs no queue,
// no lookup by name and no allocation but the view of its bytes. No call waits and none throws.
//
// ```
//   client ──► TurnListener.receive / TurnStream.receive ──► TurnRelaySocket.send ──► peer
//   client ◄── TurnClientSocket.send ◄── TurnRelay.receive ◄── peer
// ```
import type { AddressFamily, TransportAddress } from '../address.ts'
import type { StunCrypto } from '../stun/stun-credentials.ts'

/** How a client talks to us; towards peers it is always UDP. */
export type TurnTransport = 'udp' | 'tcp' | 'tls'

/** Where a packet came from or goes to; what Node's dgram calls `rinfo` is one. */
export interface TurnRemote {
  /** An IP address as the system writes it. */
  readonly address: string
  readonly port: number
}

/** Ports from `first` to `last`, both included. */
export interface PortRange {
  readonly first: number
  readonly last: number
}

/** Lent by the shell: what clients are reached by. One per UDP socket, one per TCP or TLS connection. */
export interface TurnClientSocket {
  /**
   * Sends one whole message; on a stream it is framed already. May drop it, must not change it;
   * nobody changes it afterwards, so it need not be copied to be queued.
   */
  send(message: Uint8Array, client: TurnRemote): void
}

/** Lent by the shell: the UDP socket of one relayed transport address. */
export interface TurnRelaySocket {
  /** Sends one datagram; the same liberties as above, and it may belong to a packet just received. */
  send(payload: Uint8Array, peer: TurnRemote): void
  /** As `send`, with the DF bit; only needed when `TurnServerOptions.canForbidFragments`. */
  sendUnfragmented?(payload: Uint8Array, peer: TurnRemote): void
  /** Frees the port; nothing is received afterwards. */
  close(): void
}

/**
 * One relayed transport address, as the shell sees it. The server asks for its socket by
 * `TurnServerOptions.openRelay`; the shell answers once, at once or later, by `opened` or `failed`.
 */
export interface TurnRelay {
  /** A socket for IPv6 takes that alone (IPV6_V6ONLY): peers are known by their addresses' text. */
  readonly family: AddressFamily
  /** The UDP port to bind. */
  readonly port: number
  /** The socket is bound. It is closed at once when nobody wants it any more. */
  opened(socket: TurnRelaySocket, nowMs: number): void
  /** The port cannot be had; the server may ask for another. */
  failed(nowMs: number): void
  /** A datagram came to the relayed address. */
  receive(payload: Uint8Array, peer: TurnRemote, nowMs: number): void
  /** The network refused a datagram sent to `peer`, where the shell is told so. */
  receiveIcmp(icmp: TurnIcmp, peer: TurnRemote, nowMs: number): void
}

/** An ICMP message about a datagram we sent (RFC 8656 section 18.13). */
export interface TurnIcmp {
  readonly type: number
  readonly code: number
  /** 32 bits; the next hop's MTU where the message tells it. */
  readonly data: number
}

/** A UDP socket that clients send to. */
export interface TurnListener {
  /**
   * Takes one datagram for which `isForTurn` holds; anything else is counted and dropped. Its memory may
   * be used again when the call returns, and so may that of `TurnRelay.receive`.
   */
  receive(datagram: Uint8Array, client: TurnRemote, nowMs: number): void
}

/** A TCP or TLS connection of one client. */
export interface TurnStream {
  /** Takes one whole message out of the stream, padding of ChannelData included or not. */
  receive(message: Uint8Array, nowMs: number): void
  /** The connection is gone: its allocation goes too. The server never closes a connection. */
  close(nowMs: number): void
  /** Whether it holds an allocation: the shell may close one that does not, after a while. */
  hasAllocation(): boolean
}

export interface TurnListenerOptions {
  /** Where the socket is bound; a wildcard will do. Its port is nobody's peer, whatever is allowed. */
  readonly local: TransportAddress
  readonly socket: TurnClientSocket
}

export interface TurnStreamOptions extends TurnListenerOptions {
  readonly transport: 'tcp' | 'tls'
  readonly client: TurnRemote
}

/** How much one server gives away; each limit has its default and reason in turn-limits.ts. */
export interface TurnQuotas {
  readonly allocations: number
  readonly allocationsPerUser: number
  /** By IPv4 address or IPv6 /64. */
  readonly allocationsPerAddress: number
  readonly permissionsPerAllocation: number
  readonly channelsPerAllocation: number
  readonly maxLifetimeS: number
}

export interface TurnServerOptions {
  readonly realm: string
  /** The password of a user now, or null: unknown or expired. See `checkRestUsername`. */
  readonly passwordOf: (username: string) => string | null
  /** Our addresses as peers see them; a family that is missing is not relayed. */
  readonly relayAddresses: { readonly IPv4?: string; readonly IPv6?: string }
  /** Binds the UDP socket of a relayed address, and answers by `relay.opened` or `relay.failed`. */
  readonly openRelay: (relay: TurnRelay) => void
  readonly crypto: StunCrypto
  readonly randomBytes: (count: number) => Uint8Array
  /** 16 random bytes or more that nonces are made with; the same in all workers of one server. */
  readonly nonceKey: Uint8Array
  /** Ports this server draws relayed ones from: workers take disjoint parts. Default 49152-65535. */
  readonly relayPorts?: PortRange
  /** Ports of all workers, where clients may be peers of each other. Default: `relayPorts`. */
  readonly siblingPorts?: PortRange
  /**
   * Peers allowed though they are private, loopback and the like: `10.0.0.0/8`, `fd00::/8`. Of our own
   * addresses, if it covers them, all ports but those that serve clients.
   */
  readonly allowedPeers?: readonly string[]
  /** Peers refused besides those. */
  readonly deniedPeers?: readonly string[]
  /** Further addresses of this machine, that nobody may reach through us. */
  readonly ownAddresses?: readonly string[]
  readonly quotas?: Partial<TurnQuotas>
  /** Whether relay sockets have `sendUnfragmented`; else DONT-FRAGMENT is answered by 420. */
  readonly canForbidFragments?: boolean
}

/** What happened since the start; holds no addresses and no names. */
export interface TurnCounts {
  readonly allocations: number
  readonly permissions: number
  readonly channels: number
  readonly toPeers: { readonly packets: number; readonly bytes: number }
  readonly toClients: { readonly packets: number; readonly bytes: number }
  /** Relayed between two clients of this server without leaving it; counted above as well. */
  readonly shortcut: number
  /** Packets without an answer, by why. */
  readonly dropped: Readonly<Record<string, number>>
  /** Error answers by code. */
  readonly refused: Readonly<Record<number, number>>
}

/** A TURN server without sockets. `nowMs` is any clock that never runs backwards. */
export interface TurnServer {
  openListener(options: TurnListenerOptions): TurnListener
  openStream(options: TurnStreamOptions): TurnStream
  /** Lets go what has expired; call it at `deadlineMs`, or once a second. */
  tick(nowMs: number): void
  /** When there is something to let go; undefined when there is nothing. */
  deadlineMs(): number | undefined
  counts(): TurnCounts
  /** Closes every relay socket; everything is dropped afterwards. */
  close(): void
}
