import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { TransportAddress } from '../address.ts'
import { formatTransportAddress, parseTransportAddress } from '../address.ts'
import { anyTransportAddress, frame, hostileBytes } from './stun-arbitraries.testing.ts'
import type { StunAttribute } from './stun-attributes.ts'
import type { StunBehaviourAnswer } from './stun-behaviour-server.ts'
import {
  BEHAVIOUR_RATE_LIMIT,
  MAX_BEHAVIOUR_GROWTH_BYTES,
  MAX_PLAIN_GROWTH_BYTES,
  createStunBehaviourServer,
} from './stun-behaviour-server.ts'
import type { ReceivedStunMessage } from './stun-message.ts'
import { attributeValue, decodeMessage, encodeMessage } from './stun-message.ts'
import { MAX_REQUEST_BYTES } from './stun-server.ts'

function at(text: string): TransportAddress {
  const address = parseTransportAddress(text)
  if (address === null) throw new Error(`no address: ${text}`)
  return address
}

// Two addresses by two ports for IPv4, one address with two ports for IPv6.
const SOCKETS = [
  '203.0.113.10:3478',
  '203.0.113.10:3479',
  '203.0.113.11:3478',
  '203.0.113.11:3479',
  '[2001:db8::10]:3478',
  '[2001:db8::10]:3479',
].map(at)
const ALICE = at('192.0.2.1:32853')
const BOB = at('[2001:db8::2]:5000')

function request(attributes: readonly StunAttribute[] = [], fingerprint = false): Uint8Array {
  const transactionId = new Uint8Array(12).fill(3)
  return encodeMessage({ class: 'request', method: 1, transactionId, attributes }, { fingerprint })
}

function change(changesIp: boolean, changesPort: boolean): StunAttribute {
  return { type: 'change-request', value: { changesIp, changesPort } }
}

function ask(bytes: Uint8Array, socket = 0, source = ALICE): StunBehaviourAnswer {
  return createStunBehaviourServer({ sockets: SOCKETS }).answer(bytes, { source, socket }, 0)
}

function replied(answer: StunBehaviourAnswer) {
  if (answer.type === 'silence') throw new Error(`silence: ${answer.reason}`)
  const result = decodeMessage(answer.bytes)
  if (result.type === 'refused') throw new Error(`refused: ${result.reason}`)
  return { ...answer, message: result.message, to: formatTransportAddress(answer.to) }
}

function addressIn(
  message: ReceivedStunMessage,
  type: 'response-origin' | 'other-address' | 'mapped-address',
): string | undefined {
  const address = attributeValue(message, type)
  return address && formatTransportAddress(address)
}

