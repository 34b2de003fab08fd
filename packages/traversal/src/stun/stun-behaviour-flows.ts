// The tests of RFC 5780 section 4, each as the questions it asks in their order: a generator that is
// told every answer and returns what it found. It knows no time but the pauses it asks for, and no
// sockets but their names; stun-behaviour-client.ts runs it.
import type { TransportAddress } from '../address.ts'
import type { Dependence } from '../nat/nat-report.ts'
import type { StunAttribute } from './stun-attributes.ts'
import type { ReceivedStunMessage } from './stun-message.ts'
import { attributeValue } from './stun-message.ts'

/** Sockets by name. None may serve anything else: what was sent from one decides what gets in. */
export type BehaviourSocket = 'mapping' | 'filtering' | 'second' | 'lifetime'

/** A Binding request, or a pause. */
export type BehaviourStep =
  | {
      readonly type: 'ask'
      readonly socket: BehaviourSocket
      readonly to: TransportAddress
      readonly attributes?: readonly StunAttribute[]
    }
  | { readonly type: 'wait'; readonly forMs: number }

/** What became of a request; after a pause it is silence. `garbage`: an answer nobody understands. */
export type BehaviourOutcome =
  | { readonly type: 'silence' }
  | { readonly type: 'garbage' }
  | {
      readonly type: 'answer'
      readonly socket: BehaviourSocket
      readonly from: TransportAddress
      readonly message: ReceivedStunMessage
    }
  /** The request itself came to another of our sockets. */
  | { readonly type: 'looped' }

export type BehaviourFlow<Found> = Generator<BehaviourStep, Found, BehaviourOutcome>

/** What the other tests need to know of the server and of how it sees us. */
export interface BehaviourGround {
  readonly server: TransportAddress
  /** What it saw of the `mapping` socket. */
  readonly mapped: TransportAddress
  readonly other: TransportAddress | undefined
}

/** Up to `maxMs`, until it is known to `withinMs`. */
export interface LifetimeSearch {
  readonly maxMs: number
  readonly withinMs: number
}

/** An unused binding still let an answer in after `aliveMs`, and none after `deadMs`. */
export interface BindingLifetime {
  readonly aliveMs: number
  readonly deadMs?: number
}

/** Where a search for a lifetime begins: the shortest timeout that is common. */
const FIRST_PAUSE_MS = 30_000

/** Section 4.2: is there a way, and what does the server see? */
export function* findGround(server: TransportAddress): BehaviourFlow<BehaviourGround | undefined> {
  const outcome = yield { type: 'ask', socket: 'mapping', to: server }
  const mapped = mappedIn(outcome)
  if (mapped === undefined || outcome.type !== 'answer') return undefined
  return { server, mapped, other: attributeValue(outcome.message, 'other-address') }
}

/** Section 4.3: who decides over the mapping. */
export function* findMapping(ground: BehaviourGround): BehaviourFlow<Dependence> {
  const { server, mapped, other } = ground
  if (other === undefined) return 'unknown'
  const otherAddress = { ...other, port: server.port }
  const second = mappedIn(yield { type: 'ask', socket: 'mapping', to: otherAddress })
  if (second === undefined) return 'unknown'
  if (isSame(second, mapped)) return 'endpoint-independent'
  const third = mappedIn(yield { type: 'ask', socket: 'mapping', to: other })
  if (third === undefined) return 'unknown'
  return isSame(second, third) ? 'address-dependent' : 'address-and-port-dependent'
}

/** Section 4.4: whom the filter lets in. From a socket of its own, which has sent nowhere else. */
export function* findFiltering({ server, other }: BehaviourGround): BehaviourFlow<Dependence> {
  if (other === undefined) return 'unknown'
  const ask = (changesIp: boolean): BehaviourStep => ({
    type: 'ask',
    socket: 'filtering',
    to: server,
    attributes: [{ type: 'change-request', value: { changesIp, changesPort: true } }],
  })
  const fromOther = yield ask(true)
  if (fromOther.type !== 'silence') {
    // A server that answers from elsewhere than asked proves nothing.
    return isSuccessFrom(fromOther, other) ? 'endpoint-independent' : 'unknown'
  }
  const fromPort = yield ask(false)
  if (fromPort.type === 'silence') return 'address-and-port-dependent'
  const otherPort = { ...server, port: other.port }
  return isSuccessFrom(fromPort, otherPort) ? 'address-dependent' : 'unknown'
}

/** Section 4.5: whether the NAT sends back what is for an address of its own. */
export function* findHairpin({ mapped }: BehaviourGround): BehaviourFlow<boolean> {
  const outcome = yield { type: 'ask', socket: 'second', to: mapped }
  return outcome.type === 'looped'
}

/** Section 4.6: how long an unused binding lives; undefined when this server cannot tell. */
export function* findLifetime(
  { server }: BehaviourGround,
  { maxMs, withinMs }: LifetimeSearch,
): BehaviourFlow<BindingLifetime | undefined> {
  let aliveMs = 0
  let deadMs: number | undefined
  let pauseMs = Math.min(FIRST_PAUSE_MS, maxMs)
  for (;;) {
    const mapped = mappedIn(yield { type: 'ask', socket: 'lifetime', to: server })
    if (mapped === undefined) return undefined
    yield { type: 'wait', forMs: pauseMs }
    const outcome = yield {
      type: 'ask',
      socket: 'second',
      to: server,
      attributes: [{ type: 'response-port', value: mapped.port }],
    }
    if (outcome.type === 'silence') deadMs = pauseMs
    else if (outcome.type === 'answer' && outcome.socket === 'lifetime') aliveMs = pauseMs
    else return undefined
    const gapMs = (deadMs ?? Infinity) - aliveMs
    if (aliveMs >= maxMs || gapMs <= withinMs) break
    pauseMs = deadMs === undefined ? Math.min(2 * pauseMs, maxMs) : aliveMs + gapMs / 2
  }
  return { aliveMs, ...(deadMs === undefined ? {} : { deadMs }) }
}

function mappedIn(outcome: BehaviourOutcome): TransportAddress | undefined {
  if (outcome.type !== 'answer' || outcome.message.class !== 'success') return undefined
  return attributeValue(outcome.message, 'xor-mapped-address')
}

function isSuccessFrom(outcome: BehaviourOutcome, origin: TransportAddress): boolean {
  if (outcome.type !== 'answer') return false
  return outcome.message.class === 'success' && isSame(outcome.from, origin)
}

function isSame(one: TransportAddress, other: TransportAddress): boolean {
  return one.address === other.address && one.port === other.port
}
