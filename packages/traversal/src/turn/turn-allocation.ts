// An allocation (RFC 8656 section 3.2) and what belongs to it: relayed addresses, permissions by IP
// address and channels. Tables and their times only; who may have what is decided elsewhere. A
// permission that ran out stays while channels hang on it, and lets nothing through.
import type { AddressFamily, TransportAddress } from '../address.ts'
import { ipOf } from '../address.ts'
import type { TurnClientSocket, TurnRemote, TurnTransport } from './turn-interface.ts'
import { CHANNEL_LIFETIME_MS, PERMISSION_LIFETIME_MS } from './turn-limits.ts'
import type { TurnClients } from './turn-clients.ts'
import type { TurnHolder } from './turn-quota.ts'
import type { RelayPort } from './turn-relay-ports.ts'

/** Our end of a 5-tuple: where a client's packets come from and how it is answered. */
export interface TurnClient {
  readonly transport: TurnTransport
  readonly remote: TurnRemote
  /** `remote` in canonical form. */
  readonly address: TransportAddress
  readonly socket: TurnClientSocket
  /** Where it is found by; a stream has one client and no table. */
  readonly table: TurnClients | undefined
  allocation: TurnAllocation | undefined
}

/** That a peer's IP address may send through an allocation (section 9). */
export interface TurnPermission {
  /** The relayed address of the peer's family. */
  readonly relay: AllocatedRelay
  readonly ip: Uint8Array
  /** The address is our own relayed one. */
  readonly isRelayed: boolean
  expiresAtMs: number
  readonly channelsByPort: Map<number, TurnChannel>
}

/** A channel bound to a peer (section 12). */
export interface TurnChannel {
  readonly number: number
  readonly peer: TransportAddress
  readonly permission: TurnPermission
  expiresAtMs: number
}

/** A relayed address of an allocation; with two families each has its own time (section 8.2). */
export interface AllocatedRelay {
  readonly port: RelayPort
  expiresAtMs: number
}

export interface TurnAllocation {
  readonly client: TurnClient
  readonly holder: TurnHolder
  readonly username: string
  /** Kept so that an allocation can be refreshed after short-lived credentials ran out. */
  readonly password: string
  /** Of the Allocate request, as text, and its answer: a retransmission gets it again. */
  readonly transaction: string
  /** Undefined while relayed addresses are being opened. */
  answer: Uint8Array | undefined
  IPv4: AllocatedRelay | undefined
  IPv6: AllocatedRelay | undefined
  /** By canonical text of the peer's IP address. */
  readonly permissions: Map<string, TurnPermission>
  readonly channels: Map<number, TurnChannel>
}

export const FAMILIES: readonly AddressFamily[] = ['IPv4', 'IPv6']

/** Its relayed addresses. */
export function relaysOf(allocation: TurnAllocation): AllocatedRelay[] {
  return [allocation.IPv4, allocation.IPv6].filter((relay) => relay !== undefined)
}

/** What is permitted: sending to and from the IP address of `peer` through `relay`. */
export interface PermissionGrant {
  readonly peer: TransportAddress
  readonly relay: AllocatedRelay
  readonly isRelayed: boolean
}

/** Installs or refreshes the permission of a peer's IP address. */
export function permit(
  allocation: TurnAllocation,
  { peer, relay, isRelayed }: PermissionGrant,
  nowMs: number,
): TurnPermission {
  const expiresAtMs = nowMs + PERMISSION_LIFETIME_MS
  const known = allocation.permissions.get(peer.address)
  if (known !== undefined) {
    known.expiresAtMs = expiresAtMs
    return known
  }
  const permission: TurnPermission = {
    relay,
    ip: ipOf(peer),
    isRelayed,
    expiresAtMs,
    channelsByPort: new Map(),
  }
  allocation.permissions.set(peer.address, permission)
  return permission
}

/** Binds a channel or refreshes its binding; what contradicts one that lives is no business here. */
export function bindChannel(
  allocation: TurnAllocation,
  { number, peer, permission }: Pick<TurnChannel, 'number' | 'peer' | 'permission'>,
  nowMs: number,
): void {
  const expiresAtMs = nowMs + CHANNEL_LIFETIME_MS
  const known = allocation.channels.get(number)
  if (known?.permission === permission && known.peer.port === peer.port) {
    known.expiresAtMs = expiresAtMs
    return
  }
  // What is in its way has run out, or the caller would have refused.
  if (known !== undefined) unbind(allocation, known)
  const former = permission.channelsByPort.get(peer.port)
  if (former !== undefined) unbind(allocation, former)
  const channel: TurnChannel = { number, peer, permission, expiresAtMs }
  allocation.channels.set(number, channel)
  permission.channelsByPort.set(peer.port, channel)
}

/** Whether packets may pass: the permission and the relayed address live. */
export function isLive({ expiresAtMs, relay }: TurnPermission, nowMs: number): boolean {
  return expiresAtMs > nowMs && relay.expiresAtMs > nowMs
}

/** Lets go of permissions and channels whose time is over, or that of their relayed address. */
export function expirePeers(allocation: TurnAllocation, nowMs: number): void {
  for (const channel of allocation.channels.values()) {
    const isOver = channel.expiresAtMs <= nowMs
    if (isOver || channel.permission.relay.expiresAtMs <= nowMs) unbind(allocation, channel)
  }
  for (const [address, permission] of allocation.permissions) {
    const isOver = !isLive(permission, nowMs) && permission.channelsByPort.size === 0
    if (isOver) allocation.permissions.delete(address)
  }
}

function unbind(allocation: TurnAllocation, channel: TurnChannel): void {
  allocation.channels.delete(channel.number)
  channel.permission.channelsByPort.delete(channel.peer.port)
}
