import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { TransportAddress } from '../address.ts'
import { anyTransportAddress, frame, hostileBytes } from './stun-arbitraries.testing.ts'
import type { StunAttribute } from './stun-attributes.ts'
import type { ReceivedStunMessage, StunMessage } from './stun-message.ts'
import { attributeValue, decodeMessage, encodeMessage } from './stun-message.ts'
import type { StunAnswer, StunServer } from './stun-server.ts'
import {
  MAX_ANSWER_GROWTH_BYTES,
  MAX_REQUEST_BYTES,
  STUN_RATE_LIMIT,
  createStunServer,
} from './stun-server.ts'
import { NODE_HMAC, SAMPLE_REQUEST, fromText } from './stun-vectors.testing.ts'

const ALICE: TransportAddress = { family: 'IPv4', address: '192.0.2.1', port: 32_853 }
const BOB: TransportAddress = { family: 'IPv6', address: '2001:db8::2', port: 5000 }

const REQUEST: StunMessage = {
  class: 'request',
  method: 1,
  transactionId: Uint8Array.from({ length: 12 }, (_, index) => index + 1),
  attributes: [],
}

function answered(answer: StunAnswer): ReceivedStunMessage {
  if (answer.type === 'silence') throw new Error(`silence: ${answer.reason}`)
  const result = decodeMessage(answer.bytes)
  if (result.type === 'refused') throw new Error(`refused: ${result.reason}`)
  return result.message
}

function ask(bytes: Uint8Array, source = ALICE): StunAnswer {
  return createStunServer().answer(bytes, source, 0)
}

function silence(reason: string): StunAnswer {
  return { type: 'silence', reason } as StunAnswer
}

describe('a Binding request', () => {
  it.each([ALICE, BOB])('T15 is told where it came from: $address', (source) => {
    const message = answered(ask(encodeMessage(REQUEST), source))
    expect(message).toMatchObject({ class: 'success', method: 1, hasFingerprint: false })
    expect(message.transactionId).toEqual(REQUEST.transactionId)
    expect(message.attributes).toEqual([{ type: 'xor-mapped-address', value: source }])
  })

  it('T15 is answered without credentials, though it brought some', () => {
    const message = answered(ask(SAMPLE_REQUEST))
    expect(message.class).toBe('success')
    expect(message.attributes).toHaveLength(1)
    expect(message.integrity).toEqual([])
    const integrity = { key: fromText('k'), hmac: NODE_HMAC, algorithms: ['sha256'] } as const
    expect(answered(ask(encodeMessage(REQUEST, { integrity }))).class).toBe('success')
  })

  it('T16 gets a FINGERPRINT back for its own', () => {
    const message = answered(ask(encodeMessage(REQUEST, { fingerprint: true })))
    expect(message.hasFingerprint).toBe(true)
    expect(ask(frame(0x00_01, [[0x80_28, new Uint8Array(4)]]))).toEqual(
      silence('wrong-fingerprint'),
    )
  })

  it('T17 with unknown required attributes is refused by 420, each listed once', () => {
    const empty = new Uint8Array()
    const message = answered(
      ask(
        frame(
          0x00_01,
          [
            [0x7f_01, new Uint8Array(4)],
            [0x80_ff, empty],
            [0x7f_fe, empty],
            [0x7f_01, empty],
          ],
          true,
        ),
      ),
    )
    expect(message).toMatchObject({ class: 'error', method: 1, hasFingerprint: true })
    expect(attributeValue(message, 'error-code')).toEqual({ code: 420, reason: '' })
    expect(attributeValue(message, 'unknown-attributes')).toEqual([0x7f_01, 0x7f_fe])
  })

  it('T17 that asks for behaviour discovery is refused by 420: this server has no other address', () => {
    const attributes: StunAttribute[] = [
      { type: 'change-request', value: { changesIp: true, changesPort: true } },
      { type: 'response-port', value: 9 },
      { type: 'padding', value: new Uint8Array(1200) },
    ]
    const message = answered(ask(encodeMessage({ ...REQUEST, attributes })))
    expect(attributeValue(message, 'unknown-attributes')).toEqual([0x00_03, 0x00_27, 0x00_26])
  })

  it('T17 may carry unknown optional attributes', () => {
    expect(answered(ask(frame(0x00_01, [[0x80_ff, fromText('hello')]]))).class).toBe('success')
  })
})

