// STUN transactions of a client (RFC 8489 section 6.2): sends requests, over datagrams again and
// again until one is answered, and tells answers from forgeries by the transaction id and, with
// credentials, by integrity. Any number at a time over one socket or stream. Opens no socket, knows
// no names, and does not follow ALTERNATE-SERVER: a 300 is an answer like any other.
import type { TransportAddress } from '../address.ts'
import type { Machine } from '../machine.ts'
import type { StunAttribute } from './stun-attributes.ts'
import type { AuthorisedRequest, StunClientCredentials } from './stun-client-credentials.ts'
import type { ReceivedStunMessage } from './stun-message.ts'
import {
  STUN_METHODS,
  TRANSACTION_ID_BYTES,
  decodeMessage,
  encodeMessage,
  unknownRequired,
} from './stun-message.ts'

/** A request to be answered; `id` is the caller's and comes back with whatever becomes of it. */
export interface StunAsk {
  readonly type: 'ask'
  readonly id: string
  readonly to: TransportAddress
  /** Binding unless said. */
  readonly method?: number
  readonly attributes?: readonly StunAttribute[]
  readonly credentials?: StunClientCredentials
  readonly fingerprint?: boolean
}

export type StunClientInput =
  | StunAsk
  /** A whole message that came in; what is no answer of ours is left alone. */
  | { readonly type: 'received'; readonly bytes: Uint8Array; readonly from: TransportAddress }
  /** Nobody waits for this one any more. */
  | { readonly type: 'forget'; readonly id: string }

/** `unknown-attributes`: the answer cannot be understood. The others are `StunJudgement`'s. */
export type StunClientFailure =
  | 'timeout'
  | 'unknown-attributes'
  | 'bid-down'
  | 'no-common-algorithm'

export interface StunAnswered {
  readonly type: 'answered'
  readonly id: string
  /** A success or an error; its byte values are views of what was received. */
  readonly message: ReceivedStunMessage
  /** Where from: elsewhere than asked when CHANGE-REQUEST said so; else look at it with suspicion. */
  readonly from: TransportAddress
  /** Unknown when sent more than once: nobody can tell which of them was answered. */
  readonly roundTripMs: number | undefined
}

export type StunClientOutput =
  | {
      readonly type: 'send'
      readonly id: string
      readonly to: TransportAddress
      readonly bytes: Uint8Array
    }
  | StunAnswered
  | { readonly type: 'failed'; readonly id: string; readonly reason: StunClientFailure }

export interface StunClientOptions {
  readonly randomBytes: (count: number) => Uint8Array
  /** On a stream a request is sent once: what carries it repeats for us. */
  readonly transport?: 'datagram' | 'stream'
  /** The first wait for an answer, RTO; each is twice the one before. */
  readonly firstWaitMs?: number
  /** How often a datagram is sent, Rc. */
  readonly maxSends?: number
  /** The last wait in first waits, Rm. */
  readonly lastWaitFactor?: number
}

/** RFC 8489 section 6.2.1: sent at 0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5 s, given up at 39.5 s. */
export const STUN_FIRST_WAIT_MS = 500
export const STUN_MAX_SENDS = 7
export const STUN_LAST_WAIT_FACTOR = 16
/** Ti, RFC 8489 section 6.2.2: as long as all the waits over datagrams. */
export const STUN_STREAM_WAIT_MS = 39_500
/** Once to learn the challenge and once for a nonce grown old meanwhile; more is a server's game. */
const MAX_RETRIES = 2

interface Transaction {
  readonly ask: StunAsk
  readonly sent: AuthorisedRequest
  readonly bytes: Uint8Array
  readonly retries: number
  readonly firstSentMs: number
  sends: number
  dueMs: number
}

/** Runs the transactions of one socket or stream. */
export class StunClient implements Machine<StunClientInput, StunClientOutput> {
  readonly #options: Required<StunClientOptions>
  /** By transaction id. */
  readonly #transactions = new Map<string, Transaction>()
  readonly #outputs: StunClientOutput[] = []