describe('a server with two addresses', () => {
  it('T33 tells a plain request of its other address, and no more', () => {
    const { message, socket, to } = replied(ask(request()))
    expect([socket, to]).toEqual([0, '192.0.2.1:32853'])
    expect(message.attributes).toEqual([
      { type: 'xor-mapped-address', value: ALICE },
      { type: 'other-address', value: at('203.0.113.11:3479') },
    ])
  })

  // The table of RFC 5780 section 6.1: where it came to, what was asked, where it leaves from.
  it.each([
    [0, change(false, false), 0],
    [0, change(true, false), 2],
    [0, change(false, true), 1],
    [0, change(true, true), 3],
    [3, change(true, false), 1],
    [3, change(false, true), 2],
    [3, change(true, true), 0],
  ])('T34 a request to socket %i with %o is answered from socket %i', (came, asked, leaves) => {
    const { message, socket, to } = replied(ask(request([asked]), came))
    expect([socket, to]).toEqual([leaves, '192.0.2.1:32853'])
    expect(addressIn(message, 'response-origin')).toBe(
      formatTransportAddress(SOCKETS[leaves] ?? ALICE),
    )
    expect(addressIn(message, 'other-address')).toBe(
      formatTransportAddress(SOCKETS[3 - came] ?? ALICE),
    )
    expect(addressIn(message, 'mapped-address')).toBe('192.0.2.1:32853')
  })

  it('T35 answers to the port that RESPONSE-PORT names, at the same address', () => {
    const { message, to } = replied(ask(request([{ type: 'response-port', value: 9999 }])))
    expect(to).toBe('192.0.2.1:9999')
    expect(attributeValue(message, 'xor-mapped-address')).toEqual(ALICE)
    const both = [change(true, true), { type: 'response-port', value: 9999 } as const]
    expect(replied(ask(request(both)))).toMatchObject({ socket: 3, to: '192.0.2.1:9999' })
  })

  it('T35 refuses RESPONSE-PORT 0, and with PADDING, by 400 to who asked', () => {
    const port = { type: 'response-port', value: 9999 } as const
    const padding = { type: 'padding', value: new Uint8Array(1400) } as const
    for (const attributes of [[port, padding], [{ ...port, value: 0 }]]) {
      const { message, to } = replied(ask(request(attributes)))
      expect(attributeValue(message, 'error-code')?.code).toBe(400)
      expect(to).toBe('192.0.2.1:32853')
    }
  })

  it.each([1500, 1200, 100, 3, 0])('T36 PADDING of %i bytes comes back, no longer', (length) => {
    const bytes = request([{ type: 'padding', value: new Uint8Array(length).fill(1) }])
    const { message, bytes: answer } = replied(ask(bytes))
    const padding = attributeValue(message, 'padding')
    expect(padding?.every((byte) => byte === 0)).toBe(true)
    // As long as the request, once that has room for what an answer must say.
    expect(answer.length).toBe(Math.max(bytes.length, 72))
  })

  it('T36 takes longer requests with PADDING alone', () => {
    const filler = frame(0x00_01, [[0x80_ff, new Uint8Array(MAX_REQUEST_BYTES)]])
    const longest = request([{ type: 'padding', value: new Uint8Array(2024) }])
    const longer = request([{ type: 'padding', value: new Uint8Array(2028) }])
    expect(ask(filler)).toEqual({ type: 'silence', reason: 'too-long' })
    expect(ask(longest).type).toBe('reply')
    expect(ask(longer)).toEqual({ type: 'silence', reason: 'too-long' })
  })

  it('T33 keeps to FINGERPRINT, 420 and silence as the plain server does', () => {
    expect(replied(ask(request([], true))).message.hasFingerprint).toBe(true)
    const { message } = replied(ask(frame(0x00_01, [[0x7f_01, new Uint8Array(4)]])))
    expect(attributeValue(message, 'unknown-attributes')).toEqual([0x7f_01])
    const { bytes } = replied(ask(request()))
    expect(ask(bytes)).toEqual({ type: 'silence', reason: 'not-a-binding-request' })
    expect(ask(request(), 0, { ...ALICE, port: 0 })).toEqual({
      type: 'silence',
      reason: 'bad-source',
    })
  })
})

describe('a server with one address', () => {
  it('T37 speaks of no other, and refuses CHANGE-REQUEST by 420', () => {
    const plain = replied(ask(request(), 4, BOB))
    expect(plain.message.attributes).toEqual([{ type: 'xor-mapped-address', value: BOB }])
    const { message, socket } = replied(ask(request([change(false, true)]), 4, BOB))
    expect(attributeValue(message, 'unknown-attributes')).toEqual([0x00_03])
    expect(socket).toBe(4)
  })

  it('T37 still does RESPONSE-PORT and PADDING, and says where an answer comes from', () => {
    const { message, to } = replied(ask(request([{ type: 'response-port', value: 7 }]), 5, BOB))
    expect(to).toBe('[2001:db8::2]:7')
    expect(addressIn(message, 'response-origin')).toBe('[2001:db8::10]:3479')
    expect(addressIn(message, 'other-address')).toBeUndefined()
  })

  it.each([
    ['one socket', ['203.0.113.10:3478']],
    ['two addresses with one port', ['203.0.113.10:3478', '203.0.113.11:3478']],
    ['three of the four sockets', ['203.0.113.10:3478', '203.0.113.10:3479', '203.0.113.11:3479']],
    ['the ports of another family', ['203.0.113.10:3478', '[2001:db8::10]:3479']],
    [
      'addresses it does not know',
      ['0.0.0.0:3478', '0.0.0.0:3479', '203.0.113.10:3478', '203.0.113.10:3479'],
    ],
  ])('T37 has no alternate with %s', (_what, sockets) => {
    const server = createStunBehaviourServer({ sockets: sockets.map(at) })
    expect(sockets.map((_, index) => server.hasAlternate(index))).toEqual(sockets.map(() => false))
    const answer = server.answer(request([change(true, true)]), { source: ALICE, socket: 0 }, 0)
    expect(attributeValue(replied(answer).message, 'error-code')?.code).toBe(420)
  })

  it('T37 does not give a wildcard for an origin', () => {
    const server = createStunBehaviourServer({ sockets: [at('0.0.0.0:3478')] })
    const bytes = request([{ type: 'response-port', value: 7 }])
    const { message } = replied(server.answer(bytes, { source: ALICE, socket: 0 }, 0))
    expect(message.attributes.map(({ type }) => type)).toEqual([
      'xor-mapped-address',
      'mapped-address',
    ])
  })
})

