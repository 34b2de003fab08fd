// A Binding server that lets clients discover how their NAT behaves (RFC 5780 section 6): it answers
// from whichever of its sockets it is asked to, and says which others there are. Says nothing of
// sockets that do not exist: OTHER-ADDRESS and CHANGE-REQUEST need two addresses with the same two
// ports each, in one family; with one address CHANGE-REQUEST gets 420, and RESPONSE-PORT and PADDING
// work. Like the plain server it takes no credentials, and its answers hardly outgrow their requests.
import type { TransportAddress } from '../address.ts'
import type { SourceRateLimitOptions } from '../source-rate-limit.ts'
import { createSourceRateLimit } from '../source-rate-limit.ts'
import type { StunChangeRequest } from './stun-attribute-structures.ts'
import type { StunAttribute } from './stun-attributes.ts'
import type { ReceivedStunMessage } from './stun-message.ts'
import { attributeValue, unknownRequired } from './stun-message.ts'
import { encodeError, encodeSuccess, errorAttribute } from './stun-reply.ts'
import type { StunSilence } from './stun-server.ts'
import { MAX_REQUEST_BYTES, STUN_RATE_LIMIT, readBindingRequest } from './stun-server.ts'

/** What to do about a packet: send `bytes` to `to` from the socket of that index, or count why not. */
export type StunBehaviourAnswer =
  | {
      readonly type: 'reply'
      readonly bytes: Uint8Array
      readonly to: TransportAddress
      readonly socket: number
    }
  | { readonly type: 'silence'; readonly reason: StunSilence }

/** Where a datagram came from, and the index of the socket that it came to. */
export interface StunArrival {
  readonly source: TransportAddress
  readonly socket: number
}

export interface StunBehaviourServer {
  /** Answers one datagram; `nowMs` is any clock that does not run backwards. */
  answer(datagram: Uint8Array, arrival: StunArrival, nowMs: number): StunBehaviourAnswer
  /** Whether the socket of that index has an alternate address and port to answer from. */
  hasAlternate(socket: number): boolean
}

export interface StunBehaviourServerOptions {
  /**
   * What clients reach each of our sockets by: behind a 1:1 NAT that is not where it is bound. The
   * wildcard (`0.0.0.0`, `::`) stands for a socket whose address we do not know.
   */
  readonly sockets: readonly TransportAddress[]
  /** For every answer, by source. */
  readonly limits?: SourceRateLimitOptions
  /** For answers to requests of behaviour discovery, besides. */
  readonly behaviourLimits?: SourceRateLimitOptions
}

/** A full discovery asks some twenty times, a search for a binding's lifetime as often again. */
export const BEHAVIOUR_RATE_LIMIT: SourceRateLimitOptions = {
  burst: 100,
  perSecond: 10,
  maxSources: 10_000,
}
/**
 * XOR-MAPPED-ADDRESS and OTHER-ADDRESS for IPv6: a plain request must be told that there is more
 * (RFC 5780 section 4.1), since that is how discovery begins. For IPv4 it is half as much.
 */
export const MAX_PLAIN_GROWTH_BYTES = 48
/** Four addresses for IPv6 (section 6.1). Only requests of behaviour discovery get as much. */
export const MAX_BEHAVIOUR_GROWTH_BYTES = 96

const BAD_REQUEST = 400
const UNKNOWN_ATTRIBUTE = 420
const ATTRIBUTE_HEADER_BYTES = 4

/** The sockets that CHANGE-REQUEST leads to, by index. */
interface Alternate {
  readonly ip: number
  readonly port: number
  readonly both: number
}

/** A server with rate limits of its own, for all sockets of a host. */
export function createStunBehaviourServer(
  options: StunBehaviourServerOptions,
): StunBehaviourServer {
  const { sockets, limits = STUN_RATE_LIMIT, behaviourLimits = BEHAVIOUR_RATE_LIMIT } = options
  const alternates = sockets.map((_, index) => alternateOf(index, sockets))
  const rateLimit = createSourceRateLimit(limits)
  const behaviourRateLimit = createSourceRateLimit(behaviourLimits)

  function reply(question: Question): StunBehaviourAnswer {
    const { request, arrival } = question
    const fault = faultIn(question)
    if (fault !== undefined) {
      const { source, socket } = arrival
      return { type: 'reply', bytes: encodeError(request, fault), to: source, socket }
    }
    const socket = socketFor(question)
    const origin = sockets[socket]
    const other = sockets[question.alternate?.both ?? -1]
    const attributes = attributesFor(question, { origin, other })
    const port = question.responsePort ?? arrival.source.port
    return {
      type: 'reply',
      bytes: padded(question, attributes),
      to: { ...arrival.source, port },
      socket,
    }
  }

  return {
    answer(datagram, arrival, nowMs) {
      const request = readBindingRequest(datagram, arrival.source)
      if (typeof request === 'string') return silence(request)
      const question = questionIn(request, arrival, alternates[arrival.socket])
      const isTooLong = datagram.length > MAX_REQUEST_BYTES && question.padding === undefined
      if (isTooLong) return silence('too-long')
      if (!rateLimit.take(arrival.source, nowMs)) return silence('rate-limited')
      if (question.isBehaviour && !behaviourRateLimit.take(arrival.source, nowMs)) {
        return silence('rate-limited')
      }
      return reply(question)
    },
    hasAlternate: (socket) => alternates[socket] !== undefined,
  }
}

