// A STUN Binding server (RFC 8489 section 6.3 and 12): tells who asks from which address the question
// came. It remembers nothing but how often a source asked, so it is a function and no machine: there
// is nothing to wait for. It takes no credentials and is careful not to serve as an amplifier:
// an answer is at most `MAX_ANSWER_GROWTH_BYTES` longer than its request, and most packets get none.
import type { TransportAddress } from '../address.ts'
import type { SourceRateLimitOptions } from '../source-rate-limit.ts'
import { createSourceRateLimit } from '../source-rate-limit.ts'
import type { StunAttributeType } from './stun-attributes.ts'
import type { ReceivedStunMessage, StunRefusal } from './stun-message.ts'
import { STUN_METHODS, decodeMessage, unknownRequired } from './stun-message.ts'
import { encodeError, encodeSuccess, errorAttribute } from './stun-reply.ts'

export type StunSilence = StunRefusal | 'not-a-binding-request' | 'bad-source' | 'rate-limited'

/** What to do about a packet: send `bytes` back whence it came, or count why not. */
export type StunAnswer =
  | { readonly type: 'reply'; readonly bytes: Uint8Array }
  | { readonly type: 'silence'; readonly reason: StunSilence }

export interface StunServer {
  /** Answers one datagram; `nowMs` is any clock that does not run backwards. */
  answer(datagram: Uint8Array, source: TransportAddress, nowMs: number): StunAnswer
}

/** RFC 8489 section 6.1 keeps requests below the path's MTU, which is 1500 where it is known best. */
export const MAX_REQUEST_BYTES = 1500
/** PADDING is as long as an interface's MTU (RFC 5780 section 7.6): 1500, and room for the rest. */
export const MAX_PADDED_REQUEST_BYTES = 2048
/** XOR-MAPPED-ADDRESS for IPv6: header, family, port and 16 bytes. Nothing we add is longer. */
export const MAX_ANSWER_GROWTH_BYTES = 24

/**
 * A gathering asks a handful of times and a peer that samples its NAT some hundreds, many peers may
 * share one public address; at this pace a forged source receives less than 8 kB/s from us. The
 * table takes about 2 MB when full.
 */
export const STUN_RATE_LIMIT: SourceRateLimitOptions = {
  burst: 1000,
  perSecond: 100,
  maxSources: 10_000,
}

const UNKNOWN_ATTRIBUTE = 420
/** Who asks for behaviour discovery must learn that this server does not do it (RFC 5780). */
const NOT_HERE: readonly StunAttributeType[] = ['change-request', 'padding', 'response-port']

/** A server with a rate limit of its own; share one between all sockets of a host. */
export function createStunServer(limits: SourceRateLimitOptions = STUN_RATE_LIMIT): StunServer {
  const rateLimit = createSourceRateLimit(limits)
  return {
    answer(datagram, source, nowMs) {
      const request = readBindingRequest(datagram, source)
      if (typeof request === 'string') return silence(request)
      if (datagram.length > MAX_REQUEST_BYTES) return silence('too-long')
      if (!rateLimit.take(source, nowMs)) return silence('rate-limited')
      return { type: 'reply', bytes: answerBinding(request, source) }
    },
  }
}

/** The Binding request in a datagram, or why it is none that anybody should answer. */
export function readBindingRequest(
  datagram: Uint8Array,
  source: TransportAddress,
): ReceivedStunMessage | StunSilence {
  if (source.port === 0) return 'bad-source'
  if (datagram.length > MAX_PADDED_REQUEST_BYTES) return 'too-long'
  const result = decodeMessage(datagram)
  if (result.type === 'refused') return result.reason
  const { message } = result
  const isRequest = message.class === 'request' && message.method === STUN_METHODS.binding
  return isRequest ? message : 'not-a-binding-request'
}

function silence(reason: StunSilence): StunAnswer {
  return { type: 'silence', reason }
}

function answerBinding(request: ReceivedStunMessage, source: TransportAddress): Uint8Array {
  const unknown = unknownRequired(request, NOT_HERE)
  if (unknown.length === 0) {
    return encodeSuccess(request, [{ type: 'xor-mapped-address', value: source }])
  }
  return encodeError(request, [
    errorAttribute(UNKNOWN_ATTRIBUTE),
    { type: 'unknown-attributes', value: unknown },
  ])
}