describe('silence', () => {
  it.each(['indication', 'success', 'error'] as const)('T18 for a Binding %s', (stunClass) => {
    expect(ask(encodeMessage({ ...REQUEST, class: stunClass }))).toEqual(
      silence('not-a-binding-request'),
    )
  })

  it('T18 for other methods, such as TURN Allocate', () => {
    expect(ask(encodeMessage({ ...REQUEST, method: 3 }))).toEqual(silence('not-a-binding-request'))
  })

  it('T18 for its own answers: two servers never talk to each other', () => {
    const success = ask(encodeMessage(REQUEST))
    const error = ask(frame(0x00_01, [[0x00_03, new Uint8Array(4)]]))
    for (const answer of [success, error]) {
      if (answer.type === 'silence') throw new Error('no answer to send on')
      expect(ask(answer.bytes)).toEqual(silence('not-a-binding-request'))
    }
  })

  it('T18 for what is not STUN', () => {
    expect(ask(new Uint8Array())).toEqual(silence('too-short'))
    expect(ask(fromText('GET / HTTP/1.1\r\nHost: knothole\r\n\r\n'))).toEqual(silence('not-stun'))
  })

  it('T18 for a long request', () => {
    const longest = frame(0x00_01, [[0x80_ff, new Uint8Array(MAX_REQUEST_BYTES - 24)]])
    const longer = frame(0x00_01, [[0x80_ff, new Uint8Array(MAX_REQUEST_BYTES - 20)]])
    expect(ask(longest).type).toBe('reply')
    expect(ask(longer)).toEqual(silence('too-long'))
  })

  it('T18 for source port 0, to which nothing can be sent', () => {
    expect(ask(encodeMessage(REQUEST), { ...ALICE, port: 0 })).toEqual(silence('bad-source'))
  })
})

describe('amplification', () => {
  it('T19 no answer outgrows its request, whatever was asked', () => {
    // A bare request from IPv6 shows that the bound is tight.
    const bare = encodeMessage(REQUEST)
    const answer = ask(bare, BOB)
    expect(answer.type === 'reply' && answer.bytes.length - bare.length).toBe(
      MAX_ANSWER_GROWTH_BYTES,
    )
    const required = fc
      .array(fc.integer({ min: 0x70_00, max: 0x7f_ff }), { maxLength: 64 })
      .map((codes) =>
        frame(
          0x00_01,
          codes.map((code) => [code, new Uint8Array()] as const),
        ),
      )
    fc.assert(
      fc.property(fc.oneof(hostileBytes, required), anyTransportAddress, (bytes, source) => {
        const answer = ask(bytes, source)
        if (answer.type === 'silence') return true
        answered(answer)
        return answer.bytes.length <= bytes.length + MAX_ANSWER_GROWTH_BYTES
      }),
      { numRuns: 1000 },
    )
  })
})

function replies(server: StunServer, source: TransportAddress, count: number): number {
  const bytes = encodeMessage(REQUEST)
  const answers = Array.from({ length: count }, () => server.answer(bytes, source, 0))
  return answers.filter(({ type }) => type === 'reply').length
}

describe('rate limit', () => {
  it('T20 cuts a source off after its burst, and no other', () => {
    const server = createStunServer()
    expect(replies(server, ALICE, 5000)).toBe(STUN_RATE_LIMIT.burst)
    expect(server.answer(encodeMessage(REQUEST), ALICE, 0)).toEqual(silence('rate-limited'))
    expect(replies(server, BOB, 10)).toBe(10)
    expect(server.answer(encodeMessage(REQUEST), ALICE, 10).type).toBe('reply')
  })

  it('T20 does not count what gets no answer anyway', () => {
    const server = createStunServer({ burst: 1, perSecond: 1, maxSources: 10 })
    const indication = encodeMessage({ ...REQUEST, class: 'indication' })
    for (let count = 0; count < 10; count++) server.answer(indication, ALICE, 0)
    expect(replies(server, ALICE, 2)).toBe(1)
  })

  it('T21 an honest client is served while 5,000 forged sources ask', () => {
    const server = createStunServer({ burst: 2, perSecond: 1, maxSources: 100 })
    const bytes = encodeMessage(REQUEST)
    let served = 0
    for (let index = 0; index < 5000; index++) {
      const nowMs = index / 10
      const forged = `10.0.${index >> 8}.${index & 0xff}`
      server.answer(bytes, { family: 'IPv4', address: forged, port: 9 }, nowMs)
      if (index % 2500 === 0) served += replies(server, ALICE, 1)
    }
    expect(served).toBe(2)
  })
})