/** A Binding request, as far as we look at it. */
interface Question {
  readonly request: ReceivedStunMessage
  readonly arrival: StunArrival
  readonly alternate: Alternate | undefined
  readonly change: StunChangeRequest | undefined
  readonly responsePort: number | undefined
  readonly padding: Uint8Array | undefined
  /** It has an attribute of RFC 5780. */
  readonly isBehaviour: boolean
}

function questionIn(
  request: ReceivedStunMessage,
  arrival: StunArrival,
  alternate: Alternate | undefined,
): Question {
  const change = attributeValue(request, 'change-request')
  const responsePort = attributeValue(request, 'response-port')
  const padding = attributeValue(request, 'padding')
  const isBehaviour = change !== undefined || responsePort !== undefined || padding !== undefined
  return { request, arrival, alternate, change, responsePort, padding, isBehaviour }
}

/** The attributes of an error response, if the request is one that we must refuse. */
function faultIn(question: Question): StunAttribute[] | undefined {
  const { request, alternate, responsePort, padding } = question
  const unknown = unknownRequired(request, alternate === undefined ? ['change-request'] : [])
  if (unknown.length > 0) {
    return [errorAttribute(UNKNOWN_ATTRIBUTE), { type: 'unknown-attributes', value: unknown }]
  }
  // Section 6.1: padded answers to another port would be a weapon. Port 0 is none.
  const isBad = responsePort !== undefined && (padding !== undefined || responsePort === 0)
  return isBad ? [errorAttribute(BAD_REQUEST)] : undefined
}

function socketFor({ arrival, alternate, change }: Question): number {
  if (alternate === undefined || change === undefined) return arrival.socket
  if (change.changesIp) return change.changesPort ? alternate.both : alternate.ip
  return change.changesPort ? alternate.port : arrival.socket
}

interface Sockets {
  readonly origin: TransportAddress | undefined
  readonly other: TransportAddress | undefined
}

function attributesFor(question: Question, { origin, other }: Sockets): StunAttribute[] {
  const { source } = question.arrival
  const attributes: StunAttribute[] = [{ type: 'xor-mapped-address', value: source }]
  if (question.isBehaviour) {
    // The plain one shows whether something on the way rewrites addresses.
    attributes.push({ type: 'mapped-address', value: source })
    if (origin !== undefined && !isWildcard(origin)) {
      attributes.push({ type: 'response-origin', value: origin })
    }
  }
  if (other !== undefined) attributes.push({ type: 'other-address', value: other })
  return attributes
}

/**
 * The answer, with PADDING when there was some. The RFC would have it as long as our MTU; ours makes
 * the answer no longer than the request, which fragments where the answer would.
 */
function padded({ request, padding }: Question, attributes: readonly StunAttribute[]): Uint8Array {
  const bytes = encodeSuccess(request, attributes)
  if (padding === undefined) return bytes
  const room = request.bytes.length - bytes.length - ATTRIBUTE_HEADER_BYTES
  const value = new Uint8Array(Math.max(0, Math.min(room, padding.length)))
  return encodeSuccess(request, [...attributes, { type: 'padding', value }])
}

function alternateOf(index: number, sockets: readonly TransportAddress[]): Alternate | undefined {
  const own = sockets[index]
  if (own === undefined || isWildcard(own)) return undefined
  const indexOf = (address: string, port: number): number =>
    sockets.findIndex((socket) => socket.address === address && socket.port === port)
  for (const [both, other] of sockets.entries()) {
    const isOther = other.address !== own.address && other.port !== own.port
    if (!isOther || other.family !== own.family || isWildcard(other)) continue
    const ip = indexOf(other.address, own.port)
    const port = indexOf(own.address, other.port)
    if (ip >= 0 && port >= 0) return { ip, port, both }
  }
  return undefined
}

function isWildcard({ address }: TransportAddress): boolean {
  return address === '0.0.0.0' || address === '::'
}

function silence(reason: StunSilence): StunBehaviourAnswer {
  return { type: 'silence', reason }
}
