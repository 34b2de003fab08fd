// The requests of who has an allocation (RFC 8656): Refresh (section 8), CreatePermission (10) and
// ChannelBind (12). Each either does all it was asked or nothing.
import type { TransportAddress } from '../address.ts'
import type { StunMessage } from '../stun/stun-message.ts'
import { attributeValue, attributeValues } from '../stun/stun-message.ts'
import { familyOf, lifetimeOf } from './turn-allocate.ts'
import type { AllocatedRelay, PermissionGrant, TurnAllocation } from './turn-allocation.ts'
import { bindChannel, expirePeers, permit, relaysOf } from './turn-allocation.ts'
import { FIRST_CHANNEL, LAST_CHANNEL } from './turn-channel-data.ts'
import type { TurnErrorCode } from './turn-error-codes.ts'
import { TURN_ERRORS } from './turn-error-codes.ts'
import type { TurnQuotas } from './turn-interface.ts'
import type { TurnOutcome } from './turn-outcome.ts'
import { failure, success } from './turn-outcome.ts'
import type { PeerPolicy } from './turn-peer-policy.ts'

export interface RequestRules {
  readonly policy: PeerPolicy
  readonly quotas: TurnQuotas
}

/** A request of who owns `allocation`. */
export interface OwnedRequest {
  readonly message: StunMessage
  readonly allocation: TurnAllocation
  readonly nowMs: number
}

/** Sets new times; a lifetime of 0 leaves the relayed address for the caller to let go. */
export function refresh({ message, allocation, nowMs }: OwnedRequest, maxS: number): TurnOutcome {
  const relays = refreshedRelays(message, allocation)
  if (relays.length === 0) return failure(TURN_ERRORS.peerAddressFamilyMismatch)
  const lifetimeS = attributeValue(message, 'lifetime') === 0 ? 0 : lifetimeOf(message, maxS)
  for (const relay of relays) relay.expiresAtMs = nowMs + 1000 * lifetimeS
  return success([{ type: 'lifetime', value: lifetimeS }])
}

/** All, or those of the family that the request names. */
function refreshedRelays(message: StunMessage, allocation: TurnAllocation): AllocatedRelay[] {
  const code = attributeValue(message, 'requested-address-family')
  if (code === undefined) return relaysOf(allocation)
  const family = familyOf(code)
  const relay = family && allocation[family]
  return relay === undefined ? [] : [relay]
}

export function createPermission(request: OwnedRequest, rules: RequestRules): TurnOutcome {
  const { message, allocation, nowMs } = request
  const peers = attributeValues(message, 'xor-peer-address')
  if (peers.length === 0) return failure(TURN_ERRORS.badRequest)
  const grants: PermissionGrant[] = []
  for (const peer of peers) {
    const grant = grantOf(peer, allocation, rules.policy)
    if (typeof grant === 'number') return failure(grant)
    grants.push(grant)
  }
  if (!hasRoomFor(peers, request, rules.quotas)) return failure(TURN_ERRORS.insufficientCapacity)
  for (const grant of grants) permit(allocation, grant, nowMs)
  return success()
}

export function channelBind(request: OwnedRequest, { policy, quotas }: RequestRules): TurnOutcome {
  const { message, allocation, nowMs } = request
  const number = attributeValue(message, 'channel-number')
  const peer = attributeValue(message, 'xor-peer-address')
  if (number === undefined || peer === undefined || peer.port === 0 || !isChannel(number)) {
    return failure(TURN_ERRORS.badRequest)
  }
  const grant = grantOf(peer, allocation, policy)
  if (typeof grant === 'number') return failure(grant)
  if (!policy.reachesPort(peer)) return failure(TURN_ERRORS.forbidden)
  expirePeers(allocation, nowMs)
  const known = channelInTheWay(allocation, number, peer)
  if (known === 'other') return failure(TURN_ERRORS.badRequest)
  const isFull = known === 'none' && allocation.channels.size >= quotas.channelsPerAllocation
  if (isFull || !hasRoomFor([peer], request, quotas)) {
    return failure(TURN_ERRORS.insufficientCapacity)
  }
  bindChannel(allocation, { number, peer, permission: permit(allocation, grant, nowMs) }, nowMs)
  return success()
}

function isChannel(number: number): boolean {
  return number >= FIRST_CHANNEL && number <= LAST_CHANNEL
}

/** `other`: the number is bound to another peer, or the peer to another number. */
function channelInTheWay(
  allocation: TurnAllocation,
  number: number,
  peer: TransportAddress,
): 'same' | 'other' | 'none' {
  const byNumber = allocation.channels.get(number)
  const byPeer = allocation.permissions.get(peer.address)?.channelsByPort.get(peer.port)
  if (byNumber === undefined && byPeer === undefined) return 'none'
  return byNumber === byPeer ? 'same' : 'other'
}

/** What a permission for `peer` would be, or why there can be none. */
function grantOf(
  peer: TransportAddress,
  allocation: TurnAllocation,
  policy: PeerPolicy,
): PermissionGrant | TurnErrorCode {
  const relay = allocation[peer.family]
  if (relay === undefined) return TURN_ERRORS.peerAddressFamilyMismatch
  if (policy.reach(peer) === 'none') return TURN_ERRORS.forbidden
  return { peer, relay, isRelayed: policy.isRelayed(peer) }
}

function hasRoomFor(
  peers: readonly TransportAddress[],
  { allocation, nowMs }: OwnedRequest,
  { permissionsPerAllocation }: TurnQuotas,
): boolean {
  expirePeers(allocation, nowMs)
  const addresses = new Set([...allocation.permissions.keys(), ...peers.map((p) => p.address)])
  return addresses.size <= permissionsPerAllocation
}
