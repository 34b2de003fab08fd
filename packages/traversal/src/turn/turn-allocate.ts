// The Allocate request (RFC 8656 section 7.2): what is asked for, whether it can be given, and the
// relayed addresses when the shell has opened them. Authentication, 437 and retransmissions are
// over when a request comes here.
import type { AddressFamily } from '../address.ts'
import type { StunAttribute } from '../stun/stun-attributes.ts'
import { ADDRESS_FAMILY_CODES, TRANSPORT_PROTOCOLS } from '../stun/stun-attributes.ts'
import type { StunMessage } from '../stun/stun-message.ts'
import { attributeValue } from '../stun/stun-message.ts'
import type { TurnAllocation } from './turn-allocation.ts'
import { TURN_ERRORS } from './turn-error-codes.ts'
import { DEFAULT_LIFETIME_S } from './turn-limits.ts'
import type { TurnFailure, TurnOutcome } from './turn-outcome.ts'
import { failure, success } from './turn-outcome.ts'
import type { RelayPort, RelayPorts, RelayPortWish } from './turn-relay-ports.ts'
import type { ReservationTable } from './turn-reservation.ts'
import type { TurnQuotaTable } from './turn-quota.ts'

/** What a well-formed request asks for. */
export interface AllocateWish {
  readonly families: readonly AddressFamily[]
  /** The second family is welcome but not needed. */
  readonly isDual: boolean
  readonly ports: RelayPortWish
  readonly lifetimeS: number
}

/** A request by token has no further wishes. */
export type AllocateRequest =
  | { readonly type: 'wish'; readonly wish: AllocateWish }
  | { readonly type: 'token'; readonly token: Uint8Array; readonly lifetimeS: number }
  | TurnFailure

/** Reads a request, in the order of checks of section 7.2. */
export function readAllocate(request: StunMessage, maxLifetimeS: number): AllocateRequest {
  const protocol = attributeValue(request, 'requested-transport')
  if (protocol === undefined) return failure(TURN_ERRORS.badRequest)
  if (protocol !== TRANSPORT_PROTOCOLS.udp) return failure(TURN_ERRORS.unsupportedTransport)
  const evenPort = attributeValue(request, 'even-port')
  const requested = attributeValue(request, 'requested-address-family')
  const additional = attributeValue(request, 'additional-address-family')
  const token = attributeValue(request, 'reservation-token')
  const lifetimeS = lifetimeOf(request, maxLifetimeS)
  if (token !== undefined) {
    const isAlone = evenPort === undefined && requested === undefined && additional === undefined
    return isAlone ? { type: 'token', token, lifetimeS } : failure(TURN_ERRORS.badRequest)
  }
  const families = familiesOf(requested, additional)
  if ('type' in families) return families
  const isDual = families.length > 1
  // Two families cannot both have the neighbour that one token stands for.
  if (isDual && evenPort === true) return failure(TURN_ERRORS.badRequest)
  const ports = evenPort === undefined ? 'any' : evenPort ? 'pair' : 'even'
  return { type: 'wish', wish: { families, isDual, ports, lifetimeS } }
}

/** Section 7.2: between the default and our maximum, whatever is asked for. */
export function lifetimeOf(request: StunMessage, maxLifetimeS: number): number {
  const asked = attributeValue(request, 'lifetime') ?? DEFAULT_LIFETIME_S
  return Math.min(Math.max(asked, DEFAULT_LIFETIME_S), maxLifetimeS)
}

/** The family that a number on the wire means. */
export function familyOf(code: number): AddressFamily | undefined {
  if (code === ADDRESS_FAMILY_CODES.IPv4) return 'IPv4'
  return code === ADDRESS_FAMILY_CODES.IPv6 ? 'IPv6' : undefined
}

function familiesOf(
  requested: number | undefined,
  additional: number | undefined,
): readonly AddressFamily[] | TurnFailure {
  if (additional === undefined) {
    const family = requested === undefined ? 'IPv4' : familyOf(requested)
    return family === undefined ? failure(TURN_ERRORS.addressFamilyNotSupported) : [family]
  }
  // Only IPv6 can be additional to IPv4, and it is asked for alone.
  const isIpv6 = additional === ADDRESS_FAMILY_CODES.IPv6
  if (requested !== undefined || !isIpv6) return failure(TURN_ERRORS.badRequest)
  return ['IPv4', 'IPv6']
}

