import { describe, expect, it } from 'vitest'

import { encodeCbor } from './cbor.ts'
import { closeCodeOf, refusalOf } from './close-codes.ts'
import { ALICE, BOB, CLIENT_FRAMES, SERVER_FRAMES, counting } from './golden.testing.ts'
import {
  MAX_ADDRESS_LENGTH,
  MAX_CARDS_PER_FRAME,
  MAX_CARD_BYTES,
  MAX_CLIENT_FRAME_BYTES,
  MAX_ICE_TEXT_LENGTH,
  MAX_ICE_URLS,
  MAX_MESSAGE_LENGTH,
  MAX_RELAY_BYTES,
  MAX_ROOM_PEERS,
  MAX_SERVER_FRAME_BYTES,
  MAX_SIGNAL_BYTES,
  PROTOCOL_VERSION,
} from './limits.ts'
import {
  REFUSAL_CODES,
  decodeClientFrame,
  decodeServerFrame,
  encodeClientFrame,
  encodeServerFrame,
} from './rendezvous-frames.ts'
import type { JoinFrame, WelcomeFrame } from './rendezvous-frames.ts'

const join = CLIENT_FRAMES['joinWithOffer'] as JoinFrame
const welcome = SERVER_FRAMES['welcome'] as WelcomeFrame
const largest = new Uint8Array(MAX_SIGNAL_BYTES)
const observed = { address: 'f'.repeat(MAX_ADDRESS_LENGTH), port: 65535 }
const later = Array.from({ length: MAX_ROOM_PEERS }, () => BOB)
const crowd = Array.from({ length: MAX_CARDS_PER_FRAME }, () => ({
  peer: BOB,
  card: new Uint8Array(MAX_CARD_BYTES),
  observed,
}))

describe('client frames', () => {
  it.each(Object.entries(CLIENT_FRAMES))('W12 reads back %s', (_name, frame) => {
    expect(decodeClientFrame(encodeClientFrame(frame))).toEqual({ ok: true, value: frame })
  })

  it('W12 takes a join of the largest card and offer within the limit of a frame', () => {
    const frame = { ...join, card: new Uint8Array(MAX_CARD_BYTES), offer: largest }
    const bytes = encodeClientFrame(frame)
    expect(bytes.length).toBeLessThanOrEqual(MAX_CLIENT_FRAME_BYTES)
    expect(decodeClientFrame(bytes)).toEqual({ ok: true, value: frame })
  })

  it.each<[string, object]>([
    ['a short session key', { ...join, session: counting(31) }],
    ['a long session key', { ...join, session: counting(33) }],
    ['a short admission', { ...join, admission: counting(63) }],
    ['a long proof', { ...join, proof: counting(65) }],
    ['an empty card', { ...join, card: counting(0) }],
    ['a card too large', { ...join, card: new Uint8Array(MAX_CARD_BYTES + 1) }],
    ['an empty offer', { ...join, offer: counting(0) }],
    ['a text for bytes', { ...join, card: 'card' }],
    ['a negative version', { ...join, version: -1 }],
    ['a peer that is no id', { type: 'signal', to: 'bob', sealed: largest }],
    [
      'a signal too large',
      { type: 'signal', to: BOB, sealed: new Uint8Array(MAX_SIGNAL_BYTES + 1) },
    ],
    ['a type of the server', { type: 'pong' }],
  ])('W12 refuses %s', (_what, frame) => {
    expect(decodeClientFrame(encodeCbor(frame))).toEqual({ ok: false, fault: 'wrong-shape' })
  })
})

describe('server frames', () => {
  it.each(Object.entries(SERVER_FRAMES))('W13 reads back %s', (_name, frame) => {
    expect(decodeServerFrame(encodeServerFrame(frame))).toEqual({ ok: true, value: frame })
  })

  it('W13 takes a welcome to the fullest room within the limit of a frame', () => {
    const bytes = encodeServerFrame({ ...welcome, participants: crowd, later })
    expect(bytes.length).toBeLessThanOrEqual(MAX_SERVER_FRAME_BYTES)
    expect(decodeServerFrame(bytes).ok).toBe(true)
  })

  it.each<[string, object]>([
    [
      'one participant too many',
      { ...welcome, participants: [...crowd.map(() => crowd[0]), crowd[0]] },
    ],
    ['a participant without a card', { ...welcome, participants: [{ peer: BOB, observed }] }],
    ['participants that are no list', { ...welcome, participants: { 0: crowd[0] } }],
    ['a port too large', { ...welcome, observed: { address: '::', port: 65536 } }],
    ['an address too long', { ...welcome, observed: { address: `${observed.address}f`, port: 1 } }],
    ['a time before 1970', { ...welcome, expiresAtMs: -1 }],
    ['a short nonce', { type: 'challenge', version: 1, nonce: counting(31) }],
    ['an unknown refusal', { type: 'refused', code: 'bored', message: '' }],
    [
      'an explanation too long',
      { type: 'refused', code: 'room-full', message: 'x'.repeat(MAX_MESSAGE_LENGTH + 1) },
    ],
    ['a number for yes', { type: 'signal', from: ALICE, sealed: counting(1), toAnyone: 1 }],
    ['a type of the client', { type: 'ping' }],
  ])('W13 refuses %s', (_what, frame) => {
    expect(decodeServerFrame(encodeCbor(frame))).toEqual({ ok: false, fault: 'wrong-shape' })
  })
})

