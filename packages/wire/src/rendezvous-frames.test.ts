import { describe, expect, it } from 'vitest'

import { encodeCbor } from './cbor.ts'
import { closeCodeOf, refusalOf } from './close-codes.ts'
import { ALICE, BOB, CLIENT_FRAMES, SERVER_FRAMES, counting } from './golden.testing.ts'
import {
  MAX_ADDRESS_LENGTH,
  MAX_CARD_BYTES,
  MAX_CLIENT_FRAME_BYTES,
  MAX_MESSAGE_LENGTH,
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
const crowd = Array.from({ length: MAX_ROOM_PEERS }, () => ({
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
    const bytes = encodeServerFrame({ ...welcome, participants: crowd })
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
