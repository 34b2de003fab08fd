// What happens to a STUN message of a client (RFC 8656 section 5): authentication first, then the
// method. Answers are sealed with the key of who asked; refusals before that are rate-limited.
import type { StunAttributeType } from '../stun/stun-attributes.ts'
import type { ReceivedStunMessage } from '../stun/stun-message.ts'
import { STUN_METHODS, decodeMessage, unknownRequired } from '../stun/stun-message.ts'
import { encodeError, encodeSuccess, errorAttribute } from '../stun/stun-reply.ts'
import type { OpenRelays } from './turn-allocate.ts'
import { addressesOf, assignRelay, readAllocate } from './turn-allocate.ts'
import type { TurnAllocation, TurnClient } from './turn-allocation.ts'
import { relaysOf } from './turn-allocation.ts'
import type { AllocationTable } from './turn-allocation-table.ts'
import type { Authenticate, TurnUser } from './turn-authentication.ts'
import type { ChallengeBudget } from './turn-challenge-budget.ts'
import type { TurnCounters } from './turn-counters.ts'
import { TURN_ERRORS } from './turn-error-codes.ts'
import { MAX_CHALLENGE_GROWTH_BYTES } from './turn-limits.ts'
import type { TurnOutcome } from './turn-outcome.ts'
import { failure, success } from './turn-outcome.ts'
import type { TurnHolder, TurnQuotaTable } from './turn-quota.ts'
import { networkOf } from './turn-quota.ts'
import type { Relaying } from './turn-relaying.ts'
import type { OwnedRequest, RequestRules } from './turn-requests.ts'
import { channelBind, createPermission, refresh } from './turn-requests.ts'
import type { ReservationTable } from './turn-reservation.ts'
import { restUserOf } from './turn-rest-credentials.ts'

/** The parts of a server that a message may touch. */
export interface DispatchParts extends RequestRules {
  readonly authenticate: Authenticate
  readonly challenges: ChallengeBudget
  readonly counters: TurnCounters
  readonly allocations: AllocationTable
  readonly quotaTable: TurnQuotaTable
  readonly reservations: ReservationTable
  readonly openRelays: OpenRelays
  readonly relaying: Relaying
  readonly canForbidFragments: boolean
}

export type Dispatch = (client: TurnClient, packet: Uint8Array, nowMs: number) => void

const REQUEST_METHODS: ReadonlySet<number> = new Set([
  STUN_METHODS.allocate,
  STUN_METHODS.refresh,
  STUN_METHODS.createPermission,
  STUN_METHODS.channelBind,
])
/** What we read but has no meaning in TURN, so that it counts as unknown (RFC 5780). */
const NOT_HERE: readonly StunAttributeType[] = ['change-request', 'padding', 'response-port']

export function createDispatch(parts: DispatchParts): Dispatch {
  const { counters, allocations } = parts
  return (client, packet, nowMs) => {
    const result = decodeMessage(packet)
    if (result.type === 'refused') return counters.drop(result.reason)
    const { message } = result
    if (message.class === 'indication' && message.method === STUN_METHODS.send) {
      if (client.allocation === undefined) return counters.drop('no-allocation')
      return parts.relaying.sendIndication(client.allocation, message, nowMs)
    }
    if (message.class !== 'request') return counters.drop('not-a-request')
    if (!REQUEST_METHODS.has(message.method)) return counters.drop('unknown-method')
    if (client.allocation !== undefined) allocations.expire(client.allocation, nowMs)
    const user = identify(parts, { client, message, nowMs })
    if (user !== null) answer(parts, { client, message, user, nowMs })
  }
}

interface Request {
  readonly client: TurnClient
  readonly message: ReceivedStunMessage
  readonly nowMs: number
}

type UserRequest = Request & { readonly user: TurnUser }

/** Who asked; null when that was answered by a refusal, or by silence. */
function identify(
  { authenticate, challenges, counters }: DispatchParts,
  { client, message, nowMs }: Request,
): TurnUser | null {
  const { length } = message.bytes
  const mayRefuse = (): boolean => {
    challenges.asked(length, nowMs)
    return challenges.mayAnswer(client.address, length + MAX_CHALLENGE_GROWTH_BYTES, nowMs)
  }
  // The usual flood brings no integrity: unless it is answered it is to cost no cryptography.
  const isBare = message.integrity.length === 0
  const verdict = !isBare || mayRefuse() ? authenticate(message, client, nowMs) : null
  if (verdict?.type === 'authenticated') return verdict
  if (verdict === null || (!isBare && !mayRefuse())) {
    counters.drop('rate-limited')
    return null
  }
  counters.refuse(verdict.code)
  const refusal = encodeError(message, verdict.attributes)
  challenges.answered(refusal.length)
  client.socket.send(refusal, client.remote)
  return null
}