export interface AllocatorOptions {
  readonly ports: Pick<RelayPorts, 'open'>
  readonly reservations: ReservationTable
  readonly quotas: TurnQuotaTable
  /** Families we have a relayed address of. */
  readonly families: ReadonlySet<AddressFamily>
}

/** How an allocation came out; what was opened is in it by then, even when it failed. */
export type AllocatedDone = (outcome: TurnOutcome, nowMs: number) => void

/** Opens the relayed addresses of an allocation, and calls back once, at once or later. */
export type OpenRelays = (
  allocation: TurnAllocation,
  wish: AllocateWish & { readonly nowMs: number },
  done: AllocatedDone,
) => void

export function createOpenRelays(options: AllocatorOptions): OpenRelays {
  return (allocation, wish, done) => {
    const supported = wish.families.filter((family) => options.families.has(family))
    if (supported.length === 0) {
      return done(failure(TURN_ERRORS.addressFamilyNotSupported), wish.nowMs)
    }
    const opened: (readonly RelayPort[])[] = []
    let waiting = supported.length
    for (const family of supported) {
      options.ports.open({ family, ports: wish.ports }, wish.nowMs, (ports, nowMs) => {
        opened.push(ports)
        waiting -= 1
        if (waiting === 0) done(settle(options, { allocation, wish, opened }, nowMs), nowMs)
      })
    }
  }
}

interface Settling {
  readonly allocation: TurnAllocation
  readonly wish: AllocateWish
  readonly opened: readonly (readonly RelayPort[])[]
}

function settle(
  { reservations, quotas, families }: AllocatorOptions,
  { allocation, wish, opened }: Settling,
  nowMs: number,
): TurnOutcome {
  const attributes: StunAttribute[] = []
  for (const [port, neighbour] of opened) {
    if (port === undefined) continue
    assignRelay(allocation, port, nowMs + 1000 * wish.lifetimeS)
    if (neighbour === undefined) continue
    // What is kept counts as an allocation: else a user could take port after port by tokens.
    if (quotas.take(allocation.holder) !== 'taken') {
      neighbour.close()
      return failure(TURN_ERRORS.allocationQuotaReached)
    }
    const value = reservations.reserve(neighbour, allocation.holder, nowMs)
    attributes.push({ type: 'reservation-token', value })
  }
  if (allocation.IPv4 === undefined && allocation.IPv6 === undefined) {
    return failure(TURN_ERRORS.insufficientCapacity)
  }
  return success([
    ...addressesOf(allocation),
    ...(wish.isDual ? addressErrors(allocation, wish, families) : []),
    { type: 'lifetime', value: wish.lifetimeS },
    ...attributes,
  ])
}

/** Gives an allocation a relayed address. */
export function assignRelay(
  allocation: TurnAllocation,
  port: RelayPort,
  expiresAtMs: number,
): void {
  allocation[port.address.family] = { port, expiresAtMs }
}

/** Its relayed addresses as attributes. */
export function addressesOf({ IPv4, IPv6 }: TurnAllocation): StunAttribute[] {
  return [IPv4, IPv6]
    .filter((relay) => relay !== undefined)
    .map((relay) => ({ type: 'xor-relayed-address', value: relay.port.address }))
}

/** ADDRESS-ERROR-CODE for the family of two that there is none of (section 7.2). */
function addressErrors(
  allocation: TurnAllocation,
  wish: AllocateWish,
  supported: ReadonlySet<AddressFamily>,
): StunAttribute[] {
  return wish.families
    .filter((family) => allocation[family] === undefined)
    .map((family) => ({
      type: 'address-error-code',
      value: {
        family: ADDRESS_FAMILY_CODES[family],
        code: supported.has(family)
          ? TURN_ERRORS.insufficientCapacity
          : TURN_ERRORS.addressFamilyNotSupported,
        reason: '',
      },
    }))
}
