import { randomBytes } from 'node:crypto'

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { TransportAddress } from '../address.ts'
import { frame, hostileBytes } from './stun-arbitraries.testing.ts'
import type { StunAsk, StunClientOptions, StunClientOutput } from './stun-client.ts'
import { STUN_STREAM_WAIT_MS, StunClient } from './stun-client.ts'
import { longTermCredentials } from './stun-long-term-client.ts'
import { createLongTermServer } from './stun-long-term-server.ts'
import type { ReceivedStunMessage } from './stun-message.ts'
import { attributeValue, decodeMessage, encodeMessage } from './stun-message.ts'
import { encodeError, encodeSuccess, errorAttribute } from './stun-reply.ts'
import { shortTermCredentials } from './stun-short-term.ts'
import { NODE_CRYPTO, NODE_HMAC } from './stun-vectors.testing.ts'

const SERVER: TransportAddress = { family: 'IPv4', address: '203.0.113.10', port: 3478 }
const ALICE: TransportAddress = { family: 'IPv4', address: '192.0.2.1', port: 32_853 }
const ASK: StunAsk = { type: 'ask', id: 'first', to: SERVER }

function createClient(options: Partial<StunClientOptions> = {}): StunClient {
  return new StunClient({ randomBytes: (count) => randomBytes(count), ...options })
}

function drain(client: StunClient): StunClientOutput[] {
  const outputs: StunClientOutput[] = []
  for (let output = client.poll(); output !== undefined; output = client.poll()) {
    outputs.push(output)
  }
  return outputs
}

function read(bytes: Uint8Array): ReceivedStunMessage {
  const result = decodeMessage(bytes)
  if (result.type === 'refused') throw new Error(`refused: ${result.reason}`)
  return result.message
}

/** The request that the client sends now; fails unless that is all it does. */
function sentBy(client: StunClient): ReceivedStunMessage {
  const [output, ...others] = drain(client)
  if (output?.type !== 'send') throw new Error(`no request but ${output?.type}`)
  expect(others).toEqual([])
  return read(output.bytes)
}

/** Ticks at every deadline until nothing is due; what happened when. */
function runOut(client: StunClient): [number, string][] {
  const events: [number, string][] = []
  for (let at: number | undefined = 0; at !== undefined; at = client.deadlineMs()) {
    client.tick(at)
    for (const output of drain(client)) {
      events.push([at, output.type === 'failed' ? output.reason : output.type])
    }
  }
  return events
}

function success(request: ReceivedStunMessage): Uint8Array {
  return encodeSuccess(request, [{ type: 'xor-mapped-address', value: ALICE }])
}

describe('a transaction', () => {
  it('T39 over datagrams is sent seven times in 31.5 s and given up after 39.5 s', () => {
    const client = createClient()
    client.handle(ASK, 0)
    expect(runOut(client)).toEqual([
      ...[0, 500, 1500, 3500, 7500, 15_500, 31_500].map((at) => [at, 'send']),
      [39_500, 'timeout'],
    ])
  })

  it('T39 over a stream is sent once and given up after 39.5 s', () => {
    const client = createClient({ transport: 'stream' })
    client.handle(ASK, 0)
    expect(runOut(client)).toEqual([
      [0, 'send'],
      [STUN_STREAM_WAIT_MS, 'timeout'],
    ])
  })

  it('T39 repeats the same bytes, and other transactions have other ids', () => {
    const client = createClient()
    client.handle(ASK, 0)
    client.handle({ ...ASK, id: 'second' }, 0)
    client.tick(500)
    const [first, second, again] = drain(client).map((output) =>
      output.type === 'send' ? Buffer.from(output.bytes).toString('hex') : output.type,
    )
    expect(again).toBe(first)
    expect(second).not.toBe(first)
  })

  it('T40 ends with its answer, and tells the round trip when it was sent once', () => {
    const client = createClient()
    client.handle(ASK, 100)
    const request = sentBy(client)
    client.handle({ type: 'received', bytes: success(request), from: SERVER }, 142)
    const [answer] = drain(client)
    expect(answer).toMatchObject({ type: 'answered', id: 'first', from: SERVER, roundTripMs: 42 })
    expect(client.deadlineMs()).toBeUndefined()
    // Duplicates are nobody's answer.
    client.handle({ type: 'received', bytes: success(request), from: SERVER }, 143)
    expect(drain(client)).toEqual([])
  })

  it('T40 does not guess the round trip when it was sent more often', () => {
    const client = createClient()
    client.handle(ASK, 0)
    const request = sentBy(client)
    client.tick(500)
    client.handle({ type: 'received', bytes: success(request), from: SERVER }, 510)
    expect(drain(client).at(-1)).toMatchObject({ type: 'answered', roundTripMs: undefined })
  })

  it('T40 takes an error for an answer, and nothing but its own', () => {
    const client = createClient()
    client.handle(ASK, 0)
    const request = sentBy(client)
    const { transactionId } = request
    const strangers = [
      success({ ...request, transactionId: new Uint8Array(12) }),
      success({ ...request, method: 3 }),
      encodeMessage({ class: 'indication', method: 1, transactionId, attributes: [] }),
      request.bytes,
      new Uint8Array(20),
    ]
    for (const bytes of strangers) client.handle({ type: 'received', bytes, from: SERVER }, 1)
    expect(drain(client)).toEqual([])
    const error = encodeError(request, [errorAttribute(300)])
    client.handle({ type: 'received', bytes: error, from: SERVER }, 2)
    expect(drain(client)).toMatchObject([{ type: 'answered', message: { class: 'error' } }])
  })

  it('T40 fails when it does not understand its answer', () => {
    const client = createClient()
    client.handle(ASK, 0)
    const answer = frame(0x01_01, [[0x7f_01, new Uint8Array()]])
    answer.set(sentBy(client).transactionId, 8)
    client.handle({ type: 'received', bytes: answer, from: SERVER }, 1)
    expect(drain(client)).toEqual([{ type: 'failed', id: 'first', reason: 'unknown-attributes' }])
  })

  it('T40 can be forgotten', () => {
    const client = createClient()
    client.handle(ASK, 0)
    client.handle({ ...ASK, id: 'second' }, 0)
    drain(client)
    client.handle({ type: 'forget', id: 'first' }, 1)
    client.tick(500)
    expect(drain(client)).toMatchObject([{ type: 'send', id: 'second' }])
  })

  it('T40 no bytes make it throw, grow or end', () => {
    const client = createClient()
    client.handle(ASK, 0)
    drain(client)
    fc.assert(
      fc.property(hostileBytes, (bytes) => {
        client.handle({ type: 'received', bytes, from: ALICE }, 1)
        expect(drain(client)).toEqual([])
      }),
    )
    expect(client.deadlineMs()).toBe(500)
  })
})