function answer(parts: DispatchParts, request: UserRequest): void {
  const { message, client, user, nowMs } = request
  const { allocation } = client
  const unread: StunAttributeType[] = parts.canForbidFragments ? [] : ['dont-fragment']
  const unknown = unknownRequired(message, [...NOT_HERE, ...unread])
  if (unknown.length > 0) {
    const list = { type: 'unknown-attributes', value: unknown } as const
    return reply(parts, request, failure(TURN_ERRORS.unknownAttribute, [list]))
  }
  if (message.method === STUN_METHODS.allocate) return allocate(parts, request)
  if (allocation === undefined) {
    return reply(parts, request, failure(TURN_ERRORS.allocationMismatch))
  }
  if (allocation.username !== user.username) {
    return reply(parts, request, failure(TURN_ERRORS.wrongCredentials))
  }
  if (allocation.answer === undefined) return parts.counters.drop('still-opening')
  reply(parts, request, perform({ message, allocation, nowMs }, parts))
  // A refresh to nothing ends it, after its owner has been told.
  parts.allocations.expire(allocation, nowMs)
}

function perform(request: OwnedRequest, parts: DispatchParts): TurnOutcome {
  switch (request.message.method) {
    case STUN_METHODS.refresh:
      return refresh(request, parts.quotas.maxLifetimeS)
    case STUN_METHODS.createPermission:
      return createPermission(request, parts)
    default:
      return channelBind(request, parts)
  }
}

function allocate(parts: DispatchParts, request: UserRequest): void {
  const { client, message, user } = request
  const { allocation } = client
  if (allocation === undefined) return startAllocation(parts, request)
  const isAgain = allocation.transaction === transactionOf(message)
  if (!isAgain || allocation.username !== user.username) {
    return reply(parts, request, failure(TURN_ERRORS.allocationMismatch))
  }
  if (allocation.answer === undefined) return parts.counters.drop('still-opening')
  client.socket.send(allocation.answer, client.remote)
}

function startAllocation(parts: DispatchParts, request: UserRequest): void {
  const { client, message, user, nowMs } = request
  const asked = readAllocate(message, parts.quotas.maxLifetimeS)
  if (asked.type === 'failure') return reply(parts, request, asked)
  const owner = restUserOf(user.username)
  if (asked.type === 'token') {
    const reservation = parts.reservations.take(asked.token, owner, nowMs)
    if (reservation === undefined) {
      return reply(parts, request, failure(TURN_ERRORS.insufficientCapacity))
    }
    const allocation = allocationOf(request, reservation.holder)
    parts.allocations.add(allocation, nowMs)
    assignRelay(allocation, reservation.port, nowMs + 1000 * asked.lifetimeS)
    const lifetime = { type: 'lifetime', value: asked.lifetimeS } as const
    return finish(
      parts,
      { ...request, allocation },
      success([...addressesOf(allocation), lifetime]),
    )
  }
  const holder = { user: owner, network: networkOf(client.address) }
  const taken = parts.quotaTable.take(holder)
  if (taken === 'quota-reached') {
    return reply(parts, request, failure(TURN_ERRORS.allocationQuotaReached))
  }
  if (taken === 'server-full') {
    return reply(parts, request, failure(TURN_ERRORS.insufficientCapacity))
  }
  const allocation = allocationOf(request, holder)
  parts.allocations.add(allocation, nowMs)
  parts.openRelays(allocation, { ...asked.wish, nowMs }, (outcome) => {
    finish(parts, { ...request, allocation }, outcome)
  })
}

function allocationOf({ client, message, user }: UserRequest, holder: TurnHolder): TurnAllocation {
  return {
    client,
    holder,
    username: user.username,
    password: user.password,
    transaction: transactionOf(message),
    answer: undefined,
    IPv4: undefined,
    IPv6: undefined,
    permissions: new Map(),
    channels: new Map(),
  }
}

/** The relayed addresses are open, or cannot be had. */
function finish(
  parts: DispatchParts,
  request: UserRequest & { readonly allocation: TurnAllocation },
  outcome: TurnOutcome,
): void {
  const { allocation, client } = request
  // Its connection went meanwhile.
  if (client.allocation !== allocation) {
    for (const { port } of relaysOf(allocation)) port.close()
    return
  }
  if (outcome.type === 'failure') {
    parts.allocations.release(allocation)
    return reply(parts, request, outcome)
  }
  const receiver = parts.relaying.receiverOf(allocation)
  for (const { port } of relaysOf(allocation)) port.receiver = receiver
  const mapped = { type: 'xor-mapped-address', value: client.address } as const
  const { message, user } = request
  allocation.answer = encodeSuccess(message, [...outcome.attributes, mapped], user.integrity)
  client.socket.send(allocation.answer, client.remote)
}

function reply(
  { counters }: DispatchParts,
  { client, message, user }: UserRequest,
  outcome: TurnOutcome,
): void {
  if (outcome.type === 'failure') counters.refuse(outcome.code)
  const bytes =
    outcome.type === 'success'
      ? encodeSuccess(message, outcome.attributes, user.integrity)
      : encodeError(message, [errorAttribute(outcome.code), ...outcome.attributes], user.integrity)
  client.socket.send(bytes, client.remote)
}

function transactionOf({ transactionId }: ReceivedStunMessage): string {
  return transactionId.join()
}