describe('relays and probes', () => {
  const iceServers = {
    urls: Array.from({ length: MAX_ICE_URLS }, () => 'u'.repeat(MAX_ICE_TEXT_LENGTH)),
    username: 'n'.repeat(MAX_ICE_TEXT_LENGTH),
    credential: 'c'.repeat(MAX_ICE_TEXT_LENGTH),
    expiresAtMs: 1,
  }

  it('W40 takes the longest list of relays beside the fullest room within the limit of a frame', () => {
    const bytes = encodeServerFrame({ ...welcome, participants: crowd, iceServers })
    expect(bytes.length).toBeLessThanOrEqual(MAX_SERVER_FRAME_BYTES)
    expect(decodeServerFrame(bytes).ok).toBe(true)
  })

  it('W41 takes the largest body within the limits of frames, both ways', () => {
    const body = new Uint8Array(MAX_RELAY_BYTES)
    const up = encodeClientFrame({ type: 'relay', to: BOB, body })
    const down = encodeServerFrame({ type: 'relay', from: BOB, body })
    expect(up.length).toBeLessThanOrEqual(MAX_CLIENT_FRAME_BYTES)
    expect(down.length).toBeLessThanOrEqual(MAX_SERVER_FRAME_BYTES)
    expect(decodeClientFrame(up).ok && decodeServerFrame(down).ok).toBe(true)
  })

  it.each<[string, object]>([
    ['one relay server too many', { ...iceServers, urls: [...iceServers.urls, 'turn:k.example'] }],
    ['a URL too long', { ...iceServers, urls: ['u'.repeat(MAX_ICE_TEXT_LENGTH + 1)] }],
    ['a credential that is no text', { ...iceServers, credential: counting(20) }],
    ['no user name', { urls: [], credential: '', expiresAtMs: 0 }],
    ['a time before 1970', { ...iceServers, expiresAtMs: -1 }],
    ['a list for one set', []],
  ])('W40 refuses %s', (_what, bad) => {
    const frames = [
      { ...welcome, iceServers: bad },
      { type: 'ice-servers', iceServers: bad },
    ]
    for (const frame of frames) {
      const decoded = decodeServerFrame(encodeCbor(frame))
      expect(decoded).toEqual({ ok: false, fault: 'wrong-shape' })
    }
  })

  it.each<[string, object]>([
    ['an empty body', { type: 'relay', to: BOB, body: counting(0) }],
    ['a body too large', { type: 'relay', to: BOB, body: new Uint8Array(MAX_RELAY_BYTES + 1) }],
    ['a receiver that is no id', { type: 'relay', to: 'bob', body: counting(1) }],
  ])('W41 refuses %s', (_what, frame) => {
    expect(decodeClientFrame(encodeCbor(frame))).toEqual({ ok: false, fault: 'wrong-shape' })
  })

  it.each<[string, object]>([
    ['a probe of no port', { type: 'probe', address: '192.0.2.7' }],
    ['a probe of a port too large', { type: 'probe', address: '192.0.2.7', port: 65536 }],
    ['a probe of an endless address', { type: 'probe', address: 'f'.repeat(65), port: 1 }],
  ])('W43 refuses %s', (_what, frame) => {
    expect(decodeClientFrame(encodeCbor(frame))).toEqual({ ok: false, fault: 'wrong-shape' })
  })

  it.each<[string, object]>([
    ['a verdict of another name', { otherAddress: 'maybe', otherPort: 'silent' }],
    ['a verdict too few', { otherAddress: 'silent' }],
    ['a verdict that is no text', { otherAddress: 'silent', otherPort: true }],
  ])('W43 refuses %s', (_what, verdicts) => {
    const frame = { type: 'probed', address: '192.0.2.7', port: 1, ...verdicts }
    expect(decodeServerFrame(encodeCbor(frame))).toEqual({ ok: false, fault: 'wrong-shape' })
  })

  it.each<[string, object]>([
    ['no receiver', { type: 'relay-full', waitMs: 1 }],
    ['a wait before now', { type: 'relay-full', to: BOB, waitMs: -1 }],
    ['a wait that is no number', { type: 'relay-full', to: BOB, waitMs: 'long' }],
  ])('W42 refuses word of a full relay with %s', (_what, frame) => {
    expect(decodeServerFrame(encodeCbor(frame))).toEqual({ ok: false, fault: 'wrong-shape' })
  })
})

describe('versions and refusals', () => {
  it('W14 a join or challenge of another version is read, so that it can be refused by name', () => {
    const other = PROTOCOL_VERSION + 1
    const challenge = { type: 'challenge', version: other, nonce: counting(32) } as const
    expect(decodeClientFrame(encodeClientFrame({ ...join, version: other })).ok).toBe(true)
    expect(decodeServerFrame(encodeServerFrame(challenge))).toEqual({ ok: true, value: challenge })
  })

  it('W15 each refusal has its own close code, which says it back', () => {
    expect(Object.fromEntries(REFUSAL_CODES.map((code) => [code, closeCodeOf(code)]))).toEqual({
      'bad-frame': 4400,
      'too-large': 4401,
      'unsupported-version': 4402,
      'join-timeout': 4403,
      'room-not-found': 4404,
      'not-admitted': 4405,
      'room-full': 4406,
      'rate-limited': 4407,
      'unknown-peer': 4408,
      replaced: 4409,
      'going-away': 4410,
    })
    for (const code of REFUSAL_CODES) expect(refusalOf(closeCodeOf(code))).toBe(code)
  })

  it.each([1000, 1006, 1009, 4399, 4411, 0, -1, Number.NaN, 4400.5, Infinity])(
    'W15 close code %d is no refusal of ours',
    (code) => {
      expect(refusalOf(code)).toBeUndefined()
    },
  )
})