describe('a transaction with credentials', () => {
  const server = createLongTermServer({
    realm: 'example.org',
    crypto: NODE_CRYPTO,
    passwordOf: (username) => (username === 'alice' ? 'wonderland' : null),
    nonceKey: new Uint8Array(16),
  })

  function answer(request: ReceivedStunMessage, nowMs: number): Uint8Array {
    const verdict = server.check(request, ALICE, nowMs)
    return verdict.type === 'refused'
      ? encodeError(request, verdict.attributes)
      : encodeSuccess(request, [], verdict.integrity)
  }

  function exchange(client: StunClient, nowMs: number): ReceivedStunMessage {
    const request = sentBy(client)
    client.handle({ type: 'received', bytes: answer(request, nowMs), from: SERVER }, nowMs)
    return request
  }

  it('T41 asks again, with a new id, once it is told how, and remembers', () => {
    const credentials = longTermCredentials({
      username: 'alice',
      password: 'wonderland',
      crypto: NODE_CRYPTO,
    })
    const client = createClient()
    client.handle({ ...ASK, credentials, fingerprint: true }, 0)
    const first = exchange(client, 0)
    const second = exchange(client, 0)
    expect(second.transactionId).not.toEqual(first.transactionId)
    expect(second.hasFingerprint).toBe(true)
    expect(drain(client)).toMatchObject([{ type: 'answered', message: { class: 'success' } }])
    client.handle({ ...ASK, credentials }, 1)
    exchange(client, 1)
    expect(drain(client)).toMatchObject([{ type: 'answered', message: { class: 'success' } }])
  })

  it('T41 gives the refusal when its credentials are not good', () => {
    const credentials = longTermCredentials({
      username: 'alice',
      password: 'wrong',
      crypto: NODE_CRYPTO,
    })
    const client = createClient()
    client.handle({ ...ASK, credentials }, 0)
    exchange(client, 0)
    exchange(client, 0)
    const [refusal] = drain(client)
    expect(refusal?.type === 'answered' && attributeValue(refusal.message, 'error-code')).toEqual({
      code: 401,
      reason: '',
    })
  })

  it('T41 does not play for ever with a server that finds every nonce stale', () => {
    const credentials = longTermCredentials({ username: 'a', password: 'b', crypto: NODE_CRYPTO })
    const client = createClient()
    client.handle({ ...ASK, credentials }, 0)
    const codes = Array.from({ length: 3 }, () => {
      const request = sentBy(client)
      const bytes = encodeError(request, [
        errorAttribute(438),
        { type: 'realm', value: 'r' },
        { type: 'nonce', value: 'n' },
      ])
      client.handle({ type: 'received', bytes, from: SERVER }, 0)
      return request.integrity.length
    })
    expect(codes).toEqual([0, 1, 1])
    expect(drain(client)).toMatchObject([{ type: 'answered', message: { class: 'error' } }])
  })

  it('T41 fails when somebody bids it down, and ignores what its key did not seal', () => {
    const client = createClient()
    const credentials = longTermCredentials({ username: 'a', password: 'b', crypto: NODE_CRYPTO })
    client.handle({ ...ASK, credentials }, 0)
    const bytes = encodeError(sentBy(client), [
      errorAttribute(401),
      { type: 'realm', value: 'r' },
      { type: 'nonce', value: 'obMatJos2AAABn' },
    ])
    client.handle({ type: 'received', bytes, from: SERVER }, 0)
    expect(drain(client)).toEqual([{ type: 'failed', id: 'first', reason: 'bid-down' }])
    const hmac = NODE_HMAC
    const short = shortTermCredentials({ username: 'a', password: 'b', hmac })
    client.handle({ ...ASK, credentials: short }, 0)
    client.handle({ type: 'received', bytes: success(sentBy(client)), from: SERVER }, 1)
    expect(drain(client)).toEqual([])
    expect(client.deadlineMs()).toBe(500)
  })
})
