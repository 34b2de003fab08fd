// What passes through an allocation (RFC 8656 sections 11 and 12): ChannelData and Send indications to
// peers, what peers send to ChannelData or Data indications. Both ways only with a permission that
// lives. Two clients of this server that are each other's peers are served without leaving it.
import { createTransportAddress } from '../address.ts'
import type { ReceivedStunMessage } from '../stun/stun-message.ts'
import { TRANSACTION_ID_BYTES, attributeValue, unknownRequired } from '../stun/stun-message.ts'
import type { TurnAllocation, TurnChannel, TurnPermission } from './turn-allocation.ts'
import { isLive } from './turn-allocation.ts'
import { channelOf, createChannelDataWriter, payloadOf } from './turn-channel-data.ts'
import type { TurnCounters } from './turn-counters.ts'
import { encodeDataIndication, encodeIcmpIndication } from './turn-indication.ts'
import type { TurnRelaySocket, TurnRemote } from './turn-interface.ts'
import type { PeerPolicy } from './turn-peer-policy.ts'
import type { RelayPorts, RelayReceiver } from './turn-relay-ports.ts'

const IPV4_BYTES = 4

/** Types of ICMP that clients are told of (section 11.5): unreachable, too big, time exceeded. */
const ICMPV4_TOLD: ReadonlySet<number> = new Set([3, 11])
const ICMPV6_TOLD: ReadonlySet<number> = new Set([1, 2, 3])

export interface RelayingOptions {
  readonly counters: TurnCounters
  readonly policy: PeerPolicy
  readonly ports: Pick<RelayPorts, 'find'>
  readonly canForbidFragments: boolean
  readonly randomBytes: (count: number) => Uint8Array
}

export interface Relaying {
  /** ChannelData from the client. */
  channelData(allocation: TurnAllocation, packet: Uint8Array, nowMs: number): void
  /** A Send indication from the client. */
  sendIndication(allocation: TurnAllocation, message: ReceivedStunMessage, nowMs: number): void
  /** What stands behind the relayed addresses of an allocation. */
  receiverOf(allocation: TurnAllocation): RelayReceiver
}

export function createRelaying(options: RelayingOptions): Relaying {
  const { counters, policy } = options
  const forward = createForward(options)

  return {
    channelData(allocation, packet, nowMs) {
      const channel = allocation.channels.get(channelOf(packet))
      if (channel === undefined || channel.expiresAtMs <= nowMs) {
        return counters.drop('unknown-channel')
      }
      const payload = payloadOf(packet)
      if (payload === null) return counters.drop('wrong-length')
      const socket = forward(channel, payload, nowMs)
      if (socket !== undefined) socket.send(payload, channel.peer)
    },
    sendIndication(allocation, message, nowMs) {
      const unread = options.canForbidFragments ? [] : (['dont-fragment'] as const)
      if (unknownRequired(message, unread).length > 0) return counters.drop('unknown-attribute')
      const peer = attributeValue(message, 'xor-peer-address')
      const payload = attributeValue(message, 'data')
      if (peer === undefined || payload === undefined) return counters.drop('missing-attribute')
      const permission = allocation.permissions.get(peer.address)
      if (permission === undefined || !policy.reachesPort(peer)) {
        return counters.drop('no-permission')
      }
      const socket = forward({ permission, peer }, payload, nowMs)
      if (socket === undefined) return
      if (attributeValue(message, 'dont-fragment') === undefined) socket.send(payload, peer)
      else socket.sendUnfragmented?.(payload, peer)
    },
    receiverOf: createReceivers(options),
  }
}

/** The way from peers to clients. */
function createReceivers({ counters, randomBytes }: RelayingOptions): Relaying['receiverOf'] {
  const write = createChannelDataWriter()
  const nextTransaction = createTransactionIds(randomBytes)

  return ({ client, permissions }) => {
    const isPadded = client.transport !== 'udp'
    const permissionOf = (peer: TurnRemote, nowMs: number): TurnPermission | undefined => {
      const permission = permissions.get(peer.address)
      if (permission !== undefined && isLive(permission, nowMs)) return permission
      counters.drop('no-permission')
      return undefined
    }
    return {
      receive(payload, peer, nowMs) {
        const permission = permissionOf(peer, nowMs)
        if (permission === undefined) return
        const channel = permission.channelsByPort.get(peer.port)
        const message =
          channel !== undefined && channel.expiresAtMs > nowMs
            ? write(channel.number, payload, isPadded)
            : encodeDataIndication(permission.ip, peer.port, [payload, nextTransaction()])
        if (message === null) return counters.drop('too-large')
        counters.toClients.packets += 1
        counters.toClients.bytes += payload.length
        client.socket.send(message, client.remote)
      },
      receiveIcmp(icmp, peer, nowMs) {
        const permission = permissionOf(peer, nowMs)
        if (permission === undefined) return
        const told = permission.ip.length === IPV4_BYTES ? ICMPV4_TOLD : ICMPV6_TOLD
        if (!told.has(icmp.type)) return counters.drop('other-icmp')
        const about = createTransportAddress(permission.ip, peer.port)
        client.socket.send(encodeIcmpIndication(about, icmp, nextTransaction()), client.remote)
      },
    }
  }
}

/** A way to a peer; a channel is one. */
type PeerRoute = Pick<TurnChannel, 'permission' | 'peer'>

/** Counts a packet; delivers it to a sibling, or gives the socket to send it from. */
function createForward({ counters, ports }: RelayingOptions) {
  return (route: PeerRoute, payload: Uint8Array, nowMs: number): TurnRelaySocket | undefined => {
    const { permission, peer } = route
    if (!isLive(permission, nowMs)) {
      counters.drop('no-permission')
      return undefined
    }
    counters.toPeers.packets += 1
    counters.toPeers.bytes += payload.length
    const { port } = permission.relay
    if (!permission.isRelayed) return port.socket
    const sibling = ports.find(peer.family, peer.port)?.receiver
    // A sibling of another worker is reached through the network, as anybody.
    if (sibling === undefined) return port.socket
    counters.shortcut += 1
    sibling.receive(payload, port.address, nowMs)
    return undefined
  }
}

/** Different ones, no secret ones: nobody answers an indication. The same memory each time. */
function createTransactionIds(randomBytes: (count: number) => Uint8Array): () => Uint8Array {
  const id = new Uint8Array(TRANSACTION_ID_BYTES)
  id.set(randomBytes(TRANSACTION_ID_BYTES))
  let count = 0
  return () => {
    count = (count + 1) >>> 0
    id[8] = count >>> 24
    id[9] = (count >>> 16) & 0xff
    id[10] = (count >>> 8) & 0xff
    id[11] = count & 0xff
    return id
  }
}