describe('amplification', () => {
  const anyBehaviour = fc
    .tuple(
      fc.subarray<StunAttribute>([
        change(true, true),
        { type: 'response-port', value: 9 },
        { type: 'padding', value: new Uint8Array(8) },
      ]),
      fc.nat(1500),
      fc.boolean(),
    )
    .map(([attributes, length, fingerprint]) =>
      request(
        attributes.map((attribute) =>
          attribute.type === 'padding'
            ? { ...attribute, value: new Uint8Array(length) }
            : attribute,
        ),
        fingerprint,
      ),
    )

  it('T38 no answer outgrows its request by more than the addresses it must hold', () => {
    const server = createStunBehaviourServer({
      sockets: [...SOCKETS, at('[2001:db8::11]:3478'), at('[2001:db8::11]:3479')],
      limits: { burst: 1e9, perSecond: 1, maxSources: 10 },
      behaviourLimits: { burst: 1e9, perSecond: 1, maxSources: 10 },
    })
    let most = 0
    fc.assert(
      fc.property(
        fc.oneof(hostileBytes, anyBehaviour),
        anyTransportAddress,
        fc.nat(7),
        (bytes, source, socket) => {
          const answer = server.answer(bytes, { source, socket }, 0)
          if (answer.type === 'silence') return
          const { message } = replied(answer)
          const isPlain = attributeValue(message, 'mapped-address') === undefined
          const growth = answer.bytes.length - bytes.length
          most = Math.max(most, growth)
          expect(growth).toBeLessThanOrEqual(
            isPlain ? MAX_PLAIN_GROWTH_BYTES : MAX_BEHAVIOUR_GROWTH_BYTES,
          )
          expect(answer.to.address).toBe(source.address)
        },
      ),
      { numRuns: 2000 },
    )
    expect(most).toBeGreaterThan(MAX_PLAIN_GROWTH_BYTES)
  })

  it('T38 an answer to PADDING of 60 bytes or more does not outgrow its request at all', () => {
    for (let length = 60; length <= 1500; length += 4) {
      const bytes = request([{ type: 'padding', value: new Uint8Array(length) }])
      expect(replied(ask(bytes)).bytes.length).toBeLessThanOrEqual(bytes.length)
    }
  })

  it('T38 discovery has a smaller budget by source; plain requests go on', () => {
    const server = createStunBehaviourServer({ sockets: SOCKETS })
    const asked = request([change(true, true)])
    const answers = Array.from({ length: 300 }, () =>
      server.answer(asked, { source: ALICE, socket: 0 }, 0),
    )
    expect(answers.filter(({ type }) => type === 'reply')).toHaveLength(BEHAVIOUR_RATE_LIMIT.burst)
    expect(server.answer(request(), { source: ALICE, socket: 0 }, 0).type).toBe('reply')
    const other = { source: at('192.0.2.9:1'), socket: 0 }
    expect(server.answer(asked, other, 0).type).toBe('reply')
    expect(server.answer(asked, { source: ALICE, socket: 0 }, 1000).type).toBe('reply')
  })

  it('T38 a source is told no more than its budget, plain or not', () => {
    const limits = { burst: 3, perSecond: 1, maxSources: 10 }
    const server = createStunBehaviourServer({ sockets: SOCKETS, limits })
    const types = Array.from(
      { length: 5 },
      () => server.answer(request(), { source: ALICE, socket: 0 }, 0).type,
    )
    expect(types).toEqual(['reply', 'reply', 'reply', 'silence', 'silence'])
  })
})
