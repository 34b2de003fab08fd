// A TURN server (RFC 8656) over UDP, TCP and TLS: takes packets of clients and peers, hands others to
// the sockets that the shell lends it (turn-interface.ts). Serves UDP relays; no TCP relays (RFC 6062)
// and no mobility (RFC 8016). Before authentication it keeps nothing about anybody but how often a
// source was answered, and answers little more than it was asked.
import type { AddressFamily, TransportAddress } from '../address.ts'
import { addressOfSocket, toTransportAddress } from '../address.ts'
import { invariant } from '../invariant.ts'
import { createOpenRelays } from './turn-allocate.ts'
import type { TurnClient } from './turn-allocation.ts'
import { FAMILIES } from './turn-allocation.ts'
import { createAllocationTable } from './turn-allocation-table.ts'
import { createAuthentication } from './turn-authentication.ts'
import { createChallengeBudget } from './turn-challenge-budget.ts'
import { isChannelData } from './turn-channel-data.ts'
import { createClientTable } from './turn-clients.ts'
import { createCounters } from './turn-counters.ts'
import type { DispatchParts } from './turn-dispatch.ts'
import { createDispatch } from './turn-dispatch.ts'
import type {
  TurnCounts,
  TurnListener,
  TurnListenerOptions,
  TurnRemote,
  TurnServer,
  TurnServerOptions,
  TurnStream,
  TurnStreamOptions,
} from './turn-interface.ts'
import { DEFAULT_QUOTAS, DEFAULT_RELAY_PORTS, MAX_REALM_BYTES } from './turn-limits.ts'
import { createPeerPolicy } from './turn-peer-policy.ts'
import { createQuotaTable } from './turn-quota.ts'
import type { RelayPorts } from './turn-relay-ports.ts'
import { createRelayPorts } from './turn-relay-ports.ts'
import { createRelaying } from './turn-relaying.ts'
import { createReservationTable } from './turn-reservation.ts'
import { encodeUtf8 } from '../utf8.ts'

type Parts = DispatchParts & { readonly ports: RelayPorts }

/** Takes one packet of a client. */
type Receive = (client: TurnClient, packet: Uint8Array, nowMs: number) => void

/** A server with tables of its own; workers each have one, with disjoint `relayPorts`. */
export function createTurnServer(options: TurnServerOptions): TurnServer {
  invariant(encodeUtf8(options.realm).length <= MAX_REALM_BYTES, 'the realm is short enough')
  const parts = createParts(options)
  const { allocations } = parts
  const dispatch = createDispatch(parts)
  let isClosed = false

  const receive: Receive = (client, packet, nowMs) => {
    if (isClosed) return parts.counters.drop('closed')
    // A request may wait for its relayed address, and the packet's memory be another's by then.
    if (!isChannelData(packet)) return dispatch(client, new Uint8Array(packet), nowMs)
    if (client.allocation === undefined) return parts.counters.drop('no-allocation')
    parts.relaying.channelData(client.allocation, packet, nowMs)
  }

  return {
    openListener(listener) {
      parts.policy.addListener(listener.local.port)
      return createListener(listener, receive, parts.counters)
    },
    openStream(stream) {
      parts.policy.addListener(stream.local.port)
      return createStream(stream, receive, allocations)
    },
    tick: (nowMs) => allocations.tick(nowMs),
    deadlineMs: () => (isClosed ? undefined : allocations.deadlineMs()),
    counts: () => countsOf(parts),
    close() {
      isClosed = true
      for (const allocation of allocations.all()) allocations.release(allocation)
      parts.ports.close()
    },
  }
}

function createParts(options: TurnServerOptions): Parts {
  const { randomBytes, relayPorts = DEFAULT_RELAY_PORTS, canForbidFragments = false } = options
  const counters = createCounters()
  const quotas = { ...DEFAULT_QUOTAS, ...options.quotas }
  const quotaTable = createQuotaTable(quotas)
  const reservations = createReservationTable(quotaTable, randomBytes)
  const policy = createPeerPolicy({ ...options, siblingPorts: options.siblingPorts ?? relayPorts })
  const addressOf = relayedAddresses(options)
  const ports = createRelayPorts({
    range: relayPorts,
    addressOf,
    openRelay: options.openRelay,
    randomBytes,
  })
  const families = new Set(FAMILIES.filter((family) => options.relayAddresses[family]))
  return {
    policy,
    quotas,
    quotaTable,
    reservations,
    counters,
    canForbidFragments,
    ports,
    authenticate: createAuthentication(options),
    challenges: createChallengeBudget(),
    allocations: createAllocationTable(quotaTable, reservations),
    openRelays: createOpenRelays({ ports, reservations, quotas: quotaTable, families }),
    relaying: createRelaying({ counters, policy, ports, canForbidFragments, randomBytes }),
  }
}

/** The address that peers see of a relayed port. */
function relayedAddresses({ relayAddresses }: TurnServerOptions) {
  return (family: AddressFamily, port: number): TransportAddress => {
    const address = toTransportAddress(relayAddresses[family] ?? '', port)
    invariant(address?.family === family, `relayAddresses.${family} is an ${family} address`)
    return address
  }
}

function createListener(
  { socket }: TurnListenerOptions,
  receive: Receive,
  counters: DispatchParts['counters'],
): TurnListener {
  const table = createClientTable()
  return {
    receive(datagram, remote, nowMs) {
      const known = table.find(remote)
      if (known !== undefined) return receive(known, datagram, nowMs)
      if (isChannelData(datagram)) return counters.drop('no-allocation')
      const address = canonical(remote)
      if (address === null) return counters.drop('bad-source')
      const { address: text, port } = remote
      const stranger: TurnClient = {
        transport: 'udp',
        remote: { address: text, port },
        address,
        socket,
        table,
        allocation: undefined,
      }
      receive(stranger, datagram, nowMs)
    },
  }
}

function createStream(
  { transport, client: remote, socket }: TurnStreamOptions,
  receive: Receive,
  allocations: DispatchParts['allocations'],
): TurnStream {
  const address = canonical(remote)
  invariant(address !== null, 'a connection comes from an IP address and a port')
  const client: TurnClient = {
    transport,
    remote,
    address,
    socket,
    table: undefined,
    allocation: undefined,
  }
  let isClosed = false
  return {
    receive(message, nowMs) {
      if (!isClosed) receive(client, message, nowMs)
    },
    close() {
      isClosed = true
      if (client.allocation !== undefined) allocations.release(client.allocation)
    },
    hasAllocation: () => client.allocation !== undefined,
  }
}

function canonical(remote: TurnRemote): TransportAddress | null {
  return remote.port === 0 ? null : addressOfSocket(remote)
}

function countsOf({ counters, allocations }: Parts): TurnCounts {
  const all = [...allocations.all()]
  return {
    allocations: all.length,
    permissions: all.reduce((sum, { permissions }) => sum + permissions.size, 0),
    channels: all.reduce((sum, { channels }) => sum + channels.size, 0),
    toPeers: { ...counters.toPeers },
    toClients: { ...counters.toClients },
    shortcut: counters.shortcut,
    dropped: { ...counters.dropped },
    refused: { ...counters.refused },
  }
}