  constructor(options: StunClientOptions) {
    this.#options = {
      transport: 'datagram',
      firstWaitMs: STUN_FIRST_WAIT_MS,
      maxSends: STUN_MAX_SENDS,
      lastWaitFactor: STUN_LAST_WAIT_FACTOR,
      ...options,
    }
  }

  handle(input: StunClientInput, nowMs: number): void {
    switch (input.type) {
      case 'ask':
        this.#start(input, 0, nowMs)
        break
      case 'received':
        this.#receive(input.bytes, input.from, nowMs)
        break
      case 'forget':
        for (const [key, { ask }] of this.#transactions) {
          if (ask.id === input.id) this.#transactions.delete(key)
        }
        break
    }
  }

  tick(nowMs: number): void {
    for (const [key, transaction] of this.#transactions) {
      if (transaction.dueMs > nowMs) continue
      if (transaction.sends < this.#maxSends()) this.#send(transaction, nowMs)
      else this.#end(key, { type: 'failed', id: transaction.ask.id, reason: 'timeout' })
    }
  }

  deadlineMs(): number | undefined {
    let earliest: number | undefined
    for (const { dueMs } of this.#transactions.values()) {
      if (earliest === undefined || dueMs < earliest) earliest = dueMs
    }
    return earliest
  }

  poll(): StunClientOutput | undefined {
    return this.#outputs.shift()
  }

  #start(ask: StunAsk, retries: number, nowMs: number): void {
    const { attributes = [], credentials, method = STUN_METHODS.binding, fingerprint } = ask
    const sent = credentials?.authorise(attributes) ?? { attributes }
    const transactionId = this.#options.randomBytes(TRANSACTION_ID_BYTES)
    const bytes = encodeMessage(
      { class: 'request', method, transactionId, attributes: sent.attributes },
      {
        fingerprint: fingerprint ?? false,
        ...(sent.integrity === undefined ? {} : { integrity: sent.integrity }),
      },
    )
    const transaction = { ask, sent, bytes, retries, firstSentMs: nowMs, sends: 0, dueMs: nowMs }
    this.#transactions.set(keyOf(transactionId), transaction)
    this.#send(transaction, nowMs)
  }

  #send(transaction: Transaction, nowMs: number): void {
    const { ask, bytes } = transaction
    transaction.sends += 1
    transaction.dueMs = nowMs + this.#waitMs(transaction.sends)
    this.#outputs.push({ type: 'send', id: ask.id, to: ask.to, bytes })
  }

  #maxSends(): number {
    return this.#options.transport === 'stream' ? 1 : this.#options.maxSends
  }

  #waitMs(sends: number): number {
    const { transport, firstWaitMs, maxSends, lastWaitFactor } = this.#options
    if (transport === 'stream') return STUN_STREAM_WAIT_MS
    return firstWaitMs * (sends === maxSends ? lastWaitFactor : 2 ** (sends - 1))
  }

  #receive(bytes: Uint8Array, from: TransportAddress, nowMs: number): void {
    const result = decodeMessage(bytes)
    if (result.type === 'refused') return
    const { message } = result
    const key = keyOf(message.transactionId)
    const transaction = this.#transactions.get(key)
    if (transaction === undefined || !isAnswerTo(transaction.ask, message)) return
    const { ask, sent, retries } = transaction
    const judgement = ask.credentials?.judge(message, sent) ?? 'accept'
    if (judgement === 'ignore') return
    this.#transactions.delete(key)
    if (judgement === 'retry' && retries < MAX_RETRIES) return this.#start(ask, retries + 1, nowMs)
    this.#outputs.push(
      judgement === 'accept' || judgement === 'retry'
        ? answerOf(transaction, { message, from, nowMs })
        : { type: 'failed', id: ask.id, reason: judgement },
    )
  }

  #end(key: string, output: StunClientOutput): void {
    this.#transactions.delete(key)
    this.#outputs.push(output)
  }
}

function isAnswerTo(ask: StunAsk, message: ReceivedStunMessage): boolean {
  const isResponse = message.class === 'success' || message.class === 'error'
  return isResponse && message.method === (ask.method ?? STUN_METHODS.binding)
}

interface Arrival {
  readonly message: ReceivedStunMessage
  readonly from: TransportAddress
  readonly nowMs: number
}

function answerOf(transaction: Transaction, { message, from, nowMs }: Arrival): StunClientOutput {
  const { id } = transaction.ask
  // RFC 8489 sections 6.3.3 and 6.3.4: such an answer is as good as none.
  if (unknownRequired(message).length > 0)
    return { type: 'failed', id, reason: 'unknown-attributes' }
  const roundTripMs = transaction.sends === 1 ? nowMs - transaction.firstSentMs : undefined
  return { type: 'answered', id, message, from, roundTripMs }
}

function keyOf(transactionId: Uint8Array): string {
  return transactionId.join()
}
